from __future__ import annotations

from datetime import timedelta

import pytest

from hearout.cases.models import Case
from hearout.cases.models.thread import CasePost
from hearout.customers.models import Customer
from hearout.insight.trends import incidents
from hearout.insight.trends.doors import alarm_for, incident_for, watch_for
from hearout.insight.trends.models import Alarm, Series
from hearout.journal.models import Entry
from hearout.people.doors import LEADS, NotFoundHereError


@pytest.fixture
def case(cast):
    """`case(post)`: an open case of a new customer with this post."""

    def case(post, brand=None):
        brand = brand or cast.brand
        made = Case.objects.create(
            brand=brand, customer=Customer.objects.create(), opening=post, network="simulator", kind="complaint",
            how="direct", subject="x", opened_at=post.posted_at, last_post_at=post.posted_at,
        )  # fmt: skip
        CasePost.objects.create(case=made, post=post, brand=brand, posted_at=post.posted_at, ours=False)
        return made

    return case


@pytest.fixture
def alarm(cast, fill, every):
    """An alarm of all posts, and one of complaints beside it, with three posts each."""
    posts = fill(every(1, 4 / 1440), "complaint")
    common = {
        "brand": cast.brand, "began_at": cast.monday, "last_at": cast.monday + timedelta(minutes=10), "count": 3,
        "expected": 0.1, "weeks": 2.0, "severity": 2,
    }  # fmt: skip
    one = Alarm.objects.create(series=Series.objects.create(brand=cast.brand, by="brand"), **common)
    tone = Series.objects.create(brand=cast.brand, by="tone", name="complaint")
    other = Alarm.objects.create(series=tone, event=one, **common)
    one.posts.add(*posts[:3])
    other.posts.add(*posts[1:])
    one.all_posts = posts
    return one


def test_an_incident_takes_the_posts_of_the_whole_event_and_their_open_cases(cast, alarm, case):
    first, second = case(alarm.all_posts[0]), case(alarm.all_posts[3])
    made = incidents.open_incident(alarm.beside.get(), by=cast.sol, name="  The app \0 is down ")
    assert made.name == "The app is down"
    assert set(made.posts.all()) == set(alarm.all_posts)
    assert set(made.cases.all()) == {first, second}
    assert set(Alarm.objects.values_list("incident", flat=True)) == {made.pk}
    entry = Entry.objects.get(verb="incident.opened")
    assert (entry.noun_id, entry.actor_id, entry.facts["cases"]) == (made.pk, cast.sol.pk, 2)
    with pytest.raises(incidents.IncidentError, match="already"):
        incidents.open_incident(alarm, by=cast.sol, name="Again")


def test_cases_come_and_go_while_it_is_open(cast, alarm, case):
    made = incidents.open_incident(alarm, by=cast.sol, name="Down")
    late = case(alarm.all_posts[2])
    assert incidents.link_cases_of_posts(made, by=cast.sol) == 1
    assert incidents.link_cases(made, [late.pk], by=cast.sol) == 0
    incidents.unlink_case(made, late.pk, by=cast.sol)
    assert not made.cases.exists()
    elsewhere = case(alarm.all_posts[1], cast.other_brand)
    with pytest.raises(incidents.IncidentError, match="no case"):
        incidents.link_cases(made, [elsewhere.pk], by=cast.sol)


def test_it_is_noted_on_and_closed_with_an_outcome(cast, alarm, case):
    made = incidents.open_incident(alarm, by=cast.sol, name="Down")
    incidents.write_note(made, by=cast.sol, text="Called\0 the data centre")
    for nothing in ("", " \n", "\0"):
        with pytest.raises(incidents.IncidentError):
            incidents.write_note(made, by=cast.sol, text=nothing)
        with pytest.raises(incidents.IncidentError):
            incidents.close(made, by=cast.sol, outcome=nothing)
    incidents.close(made, by=cast.sol, outcome="Up again at noon")
    made.refresh_from_db()
    assert not made.is_open
    assert [one.text for one in made.notes.all()] == ["Called the data centre"]
    with pytest.raises(incidents.IncidentError, match="closed"):
        incidents.close(made, by=cast.sol, outcome="Twice")
    with pytest.raises(incidents.IncidentError, match="closed"):
        incidents.link_cases(made, [case(alarm.all_posts[0]).pk], by=cast.sol)


def test_the_doors_open_to_the_brand_alone(cast, alarm):
    made = incidents.open_incident(alarm, by=cast.sol, name="Down")
    assert alarm_for(cast.ana, alarm.pk) == alarm
    assert incident_for(cast.lin, made.pk) == made
    assert watch_for(cast.sol, cast.brand.pk, LEADS).brand == cast.brand
    for door in (
        lambda: alarm_for(cast.stranger, alarm.pk),
        lambda: incident_for(cast.stranger, made.pk),
        lambda: incident_for(cast.ana, made.pk, LEADS),
        lambda: watch_for(cast.ana, cast.brand.pk, LEADS),
        lambda: watch_for(cast.stranger, cast.brand.pk, LEADS),
    ):
        with pytest.raises(NotFoundHereError):
            door()

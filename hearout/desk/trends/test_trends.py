from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from hearout.desk.trends.told import rare
from hearout.insight.trends.models import Alarm, Hour, Incident, Series, Watch
from hearout.journal.models import Entry


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def alarm(desk, cast):
    """Twenty-two posts in ten minutes, an hour ago, and complaints beside them; three of the posts are cases."""
    at = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    series = Series.objects.create(brand=cast.brand, by="brand")
    tone = Series.objects.create(brand=cast.brand, by="tone", name="complaint")
    Watch.objects.create(
        brand=cast.brand, started_at=at - timedelta(days=9), judged_until=at + timedelta(hours=1)
    )
    Hour.objects.create(series=series, at=at, counts=[0, 10, 12, *[1] * 9], expected=[0.5] * 12)
    common = {
        "brand": cast.brand, "began_at": at + timedelta(minutes=5), "last_at": at + timedelta(minutes=15),
        "weeks": 3.0, "count": 22, "expected": 1.0,
    }  # fmt: skip
    made = Alarm.objects.create(series=series, severity=3, words=["#meltdown", "<b>app"], **common)
    Alarm.objects.create(series=tone, severity=2, event=made, **common)
    for number in range(3):
        case = desk.case(text=f"<b>the app</b> is down {number}")
        made.posts.add(case.opening)
    return made


@pytest.mark.parametrize("who", ["ana", "sol", "ada", "lin"])
def test_everybody_at_the_brand_sees_what_rose_and_why(desk, cast, alarm, who):
    client = desk.sign_in(getattr(cast, who))
    page = text_of(client.get("/trends/"))
    assert "22 posts in 10 minutes, where 1.0 were expected" in page
    assert "about once in 19 years" in page
    assert "With it: Tone: complaint." in page
    assert "#meltdown" in page
    assert "&lt;b&gt;app" in page
    assert '<svg viewBox="0 0 ' in page
    assert "&lt;svg" not in page
    assert "31 posts, where 6 were expected; 1 alarm." in page
    one = text_of(client.get(reverse("trends-alarm", args=[alarm.pk])))
    assert "&lt;b&gt;the app&lt;/b&gt; is down 2" in one
    assert ("Open incident" in one) == (who in ("sol", "ada"))


def test_an_alarm_that_was_nothing_is_said_to_be_and_counted(desk, cast, alarm):
    client = desk.sign_in(cast.sol)
    address = reverse("trends-false", args=[alarm.pk])
    client.post(address)
    assert "1 event, 1 said to be nothing" in text_of(client.get("/trends/"))
    client.post(address)
    assert "1 event, 0 said to be nothing" in text_of(client.get("/trends/"))
    assert desk.sign_in(cast.ana).post(address).status_code == 404


def test_an_incident_from_an_alarm_to_its_end(desk, cast, alarm):
    client = desk.sign_in(cast.sol)
    empty = client.post(reverse("trends-opening", args=[alarm.pk]), {"name": " "}, follow=True)
    assert "Give the incident a name" in text_of(empty)
    page = client.post(reverse("trends-opening", args=[alarm.pk]), {"name": "App <i>down"}, follow=True)
    made = Incident.objects.get()
    assert page.redirect_chain[-1][0] == reverse("trends-incident", args=[made.pk])
    assert "Cases: 3" in text_of(page)
    assert "App &lt;i&gt;down" in text_of(page)
    agent = desk.sign_in(cast.ana)
    agent.post(reverse("trends-note", args=[made.pk]), {"text": "the data centre is on fire"})
    assert "the data centre is on fire" in text_of(client.get(reverse("trends-incident", args=[made.pk])))
    assert "App &lt;i&gt;down" in text_of(client.get("/trends/"))
    client.post(reverse("trends-closing", args=[made.pk]), {"outcome": "up at noon"})
    assert "up at noon" in text_of(client.get("/trends/"))


def test_cases_are_put_to_an_incident_by_number_and_taken_off(desk, cast, alarm):
    client = desk.sign_in(cast.sol)
    client.post(reverse("trends-opening", args=[alarm.pk]), {"name": "Down"})
    made, more = Incident.objects.get(), desk.case(text="mine too")
    address = reverse("trends-cases", args=[made.pk])
    client.post(address, {"case": f"#{more.pk}"})
    assert made.cases.count() == 4
    client.post(address, {"case": str(more.pk), "do": "unlink"})
    assert made.cases.count() == 3
    assert "0 cases put to it" in text_of(client.post(address, {"do": "of-posts"}, follow=True))
    for odd in ("", "x", "9" * 40, "٣"):
        assert client.post(address, {"case": odd}, follow=True).status_code == 200
    assert made.cases.count() == 3


def test_the_setting_is_a_number_of_false_alarms_a_week(desk, cast, alarm):
    client = desk.sign_in(cast.sol)
    address = reverse("trends-setting", args=[cast.brand.pk])
    client.post(address, {"false_alarms": "0.25", "on": "on"})
    watch = Watch.objects.get()
    assert (watch.false_alarms, watch.off_at) == (0.25, None)
    assert 'value="0.25"' in text_of(client.get("/trends/"))
    for odd in ("", "0", "-1", "nan", "inf", "1e9", "x"):
        client.post(address, {"false_alarms": odd, "on": "on"})
    assert Watch.objects.get().false_alarms == 0.25
    client.post(address, {"false_alarms": "2"})
    assert Watch.objects.get().off_at
    assert "The watch is off" in text_of(client.get("/trends/"))
    assert Entry.objects.filter(verb="settings.changed", noun="watch").count() == 2
    client.post(address, {"do": "again"})
    assert Watch.objects.get().judged_until is None
    assert desk.sign_in(cast.ana).post(address, {"false_alarms": "5"}).status_code == 404


@pytest.mark.parametrize(
    "query", ["series=x", "series=99999999999999999999", "span=x", "span=month", "span=week"]
)
def test_an_odd_address_shows_the_page(desk, cast, alarm, query):
    assert desk.sign_in(cast.ana).get(f"/trends/?{query}").status_code == 200


def test_a_brand_without_posts_says_so(desk, cast):
    assert "Counting begins with the first post" in text_of(desk.sign_in(cast.ana).get("/trends/"))


def test_how_rare_something_is_told_in_words():
    said = {
        -1: "about 10 times a week",
        0: "about once a week",
        1: "about once in 10 weeks",
        3: "about once in 19 years",
    }
    assert {power: rare(power) for power in said} == said
    assert rare(300) == "less than once in a thousand years"


def test_an_alarm_counts_on_every_page_until_somebody_says_what_it_is(desk, cast, alarm):
    client, told = desk.sign_in(cast.sol), '1<span class="hidden-text"> alarm</span>'
    assert told in client.get("/inbox/all/").content.decode()
    assert told in client.get(reverse("queues")).content.decode()
    assert told not in desk.sign_in(cast.stranger).get("/inbox/all/").content.decode()
    client.post(reverse("trends-false", args=[alarm.pk]))
    assert told not in client.get("/inbox/all/").content.decode()

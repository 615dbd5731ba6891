"""Clocks in the database: reckoned from cases, announced once, kept by version."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.cases.opening import open_cases
from hearout.clocks import reckoning
from hearout.clocks.inbox import at_risk
from hearout.clocks.models import Clock, Hours
from hearout.clocks.reckoning import reckon
from hearout.clocks.standards import default_standards, retire, revise
from hearout.clocks.sweeping import sweep
from hearout.clocks.times import times_of
from hearout.customers.models import Author
from hearout.journal.models import Entry
from hearout.triage.models import Verdict


@pytest.fixture
def hours(cast):
    return Hours.objects.create(brand=cast.brand, name="Always", always=True)


@pytest.fixture
def standards(cast, hours):
    return {standard.name: standard for standard in default_standards(cast.brand, hours)}


def run():
    while open_cases(300, now()) + reckon(300, now()):
        pass


def clocks():
    fields = ("measure", "started_at", "due_at", "at_risk_at", "paused_at", "stopped_at")
    return list(Clock.objects.order_by("measure", "started_at").values_list(*fields))


def test_a_case_gets_its_clocks_and_an_answer_stops_the_first(town, cast, standards):
    asked = town.says(cast.mira, 0)
    run()
    assert clocks() == [
        ("first_response", town.at(0), town.at(60), town.at(45), None, None),
        ("resolution", town.at(0), town.at(1440), town.at(1080), None, None),
    ]
    town.we_say(10, asked.post)
    run()
    first, whole = Clock.objects.order_by("measure")
    assert (first.stopped_at, first.customer_seconds, first.staffed_seconds) == (town.at(10), 600, 600)
    assert (whole.paused_at, whole.due_at, whole.stopped_at) == (town.at(10), None, None)
    assert not Case.objects.exclude(clocks_due_at=None).exists()


def test_reckoning_twice_changes_nothing(town, cast, standards):
    asked = town.says(cast.mira, 0)
    town.we_say(10, asked.post)
    town.says(cast.mira, 90, to=asked.post)
    run()
    before = list(Clock.objects.order_by("id").values())
    Case.objects.update(clocks_due_at=now())
    assert reckon(300, now()) == 1
    assert list(Clock.objects.order_by("id").values()) == before
    assert len(before) == 3


def test_a_clock_without_a_cause_goes_unless_it_was_announced(town, cast, standards):
    posts = [town.says(author, 0) for author in (cast.mira, cast.tom)]
    run()
    Case.objects.filter(opening=posts[1].post).update(clocks_due_at=None)
    announced = Clock.objects.get(case__opening=posts[1].post, measure="first_response")
    Clock.objects.filter(pk=announced.pk).update(warned_at=town.at(45), breached_at=town.at(61))
    for said in posts:
        said.post.deleted_at = town.at(1)
        said.post.save()
    Verdict.objects.update(due_at=now())
    run()
    kept = Clock.objects.get(measure="first_response")
    assert (kept.pk, kept.stopped_at) == (announced.pk, town.at(61))


def test_a_new_priority_moves_running_clocks_and_leaves_stopped_ones(town, cast, standards, hours):
    urgent = [
        standards["First response"], standards["Next response"],
    ]  # fmt: skip
    for standard in urgent:
        standard.pk, standard._state.adding = None, True
        standard.priority, standard.target_seconds = 3, 60
        standard.save()
    asked = town.says(cast.mira, 0)
    town.we_say(10, asked.post)
    town.says(cast.mira, 20, to=asked.post)
    run()
    Case.objects.get().prioritise(by=cast.sol, priority=3)
    run()
    due = {clock.measure: clock.due_at for clock in Clock.objects.all()}
    assert (due["first_response"], due["next_response"]) == (town.at(60), town.at(21))


def test_one_case_that_cannot_be_reckoned_does_not_hold_up_the_others(town, cast, standards, monkeypatch):
    for author in (cast.mira, cast.tom):
        town.says(author, 0)
    open_cases(300, now())
    poor, fine = Case.objects.order_by("id")
    true_reckon, tried = reckoning.facts.reckon, []

    def stumbling(*given):
        tried.append(given)
        if len(tried) == 1:
            raise ZeroDivisionError
        return true_reckon(*given)

    monkeypatch.setattr(reckoning.facts, "reckon", stumbling)
    reckon(300, now())
    poor.refresh_from_db()
    assert {clock.case for clock in Clock.objects.all()} == {fine}
    assert poor.clocks_due_at > now()


def test_a_hundred_cases_cost_as_many_statements_as_one(town, cast, standards, django_assert_num_queries):
    for number in range(40):
        author = Author.objects.create(network="simulator", external_id=f"a{number}", handle=f"a{number}")
        town.says(author, number)
    open_cases(300, now())
    reckon(1, now())
    with django_assert_num_queries(10):  # with the savepoint of the test
        assert reckon(300, now()) == 39


def breached(town, cast, minutes=61):
    town.says(cast.mira, 0, priority=1)
    run()
    return sweep(300, town.at(minutes))


def verbs():
    return list(
        Entry.objects.filter(verb__startswith="clock.").order_by("id").values_list("verb", "facts__measure")
    )


def test_a_promise_is_warned_of_and_broken_once_each(town, cast, standards):
    town.says(cast.mira, 0)
    run()
    assert [sweep(300, town.at(minute)) for minute in (44, 45, 46, 60, 61, 62)] == [0, 1, 0, 0, 1, 0]
    assert verbs() == [("clock.warned", "first_response"), ("clock.breached", "first_response")]
    first = Clock.objects.get(measure="first_response")
    assert (first.warned_at, first.breached_at) == (town.at(45), town.at(61))


def test_what_is_broken_already_is_not_warned_of(town, cast, standards):
    assert breached(town, cast) == 1
    assert verbs() == [("clock.breached", "first_response")]


def test_an_answer_that_is_there_but_not_reckoned_yet_stops_the_announcing(town, cast, standards):
    asked = town.says(cast.mira, 0)
    run()
    town.we_say(59, asked.post)
    open_cases(300, now())
    assert sweep(300, town.at(61)) == 0
    run()
    assert sweep(300, town.at(61)) == 0


def test_a_paused_clock_is_not_warned_of(town, cast, standards):
    asked = town.says(cast.mira, 0)
    town.we_say(1100, asked.post)
    run()
    sweep(300, town.at(1200))
    assert verbs() == []


def test_a_broken_promise_raises_the_priority_and_goes_to_the_team_for_it(town, cast, standards):
    standards["First response"].escalate_to = cast.praise
    standards["First response"].save()
    breached(town, cast)
    case = Case.objects.get()
    assert (case.priority, case.team) == (2, cast.praise)
    assert Entry.objects.get(verb="clock.breached").facts["escalated_to"] == cast.praise.pk
    Case.objects.update(priority=3, clocks_due_at=None)
    sweep(300, town.at(1441))
    assert Case.objects.get().priority == 3


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_announce_a_breach_once(town, cast, standards):
    for author in (cast.mira, cast.tom, cast.priya):
        town.says(author, 0)
    run()
    start, announced = Barrier(2), []

    def work():
        try:
            start.wait()
            announced.append(sweep(300, town.at(61)))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweep(300, town.at(61))
    assert sum(announced) <= 3
    assert Entry.objects.filter(verb="clock.breached").count() == 3


def test_cases_at_risk_are_found(town, cast, standards):
    town.says(cast.mira, 0)
    run()
    found = [at_risk(Case.objects.all(), town.at(minute)).count() for minute in (44, 45, 61, 5000)]
    assert found == [0, 1, 1, 1]


def test_a_changed_promise_is_a_new_version_and_running_clocks_keep_the_old(town, cast, standards):
    town.says(cast.mira, 0)
    run()
    new = revise(standards["First response"], by=cast.ada, target_seconds=600)
    assert (new.version, new.replaces, new.target_seconds) == (2, standards["First response"], 600)
    Case.objects.update(clocks_due_at=now())
    run()
    assert Clock.objects.get(measure="first_response").due_at == town.at(60)
    later = (now() - cast.monday).total_seconds() / 60 + 5
    town.says(cast.tom, later)
    run()
    newest = Clock.objects.filter(measure="first_response").latest("started_at")
    assert newest.due_at == town.at(later + 10)
    retire(new, by=cast.ada)
    assert Entry.objects.filter(verb="settings.changed").count() == 2


def test_who_changes_an_old_version_is_told(cast, standards):
    from hearout.clocks.errors import StandardError

    old = standards["Resolution"]
    revise(old, by=cast.ada, target_seconds=60)
    with pytest.raises(StandardError, match="meanwhile"):
        revise(old, by=cast.ada, target_seconds=90)
    with pytest.raises(StandardError, match="meanwhile"):
        retire(old, by=cast.ada)


@pytest.mark.parametrize(
    "changes", [{"target_seconds": 0}, {"warn_share": 1.5}, {"name": " "}, {"team": "rail"}, {"hours": None}]
)
def test_a_promise_must_make_sense(cast, standards, changes):
    from hearout.clocks.errors import StandardError
    from hearout.people.models import Team

    if "team" in changes:
        changes = {"team": Team.objects.create(brand=cast.other_brand, name="Rail")}
    with pytest.raises(StandardError):
        revise(standards["Resolution"], by=cast.ada, **changes)
    standards["Resolution"].refresh_from_db()
    assert standards["Resolution"].retired_at is None


def test_new_hours_move_running_clocks(town, cast, standards, hours):
    from datetime import time

    from hearout.clocks.calendars import rearranged
    from hearout.clocks.models import Shift

    town.says(cast.mira, 0)
    run()
    hours.always = False
    hours.save()
    Shift.objects.create(hours=hours, weekday=0, starts=time(10, 30), ends=time(0))
    rearranged(hours, by=cast.ada)
    run()
    clock = Clock.objects.get(measure="first_response")
    assert clock.due_at == town.at(90)
    assert times_of(clock, town.at(50)) == (3000, 1200)
    assert times_of(clock, town.at(100)) == (6000, 4200)


def test_both_times_of_a_clock_are_known(town, cast, standards):
    asked = town.says(cast.mira, 0)
    town.we_say(10, asked.post)
    town.says(cast.mira, 40, to=asked.post)
    run()
    first, later, whole = Clock.objects.order_by("measure", "started_at")
    assert times_of(first, town.at(50)) == (600, 600)
    assert (later.measure, times_of(later, town.at(50))) == ("next_response", (600, 600))
    assert times_of(whole, town.at(50)) == (3000, 1200)


def test_public_holidays_close_the_desk(cast):
    from datetime import time

    from hearout.clocks.calendars import calendar_of
    from hearout.clocks.models import DayOverride, Shift

    hours = Hours.objects.create(brand=cast.brand, name="Desk", timezone="Europe/Lisbon", country="PT")
    for weekday in range(7):
        Shift.objects.create(hours=hours, weekday=weekday, starts=time(9), ends=time(17))
    liberty_day = cast.monday.replace(month=4, day=25, hour=12)
    assert not calendar_of(hours).is_open(liberty_day)
    assert calendar_of(hours).is_open(liberty_day + timedelta(days=1))
    DayOverride.objects.create(hours=hours, date=liberty_day.date(), starts=time(10), ends=time(14))
    DayOverride.objects.create(hours=hours, date=liberty_day.date() + timedelta(days=1))
    assert calendar_of(hours).is_open(liberty_day)
    assert not calendar_of(hours).is_open(liberty_day + timedelta(days=1))
    hours.country = "??"
    assert calendar_of(hours).is_open(liberty_day + timedelta(days=2))

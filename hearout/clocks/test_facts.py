"""Clocks worked out by hand. All on Monday 2 March 2026 unless said otherwise, in UTC."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from hearout.clocks.facts import Matter, Promise, reckon
from hearout.clocks.state import State, state
from hearout.lib.calendar import Calendar

WORKDAY = Calendar("UTC", {key: [(540, 1020)] for key in range(5)})  # 9 to 17
CALENDARS = {1: Calendar.always(), 2: WORKDAY}


def at(text, day=2):
    hour, minute = text.split(":")
    return datetime(2026, 3, day, int(hour), int(minute), tzinfo=UTC)


def matter(opened_at, **more):
    return Matter(
        **{"opened_at": opened_at, "kind": "question", "network": "x", "priority": 1, "team": None, **more}
    )


def promises(hours=1, first=3600, following=7200, whole=86400):
    targets = {"first_response": first, "next_response": following, "resolution": whole}
    return {
        measure: [Promise(number, measure, target, 0.75, hours)]
        for number, (measure, target) in enumerate(targets.items())
    }


def asks(text, day=2):
    return (at(text, day), False, False, True)


def thanks(text, day=2):
    return (at(text, day), False, False, False)


def we(text, day=2):
    return (at(text, day), True, False, False)


def robot(text, day=2):
    return (at(text, day), True, True, False)


def told(said, closed=(), **more):
    """(measure, start, due, paused, stopped, staffed minutes) in short."""
    clocks = reckon(matter(min(said)[0]), said, closed, promises(**more), CALENDARS)

    def short(moment):
        return moment and f"{moment:%d %H:%M}"[1:]

    return [
        (c.measure, short(c.started_at), short(c.due_at), short(c.paused_at), short(c.stopped_at),
         None if c.staffed_seconds is None else c.staffed_seconds / 60)
        for c in clocks
    ]  # fmt: skip


FIRST, NEXT, WHOLE = "first_response", "next_response", "resolution"


@pytest.mark.parametrize(
    ("said", "closed", "more", "clocks"),
    [
        pytest.param(
            [asks("10:00")], [], {},
            [(FIRST, "2 10:00", "2 11:00", None, None, None), (WHOLE, "2 10:00", "3 10:00", None, None, None)],
            id="a question waits",
        ),
        pytest.param(
            [asks("10:00"), asks("10:20"), robot("10:21"), we("10:40")], [], {},
            [(FIRST, "2 10:00", "2 11:00", None, "2 10:40", 40), (WHOLE, "2 10:00", None, "2 10:40", None, 40)],
            id="a burst has one clock, a robot stops none, and an answer gives the customer the word",
        ),
        pytest.param(
            [asks("10:00"), we("10:40"), we("10:41"), asks("12:00"), asks("12:30"), we("13:00")], [], {},
            [
                (FIRST, "2 10:00", "2 11:00", None, "2 10:40", 40),
                (NEXT, "2 12:00", "2 14:00", None, "2 13:00", 60),
                (WHOLE, "2 10:00", None, "2 13:00", None, 100),
            ],
            id="the next burst has a clock of its own",
        ),
        pytest.param(
            [asks("10:00"), we("10:40"), thanks("12:00")], [(at("12:30"), None)], {},
            [
                (FIRST, "2 10:00", "2 11:00", None, "2 10:40", 40),
                (WHOLE, "2 10:00", "3 11:20", None, "2 12:30", 70),
            ],
            id="thanks start no clock but end the pause",
        ),
        pytest.param(
            [asks("10:00")], [(at("10:30"), None)], {},
            [(FIRST, "2 10:00", "2 11:00", None, "2 10:30", 30), (WHOLE, "2 10:00", "3 10:00", None, "2 10:30", 30)],
            id="a closing without an answer stops both",
        ),
        pytest.param(
            [asks("10:00")], [(at("10:30"), at("15:30"))], {},
            [(FIRST, "2 10:00", "2 16:00", None, None, None), (WHOLE, "2 10:00", "3 15:00", None, None, None)],
            id="a case opened again goes on where it was",
        ),
        pytest.param(
            [asks("10:00"), we("10:00")], [], {},
            [(FIRST, "2 10:00", "2 11:00", None, "2 10:00", 0), (WHOLE, "2 10:00", None, "2 10:00", None, 0)],
            id="an answer in the same second is an answer",
        ),
        pytest.param(
            [asks("16:30")], [], {"hours": 2},
            [(FIRST, "2 16:30", "3 09:30", None, None, None), (WHOLE, "2 16:30", "5 16:30", None, None, None)],
            id="the night does not count: 24 staffed hours are three working days",
        ),
        pytest.param(
            [asks("18:00", 6), we("09:15", 9)], [], {"hours": 2},
            [(FIRST, "6 18:00", "9 10:00", None, "9 09:15", 15), (WHOLE, "6 18:00", None, "9 09:15", None, 15)],
            id="a post of Friday evening starts on Monday",
        ),
    ],
)  # fmt: skip
def test_clocks_by_hand(said, closed, more, clocks):
    assert told(said, closed, **more) == clocks


def test_our_own_time_changes_with_the_clocks_of_the_country():
    # On 29 March 2026 Lisbon goes from 01:00 to 02:00: the night shift from 22:00 to 06:00 is seven hours long.
    calendar = Calendar("Europe/Lisbon", {key: [(1320, 360)] for key in range(7)})
    said = [(datetime(2026, 3, 28, 22, 0, tzinfo=UTC), False, False, True)]
    eight_hours = promises(hours=3, first=8 * 3600)
    first, _ = reckon(matter(said[0][0]), said, [], eight_hours, {3: calendar})
    assert first.due_at == datetime(
        2026, 3, 29, 22, 0, tzinfo=UTC
    )  # one hour into the next night, 23:00 local


def test_a_holiday_does_not_count():
    from datetime import date

    calendar = Calendar(
        "UTC", {key: [(540, 1020)] for key in range(5)}, holidays=frozenset([date(2026, 3, 3)])
    )
    said = [asks("16:30")]
    first, _ = reckon(matter(said[0][0]), said, [], promises(hours=3), {3: calendar})
    assert first.due_at == at("09:30", 4)


def test_the_customers_clock_never_pauses():
    said = [asks("10:00"), we("10:40"), asks("12:00")]
    whole = reckon(matter(at("10:00")), said, [(at("12:30"), None)], promises(), CALENDARS)[-1]
    assert (whole.customer_seconds, whole.staffed_seconds) == (150 * 60, 70 * 60)


def test_without_a_promise_there_is_no_clock():
    assert reckon(matter(at("10:00")), [asks("10:00")], [], {}, CALENDARS) == []


def test_a_promise_holds_for_clocks_that_start_while_it_is_in_force():
    old = Promise(1, FIRST, 600, 0.75, 1, retired_at=at("10:00"))
    new = Promise(2, FIRST, 900, 0.75, 1, in_force_at=at("10:00"))
    for start, expected in (("09:59", 1), ("10:00", 2)):
        clocks = reckon(matter(at(start)), [asks(start)], [], {FIRST: [old, new]}, CALENDARS)
        assert [clock.standard for clock in clocks] == [expected]


def test_the_most_specific_promise_wins():
    listed = [
        Promise(1, FIRST, 60, 0.75, 1),
        Promise(2, FIRST, 600, 0.75, 1, kind="question"),
        Promise(3, FIRST, 600, 0.75, 1, priority=3),
        Promise(4, FIRST, 900, 0.75, 1, kind="question", network="x"),
        Promise(5, FIRST, 1, 0.75, 1, kind="praise", network="x"),
        Promise(6, FIRST, 500, 0.75, 1, kind="question"),
    ]
    ranked = sorted(listed, key=lambda promise: promise.rank)
    assert [promise.id for promise in ranked] == [5, 4, 3, 6, 2, 1]

    def chosen(**case):
        return next(
            promise.id for promise in ranked if promise.matches(matter(at("10:00"), **case), at("10:00"))
        )

    assert chosen() == 4
    assert chosen(network="y") == 6
    assert chosen(network="y", priority=3) == 3
    assert chosen(kind="other") == 1


def test_a_promise_about_questions_covers_requests_unless_there_is_one_for_them():
    def kept_to(*listed, kind="request", **case):
        ranked = {FIRST: sorted(listed, key=lambda promise: promise.rank)}
        clocks = reckon(matter(at("10:00"), kind=kind, **case), [asks("10:00")], [], ranked, CALENDARS)
        return [clock.standard for clock in clocks]

    whole = Promise(1, FIRST, 60, 0.75, 1)
    questions = Promise(2, FIRST, 600, 0.75, 1, kind="question", network="x")
    requests = Promise(3, FIRST, 900, 0.75, 1, kind="request")
    praise = Promise(4, FIRST, 1, 0.75, 1, kind="praise")
    urgent = Promise(5, FIRST, 900, 0.75, 1, priority=3)
    assert kept_to(whole, questions, praise) == [2]
    assert kept_to(whole, questions, praise, requests) == [3]
    assert kept_to(whole, questions, praise, requests, network="y") == [3]
    assert kept_to(whole, questions, praise, network="y") == [1]
    assert kept_to(whole, requests, kind="question") == [1]
    assert kept_to(whole, requests, urgent, priority=3) == [5]


def test_a_kept_standard_stays_with_its_clock():
    both = {FIRST: [Promise(2, FIRST, 60, 0.75, 1, priority=1), Promise(1, FIRST, 600, 0.75, 1)]}
    said = [asks("10:00")]
    clocks = reckon(matter(at("10:00")), said, [], both, CALENDARS, {(FIRST, at("10:00")): 1})
    assert [clock.standard for clock in clocks] == [1]


def test_a_clock_that_was_past_due_before_the_pause_is_past_due():
    said = [asks("10:00"), we("12:00")]
    whole = reckon(matter(at("10:00")), said, [], promises(whole=3600), CALENDARS)[-1]
    assert (whole.due_at, whole.paused_at) == (at("11:00"), at("12:00"))
    assert state(whole, at("13:00")) is State.BREACHED


@pytest.mark.parametrize(
    ("now", "said", "closed", "states"),
    [
        ("10:44", [asks("10:00")], [], [State.RUNNING, State.RUNNING]),
        ("10:45", [asks("10:00")], [], [State.AT_RISK, State.RUNNING]),
        ("11:00", [asks("10:00")], [], [State.AT_RISK, State.RUNNING]),
        ("11:01", [asks("10:00")], [], [State.BREACHED, State.RUNNING]),
        ("23:00", [asks("10:00"), we("11:00")], [], [State.MET, State.PAUSED]),
        ("23:00", [asks("10:00"), we("11:01")], [], [State.MISSED, State.PAUSED]),
        ("23:00", [asks("10:00"), we("11:01")], [(at("11:02"), None)], [State.MISSED, State.MET]),
    ],
)
def test_the_state_follows_from_facts_and_time(now, said, closed, states):
    clocks = reckon(matter(at("10:00")), said, closed, promises(), CALENDARS)
    assert [state(clock, at(now)) for clock in clocks] == states


@pytest.mark.parametrize("seed", range(200))
def test_neither_order_nor_repetition_changes_the_clocks(seed):
    rng = random.Random(seed)
    start = at("10:00")
    said = [asks("10:00")]
    for minute in rng.sample(range(1, 5000), rng.randint(0, 12)):
        ours = rng.random() < 0.4
        said.append(
            (
                start + timedelta(minutes=minute),
                ours,
                ours and rng.random() < 0.3,
                not ours and rng.random() < 0.6,
            )
        )
    moments = sorted(rng.sample(range(10, 6000), rng.choice([0, 1, 2, 3, 4])))
    moments = [start + timedelta(minutes=minute) for minute in moments]
    closed = [(a, b) for a, b in zip(moments[::2], [*moments[1::2], None], strict=False)]
    hours = rng.choice([1, 2])
    once = reckon(matter(start), said, closed, promises(hours), CALENDARS)
    kept = {(clock.measure, clock.started_at): clock.standard for clock in once}
    rng.shuffle(said)
    rng.shuffle(closed)
    assert reckon(matter(start), said, closed, promises(hours), CALENDARS, kept) == once
    answers = sorted(when for when, ours, automatic, _ in said if ours and not automatic)
    for clock in once:
        if clock.measure == FIRST and answers:
            assert clock.stopped_at == answers[0]
        if clock.stopped_at:
            by_time_used = clock.staffed_seconds > promises(hours)[clock.measure][0].target_seconds
            assert (state(clock, clock.stopped_at) is State.MISSED) == by_time_used

"""The calendar against people's expectations, and against a count of minutes one by one."""

from __future__ import annotations

import os
import random
from array import array
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearout.lib.calendar import Calendar, Pause, Shift

OFFICE: dict[int, list[Shift]] = {day: [(8 * 60, 16 * 60)] for day in range(5)}
NIGHTS: dict[int, list[Shift]] = {day: [(22 * 60, 6 * 60)] for day in range(7)}
BERLIN = ZoneInfo("Europe/Berlin")


def berlin(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=BERLIN, fold=fold)  # type: ignore[arg-type, misc]


def hours(calendar: Calendar, start: datetime, end: datetime) -> float:
    return calendar.staffed_seconds(start, end) / 3600


def test_only_office_hours_count_between_friday_and_monday() -> None:
    office = Calendar("Europe/Berlin", OFFICE)
    assert hours(office, berlin(2026, 3, 6, 15), berlin(2026, 3, 9, 9)) == 2
    assert office.add(berlin(2026, 3, 6, 15), 2 * 3600) == berlin(2026, 3, 9, 9)


def test_time_that_ends_with_the_shift_is_due_when_the_shift_ends() -> None:
    assert Calendar("Europe/Berlin", OFFICE).add(berlin(2026, 3, 6, 15), 3600) == berlin(2026, 3, 6, 16)


def test_a_night_shift_is_an_hour_shorter_when_the_clock_goes_forward_and_longer_when_back() -> None:
    nights = Calendar("Europe/Berlin", NIGHTS)
    assert hours(nights, berlin(2026, 3, 27, 12), berlin(2026, 3, 28, 12)) == 8
    assert hours(nights, berlin(2026, 3, 28, 12), berlin(2026, 3, 29, 12)) == 7
    assert hours(nights, berlin(2026, 10, 24, 12), berlin(2026, 10, 25, 12)) == 9


def test_a_time_the_clock_jumps_over_is_the_moment_of_the_jump() -> None:
    early = Calendar("Europe/Berlin", {6: [(2 * 60 + 30, 5 * 60)]})
    assert early.next_opening(berlin(2026, 3, 29, 0)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert hours(early, berlin(2026, 3, 29, 0), berlin(2026, 3, 30, 0)) == 2
    inside = Calendar("Europe/Berlin", {6: [(2 * 60 + 10, 2 * 60 + 50)]})
    assert hours(inside, berlin(2026, 3, 29, 0), berlin(2026, 3, 30, 0)) == 0


def test_of_a_time_shown_twice_the_first_counts() -> None:
    early = Calendar("Europe/Berlin", {6: [(2 * 60 + 30, 5 * 60)]})
    assert early.next_opening(berlin(2026, 10, 25, 0)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert hours(early, berlin(2026, 10, 25, 0), berlin(2026, 10, 26, 0)) == 3.5
    late = Calendar("Europe/Berlin", {6: [(0, 2 * 60 + 30)]})
    assert late.is_open(berlin(2026, 10, 25, 2, 15))
    assert not late.is_open(berlin(2026, 10, 25, 2, 15, fold=1))


def test_a_day_that_has_begun_stays_open_when_the_clock_falls_back_over_midnight() -> None:
    sundays = Calendar("America/St_Johns", {6: [(0, 60)]})  # at 00:01 the clock showed 23:01 again
    assert sundays.is_open(datetime(2010, 11, 7, 3, tzinfo=UTC))
    assert hours(sundays, datetime(2010, 11, 7, 2, tzinfo=UTC), datetime(2010, 11, 7, 3, tzinfo=UTC)) == 0.5


def test_a_day_that_a_country_skipped_has_no_time() -> None:
    apia = Calendar("Pacific/Apia", OFFICE)
    thursday = datetime(2011, 12, 29, 12, tzinfo=ZoneInfo("Pacific/Apia"))
    assert hours(apia, thursday, thursday + timedelta(days=4)) == 4 + 4
    around_the_clock = Calendar("Pacific/Apia", {day: [(0, 1440)] for day in range(7)})
    assert hours(around_the_clock, thursday, datetime(2011, 12, 31, 12, tzinfo=thursday.tzinfo)) == 24


def test_holidays_are_closed_unless_overridden_and_overrides_replace_the_weekday() -> None:
    new_year, second, third = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)
    calendar = Calendar(
        "Europe/Berlin",
        OFFICE,
        {new_year: [(600, 720)], third: [(600, 660)]},
        frozenset([new_year, second]),
    )
    opened = [hours(calendar, berlin(2026, 1, day), berlin(2026, 1, day + 1)) for day in (1, 2, 3, 4, 5)]
    assert opened == [2, 0, 1, 0, 8]


def test_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    nights = Calendar("Europe/Berlin", NIGHTS, holidays=frozenset([date(2026, 5, 1)]))
    assert nights.is_open(berlin(2026, 5, 1, 5, 59))
    assert not nights.is_open(berlin(2026, 5, 1, 23))
    assert not nights.is_open(berlin(2026, 5, 2, 3))


def test_overlapping_shifts_count_once_even_over_midnight() -> None:
    calendar = Calendar("UTC", {0: [(600, 720), (660, 780), (1380, 120)], 1: [(60, 180)]})
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    assert hours(calendar, monday, monday + timedelta(days=7)) == 3 + 1 + 3


def test_pauses_overlap_in_any_order_and_stop_the_clock() -> None:
    office = Calendar("Europe/Berlin", OFFICE)
    pauses = [
        (berlin(2026, 3, 2, 11), berlin(2026, 3, 2, 13)),
        (berlin(2026, 3, 2, 9), berlin(2026, 3, 2, 12)),
        (berlin(2026, 3, 2, 15), berlin(2026, 3, 2, 14)),
    ]
    assert office.staffed_seconds(berlin(2026, 3, 2, 8), berlin(2026, 3, 2, 16), pauses) == 4 * 3600
    assert office.due_at(berlin(2026, 3, 2, 8), 2 * 3600, pauses) == berlin(2026, 3, 2, 14)


def test_nothing_falls_due_in_a_pause_without_an_end_unless_it_was_due_before() -> None:
    office = Calendar("Europe/Berlin", OFFICE)
    waiting = [(berlin(2026, 3, 2, 10), None)]
    assert office.due_at(berlin(2026, 3, 2, 8), 2 * 3600, waiting) == berlin(2026, 3, 2, 10)
    assert office.due_at(berlin(2026, 3, 2, 8), 2 * 3600 + 1, waiting) is None
    assert office.staffed_seconds(berlin(2026, 3, 2, 8), berlin(2027, 3, 2, 8), waiting) == 2 * 3600


def test_a_calendar_that_never_opens_has_no_due_time() -> None:
    closed = Calendar("Europe/Berlin", {})
    assert closed.add(berlin(2026, 3, 2, 8), 1) is None
    assert closed.next_opening(berlin(2026, 3, 2, 8)) is None
    assert closed.staffed_seconds(berlin(2026, 3, 2, 8), berlin(2036, 3, 2, 8)) == 0


def test_always_is_plain_elapsed_time() -> None:
    start = datetime(2026, 1, 1, 7, 3, 11, 250_000, tzinfo=UTC)
    assert Calendar.always().add(start, 1234567.5) == start + timedelta(seconds=1234567.5)
    assert Calendar.always().staffed_seconds(start, start + timedelta(days=900)) == 900 * 86400


def test_absurd_times_neither_crash_nor_stall() -> None:
    office = Calendar("Pacific/Apia", OFFICE)
    least, most = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert office.staffed_seconds(least, datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert office.staffed_seconds(most, least) == 0
    assert office.add(most, 60) is not None
    assert office.next_opening(least) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Tidewing/Base", "", "../etc/passwd", "Europe", "a\0b"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        Calendar(zone, OFFICE)


@pytest.mark.parametrize("shift", [(-1, 60), (1440, 60), (0, 1441)])
def test_a_shift_outside_the_day_is_refused(shift: Shift) -> None:
    with pytest.raises(ValueError, match="a shift runs from"):
        Calendar("UTC", {0: [shift]})


def test_weekdays_naive_times_and_endless_promises_are_refused() -> None:
    with pytest.raises(ValueError, match="weekdays"):
        Calendar("UTC", {7: []})
    with pytest.raises(ValueError, match="with a zone"):
        Calendar.always().is_open(datetime(2026, 1, 1))
    for seconds in (-1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="finite"):
            Calendar.always().add(datetime(2026, 1, 1, tzinfo=UTC), seconds)


moments = st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30), timezones=st.just(UTC))


@given(
    st.lists(moments, min_size=3, max_size=3).map(sorted),
    st.floats(0, 10**6),
    st.sampled_from([OFFICE, NIGHTS]),
)
def test_time_adds_up_and_add_undoes_the_count_to_the_microsecond(
    times: list[datetime], seconds: float, shifts: dict[int, list[Shift]]
) -> None:
    calendar = Calendar("Australia/Lord_Howe", shifts)
    a, b, c = times
    parts = calendar.staffed_seconds(a, b) + calendar.staffed_seconds(b, c)
    assert parts == pytest.approx(calendar.staffed_seconds(a, c), abs=1e-6)
    due = calendar.add(a, seconds)
    assert due is not None
    assert calendar.staffed_seconds(a, due) == pytest.approx(seconds, abs=1e-6)


# Clock changes at night, at midnight, just after midnight, by half an hour, by a whole day, and none.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2018, 2, 18)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Apia", date(2021, 4, 4)),
    ("Asia/Kolkata", date(2026, 6, 1)),
]
DAYS_BEFORE, DAYS_AFTER = 20, 40
MINUTE = timedelta(minutes=1)


def first_minute(change: date) -> datetime:
    return datetime.combine(change - timedelta(days=DAYS_BEFORE), datetime.min.time(), UTC)


@lru_cache
def wall_minutes(zone: str, change: date) -> array[int]:
    """For each UTC minute, the latest local minute the wall clock had shown: it never goes back."""
    begin, tz, latest, shown = first_minute(change), ZoneInfo(zone), 0, array("q")
    for index in range((DAYS_BEFORE + DAYS_AFTER) * 1440):
        local = (begin + index * MINUTE).astimezone(tz).replace(tzinfo=None)
        latest = max(latest, (local - datetime.min) // MINUTE)
        shown.append(latest)
    return shown


def open_minutes(calendar: Calendar, change: date) -> set[int]:
    """Every local minute, counted from year 1, in which the calendar's shifts say open."""
    minutes: set[int] = set()
    for offset in range(-DAYS_BEFORE - 2, DAYS_AFTER + 2):
        day = change + timedelta(days=offset)
        midnight = (day.toordinal() - 1) * 1440
        shifts = calendar.shifts.get(day.weekday(), ())
        if day in calendar.holidays:
            shifts = ()
        for start, end in calendar.overrides.get(day, shifts):
            minutes.update(range(midnight + start, midnight + end + (1440 if end <= start else 0)))
    return minutes


def any_shifts(rng: random.Random) -> list[Shift]:
    def edge() -> int:
        return rng.choice([rng.randrange(1440), rng.randrange(0, 240), 60 * rng.randrange(24)])

    return [(edge(), rng.choice([edge(), edge(), 1440])) for _ in range(rng.choice([0, 1, 1, 2, 3]))]


def any_calendar(rng: random.Random, zone: str, change: date) -> Calendar:
    def near() -> date:
        return change + timedelta(days=rng.randint(-4, 12))

    return Calendar(
        zone,
        {day: any_shifts(rng) for day in range(7) if rng.random() < 0.8},
        {near(): any_shifts(rng) for _ in range(rng.choice([0, 0, 1, 3]))},
        frozenset(near() for _ in range(rng.choice([0, 0, 1, 3]))),
    )


def any_pauses(rng: random.Random, start: int) -> list[tuple[int, int | None]]:
    pauses: list[tuple[int, int | None]] = []
    for _ in range(rng.choice([0, 0, 1, 2, 5])):
        begin = start + rng.randint(-1000, 6000)
        pauses.append((begin, None if rng.random() < 0.1 else begin + rng.randint(-10, 3000)))
    return pauses


def differences(rng: random.Random) -> list[str]:
    """Where one random calendar and the count of minutes disagree, in words."""
    zone, change = rng.choice(CHANGES)
    calendar, begin, shown = any_calendar(rng, zone, change), first_minute(change), wall_minutes(zone, change)
    start = (DAYS_BEFORE - rng.choice([0, 1, 2, 15])) * 1440 + rng.randrange(-1440, 1440)
    end = min(start + rng.choice([90, 1440, 3000, 10_000, 45_000]) * rng.randint(0, 100) // 100, len(shown))
    pauses = any_pauses(rng, start)

    minutes, last = open_minutes(calendar, change), len(shown)
    paused = {m for a, b in pauses for m in range(a, last if b is None else b)}
    worked = [m for m in range(start, last) if shown[m] in minutes and m not in paused]
    count = sum(m < end for m in worked)
    target = rng.randint(0, rng.choice([count, len(worked)]))

    def at(minute: int) -> datetime:
        return begin + minute * MINUTE

    spans: list[Pause] = [(at(a), None if b is None else at(b)) for a, b in pauses]
    found = []
    if (got := calendar.staffed_seconds(at(start), at(end), spans)) != count * 60:
        found.append(f"staffed {got} for {count * 60}, {start}-{end} {pauses} of {calendar}")
    if worked:
        due = at(worked[target - 1] + 1 if target else worked[0])
        if (answer := calendar.due_at(at(start), target * 60, spans)) != due:
            found.append(f"due {answer} for {due}, {start}+{target} {pauses} of {calendar}")
    if not pauses and calendar.is_open(at(start)) != (start in worked[:1]):
        found.append(f"is_open differs at {at(start)} of {calendar}")
    return found


def test_random_calendars_agree_with_a_count_of_minutes() -> None:
    seed = int(os.environ.get("HEAROUT_SEED", "20260329"))
    rounds = 10_000 if os.environ.get("HEAROUT_FULL") == "1" else 1_000
    print(f"seed {seed}, {rounds} calendars")
    rng = random.Random(seed)
    found = [line for _ in range(rounds) for line in differences(rng)]
    assert not found, f"seed {seed}, {len(found)} differences, the first: {found[0]}"

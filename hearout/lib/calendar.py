"""Business hours: when a team is at work, and when a promise made in working time falls due.

A calendar says in local time when people are there; every question asked of it is about real,
elapsed time. Two rules decide what a local time means when the clocks change:

* A local time is the first moment at which the wall clock has reached it. Of an hour that is shown
  twice the first one counts; a time the clock jumps over is the moment of the jump.
* A shift is one unbroken stretch from its start to its end. 22:00 to 06:00 therefore lasts seven
  hours in the night when the clock goes forward, and nine when it goes back.

A shift belongs to the day on which it starts: a night shift that starts on the eve of a holiday
runs into the holiday, and one that would start on the holiday does not take place.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

Shift = tuple[int, int]
"""Start and end in minutes after local midnight: 0 <= start < 1440, 0 <= end <= 1440.

An end at or before the start is on the next day, so (480, 480) is 24 hours long.
"""

Pause = tuple[datetime, datetime | None]
"""Aware begin and end of a stretch that does not count; None: not over yet."""

Span = tuple[int, int]
"""A begin and an end in microseconds since 1970, the end not included."""

HORIZON_DAYS = 3653
"""How far ahead the calendar looks, in days: what is due after ten years is never due."""

DAY = 24 * 60
HORIZON = HORIZON_DAYS * DAY * 60 * 1_000_000
WEEK = 7 * DAY * 60 * 1_000_000
"""Microseconds of the stretches in which a calendar works ahead, counted from 1970."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Networks report absurd times now and then; walking from the year 1 to today would stall a stage.
EARLIEST, LATEST = 0, (datetime(2200, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND


@dataclass(frozen=True, eq=False)
class Calendar:
    """Weekly shifts in one time zone, with exceptions by date.

    `timezone`: an IANA name. `shifts`: weekday (Monday 0 to Sunday 6) to its shifts, any number, in
    any order; overlapping shifts count once. `overrides`: date to the shifts that replace those of
    its weekday (none: closed). `holidays`: dates closed unless overridden.

    Moments before 1970 count as 1970, and those after 2199 as 2200. Answers are in UTC. A calendar
    never changes and remembers the weeks it has worked out: build one per set of hours, and share it.

    Raises ValueError for an unknown time zone, weekday or minute.
    """

    timezone: str
    shifts: Mapping[int, Sequence[Shift]]
    overrides: Mapping[date, Sequence[Shift]] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    _zone: ZoneInfo = field(init=False, repr=False)
    _open_in: Callable[[int], tuple[Span, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        unknown = set(self.shifts) - set(range(7))
        if unknown:
            raise ValueError(f"weekdays run from 0 (Monday) to 6 (Sunday), not {sorted(unknown)}")
        set_once = object.__setattr__
        set_once(self, "_zone", _zone(self.timezone))
        for name in ("shifts", "overrides"):
            checked = {day: _checked(shifts) for day, shifts in getattr(self, name).items()}
            set_once(self, name, MappingProxyType(checked))
        set_once(self, "holidays", frozenset(self.holidays))
        set_once(self, "_open_in", lru_cache(maxsize=2 * HORIZON_DAYS // 7)(self._work_out))

    @classmethod
    def always(cls) -> Calendar:
        """Open around the clock: the customer's own clock."""
        return cls("UTC", dict.fromkeys(range(7), ((0, DAY),)))

    def is_open(self, at: datetime) -> bool:
        moment = _moment(at)
        return any(self._open(moment, moment + 1, ()))

    def next_opening(self, at: datetime) -> datetime | None:
        """`at` itself when open, else the next opening; None when there is none in ten years."""
        return self.due_at(at, 0)

    def staffed_seconds(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> float:
        """Real elapsed seconds from `start` to `end` inside open time and outside `pauses`.

        0.0 when the end is not after the start. Pauses may overlap, in any order. Raises ValueError
        for a time without a zone.
        """
        begin, stop = _moment(start), _moment(end)
        spans = self._open(begin, stop, _merged(_pause_spans(pauses)))
        return sum(closed - opened for opened, closed in spans) / 1_000_000

    def add(self, start: datetime, seconds: float) -> datetime | None:
        """The moment when `seconds` of open time have passed since `start`.

        A start in closed time begins at the next opening. Working time that ends with a shift is
        due when the shift ends, not at the next opening. None when the calendar does not stay open
        for that long within ten years. Raises ValueError for a negative or infinite duration.
        """
        return self.due_at(start, seconds)

    def due_at(self, start: datetime, seconds: float, pauses: Iterable[Pause] = ()) -> datetime | None:
        """As `add`, with pauses taken out. None also while a pause without an end stands in the way."""
        return self.due_times(start, (seconds,), pauses)[0]

    def due_times(
        self, start: datetime, durations: Sequence[float], pauses: Iterable[Pause] = ()
    ) -> list[datetime | None]:
        """`due_at` for several durations, the shortest first, in one walk through the calendar."""
        targets = []
        for seconds in durations:
            if not 0 <= seconds < math.inf:
                raise ValueError(f"a promise must last a finite time, zero or longer, not {durations}")
            targets.append(round(seconds * 1_000_000))
        begin = _moment(start)
        found: list[datetime | None] = []
        spent = 0
        for opened, closed in self._open(
            begin, begin + HORIZON, _merged(_pause_spans(pauses)) if pauses else ()
        ):
            while len(found) < len(targets) and targets[len(found)] - spent <= closed - opened:
                found.append(EPOCH + timedelta(0, 0, opened + targets[len(found)] - spent))
            if len(found) == len(targets):
                return found
            spent += closed - opened
        return found + [None] * (len(targets) - len(found))

    def _open(self, begin: int, stop: int, pauses: Sequence[Span]) -> Iterator[Span]:
        """The open, unpaused spans between two moments, in order."""
        if pauses and pauses[-1][1] == LATEST:
            stop = min(stop, pauses[-1][0])
        if stop <= begin:
            return
        for week in range(begin // WEEK, stop // WEEK + 1):
            for opened, closed in self._open_in(week):
                if closed <= begin:
                    continue
                if opened >= stop:
                    return
                whole = (max(opened, begin), min(closed, stop))
                yield from _without(whole, pauses) if pauses else (whole,)

    def _work_out(self, week: int) -> tuple[Span, ...]:
        """The open spans of a week, given by its number since 1970."""
        begin, stop = week * WEEK, (week + 1) * WEEK
        # Where clocks go back over midnight, a moment of the new day shows the old date again: one
        # more day at the end covers it.
        days = range(self._local_day(begin), self._local_day(stop) + 2)
        spans = _merged(span for day in days for span in self._open_on(day))
        return tuple(
            (max(opened, begin), min(closed, stop))
            for opened, closed in spans
            if opened < stop and closed > begin
        )

    def _open_on(self, day: int) -> Iterator[Span]:
        """The open spans between the midnights of a local day, given by its ordinal, in any order."""
        midnight, next_midnight = self._first_moment(day, 0), self._first_moment(day, DAY)
        for first_day in (day - 1, day):
            for start, end in self._shifts_of(date.fromordinal(first_day)):
                last_minute = end if end > start else end + DAY
                opened = max(self._first_moment(first_day, start), midnight)
                closed = min(self._first_moment(first_day, last_minute), next_midnight)
                yield opened, closed

    def _shifts_of(self, day: date) -> Sequence[Shift]:
        if day in self.overrides:
            return self.overrides[day]
        return () if day in self.holidays else self.shifts.get(day.weekday(), ())

    def _local_day(self, moment: int) -> int:
        return (EPOCH + timedelta(microseconds=moment)).astimezone(self._zone).toordinal()

    def _first_moment(self, day: int, minute: int) -> int:
        """When the wall clock first reaches that minute of the day, in microseconds since 1970."""
        wall = datetime.fromordinal(day) + timedelta(minutes=minute)
        local = wall.replace(tzinfo=self._zone)
        first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
        if first <= second:
            return (first - EPOCH) // MICROSECOND

        # The clock jumps over this time (PEP 495: fold 1 then lies before the jump, fold 0 after).
        def shown(second: int) -> datetime:
            return datetime.fromtimestamp(second, self._zone).replace(tzinfo=None)

        seconds = range(int(second.timestamp()), int(first.timestamp()))
        return seconds.start * 1_000_000 + bisect_left(seconds, wall, key=shown) * 1_000_000


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {name!r}") from error


def _checked(shifts: Iterable[Shift]) -> tuple[Shift, ...]:
    checked = tuple((start, end) for start, end in shifts)
    for start, end in checked:
        if not (0 <= start < DAY and 0 <= end <= DAY):
            raise ValueError(f"a shift runs from minute 0-1439 to minute 0-1440, not {start} to {end}")
    return checked


def _moment(at: datetime) -> int:
    if at.utcoffset() is None:
        raise ValueError(f"a calendar needs a time with a zone, not {at!r}")
    return min(max((at - EPOCH) // MICROSECOND, EARLIEST), LATEST)


def _pause_spans(pauses: Iterable[Pause]) -> Iterator[Span]:
    for begin, end in pauses:
        yield _moment(begin), LATEST if end is None else _moment(end)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same time as disjoint spans in order; empty and backward spans vanish."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _without(span: Span, pauses: Sequence[Span]) -> Iterator[Span]:
    """What is left of a span once disjoint pauses in order are cut out of it."""
    begin, end = span
    for paused, resumed in pauses:
        if resumed <= begin:
            continue
        if paused >= end:
            break
        if paused > begin:
            yield begin, paused
        begin = resumed
    if begin < end:
        yield begin, end

"""Opening hours as people write them: `07:00-13:00, 14:00-22:00`. And the week as a picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

from hearout.lib.clean import clean_text

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST = 12
DAY = 24 * 60
Span = tuple[time, time]

_SPAN = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:-|–|—|to)\s*(\d{1,2})(?:[:.h](\d{2}))?")


class ShiftError(ValueError):
    """The message says which part cannot be read, or what is wrong with it."""


def read(text: str) -> list[Span]:
    """The shifts in a text, in order; none for a blank one. Raises ShiftError.

    An end at or before the start lies on the next day; 24:00 is midnight.
    """
    parts = [part.strip() for part in re.split(r"[,;\n]+", clean_text(text, 500).strip()) if part.strip()]
    if len(parts) == 1 and parts[0].lower() in ("closed", "-", "–"):
        return []
    if len(parts) > MOST:
        raise ShiftError(f"At most {MOST} shifts a day.")
    spans = sorted(_span(part) for part in parts)
    for (_, ended), (starts, _) in pairwise(spans):
        if ended > starts or ended == time(0):
            raise ShiftError(f"The shift from {starts:%H:%M} begins before the one before it ends.")
    return spans


def written(spans: Iterable[Span]) -> str:
    return ", ".join(f"{starts:%H:%M}–{_end(ends)}" for starts, ends in spans)


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise ShiftError(f"“{part[:40]}” is no time span; write 09:00-13:00, and a comma between two.")
    return _time(found[1], found[2], part), _time(found[3], found[4], part)


def _time(hour: str, minute: str | None, part: str) -> time:
    hours, minutes = int(hour), int(minute or 0)
    if hours == 24 and minutes == 0:
        hours = 0
    if hours > 23 or minutes > 59:
        raise ShiftError(f"“{part[:40]}” has no such time of day.")
    return time(hours, minutes)


def _end(ends: time) -> str:
    return "24:00" if ends == time(0) else f"{ends:%H:%M}"


@dataclass(frozen=True)
class Bar:
    """One stretch of open time in the picture, in its units."""

    x: float
    width: float


@dataclass(frozen=True)
class PictureDay:
    name: str
    y: int
    text: str
    bars: Sequence[Bar]

    @property
    def baseline(self) -> int:
        return self.y + 13


LEFT, ROW, HOUR = 44, 24, 24
HOURS = [(LEFT + hour * HOUR, f"{hour:02}") for hour in range(0, 25, 3)]
"""Where the hours of the picture stand, and what they are called."""


def week(shifts: Iterable[tuple[int, time, time]], always: bool = False) -> list[PictureDay]:
    """The seven days of (weekday, start, end), a night shift running on into the next day."""
    listed = list(shifts)
    spans: dict[int, list[tuple[int, int]]] = {day: [(0, DAY)] if always else [] for day in range(7)}
    for day, starts, ends in listed if not always else ():
        begin, end = starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute
        if end > begin:
            spans[day].append((begin, end))
        else:
            spans[day].append((begin, DAY))
            if end:
                spans[(day + 1) % 7].append((0, end))
    texts = {day: written((s, e) for d, s, e in listed if d == day) or "closed" for day in range(7)}
    return [
        PictureDay(
            WEEKDAYS[day][:3],
            22 + day * ROW,
            "around the clock" if always else texts[day],
            [Bar(LEFT + a * HOUR / 60, (b - a) * HOUR / 60) for a, b in sorted(spans[day])],
        )
        for day in range(7)
    ]

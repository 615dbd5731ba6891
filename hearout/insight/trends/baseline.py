"""What is to be expected of a series of counts: its level, the hour of the day, the day of the week, free days.

Everything is learnt bucket by bucket from what came before, in O(1), in logarithms, with each step bounded, so
that a burst moves the expectation no more than an ordinary busy hour does.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

OFFSET = 10.0
"""Added to counts before the logarithm: below it a difference counts by its size, far above by its ratio."""
LEVEL_DAYS = 7.0
"""Half-life of the level. Shorter, and a story that grows for two days would be its own expectation."""
SEASON_DAYS = 14.0
"""About how many days a value of the hour or the weekday remembers."""
CLIP = 1.0
"""The most that one bucket may be off in logarithms when it teaches: a factor of 2.7."""
HOUR_TRUST, FREE_TRUST, WEEKDAY_TRUST = 2.0, 20.0, 20.0
"""After so many days with it a seasonal part has half its weight; before, it is mostly zero."""


@dataclass
class Part:
    """A seasonal part of the expectation: one value a class, each with how many buckets taught it."""

    values: list[float]
    taught: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, classes: int) -> Part:
        return cls([0.0] * classes, [0] * classes)

    def at(self, place: int, trust: float) -> float:
        """Its value, drawn towards zero while fewer than `trust` buckets have taught it."""
        taught = self.taught[place]
        return self.values[place] * taught / (taught + trust)

    def learn(self, place: int, off: float, memory: float) -> None:
        """Move towards `off`, as a mean over the last `memory` buckets."""
        self.taught[place] += 1
        step = max(1.0 / self.taught[place], 1.0 / memory)
        self.values[place] += step * _bounded(off - self.values[place])


@dataclass
class Baseline:
    """Expected counts of one series with `per_day` buckets a day. Its state is plain numbers (`as_state`).

    `free` says that the day is a public holiday: it is then told apart as weekends are.
    """

    per_day: float
    seen: int = 0
    level: float = 0.0
    hours: Part = field(default_factory=lambda: Part.of(24))
    free_hours: Part = field(default_factory=lambda: Part.of(48))
    weekdays: Part = field(default_factory=lambda: Part.of(7))

    def expected(self, at: datetime, free: bool = False) -> float:
        """How many are to be expected in the bucket that begins at `at` (the clock of the people who write)."""
        if not self.seen:
            return 0.0
        return max(0.0, math.exp(self.level + sum(self._season(at, free))) - OFFSET)

    def learn(self, at: datetime, value: float, free: bool = False) -> None:
        """Take in a bucket's count, after its expectation was asked for."""
        told = math.log(value + OFFSET)
        if not self.seen:
            self.level = told
        hour, kind, weekday = self._season(at, free)
        self.seen += 1
        share = 1.0 - 0.5 ** (1.0 / (LEVEL_DAYS * self.per_day))
        if self.seen < self.per_day:  # the first day finds the level as a plain mean
            share = max(share, 1.0 / (self.seen + 1))
        self.level += share * _bounded(told - self.level - hour - kind - weekday)
        off, an_hour = told - self.level, max(1.0, self.per_day / 24)
        self.hours.learn(at.hour, off - kind - weekday, an_hour * SEASON_DAYS)
        self.free_hours.learn(_kind(at, free), off - hour - weekday, an_hour * SEASON_DAYS)
        self.weekdays.learn(at.weekday(), off - hour - kind, self.per_day * SEASON_DAYS / 3.5)

    def _season(self, at: datetime, free: bool) -> tuple[float, float, float]:
        an_hour = max(1.0, self.per_day / 24)
        return (
            self.hours.at(at.hour, HOUR_TRUST * an_hour),
            self.free_hours.at(_kind(at, free), FREE_TRUST * an_hour),
            self.weekdays.at(at.weekday(), WEEKDAY_TRUST * self.per_day),
        )

    def as_state(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Baseline:
        parts = {name: Part(**state[name]) for name in ("hours", "free_hours", "weekdays")}
        return cls(state["per_day"], state["seen"], state["level"], **parts)


def _kind(at: datetime, free: bool) -> int:
    return at.hour + 24 * (free or at.weekday() >= 5)


def _bounded(off: float) -> float:
    return max(-CLIP, min(CLIP, off))


def surprise(count: float, expected: float) -> float:
    """By how much a count is over what was expected, in logarithms."""
    return math.log((count + OFFSET) / (expected + OFFSET))

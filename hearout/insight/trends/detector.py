"""Says of each bucket of a series how rare it is, as it comes, from nothing but what came before.

The setting is not a threshold but false alarms a week: a bucket alarms when, by the series' own history, so many
come by themselves no oftener than the setting allows. An event is told once: after an alarm only what is ten
times as rare is news, by a bar that sinks from there within the day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hearout.insight.trends.baseline import Baseline, surprise
from hearout.insight.trends.tail import Tail, weeks_by_chance

FALSE_ALARMS_A_WEEK = 1.0
"""For one series, where nothing else is set."""
TOGETHER = 2
"""Buckets looked at together: a story takes more than five minutes, a machine's burst often does not."""
WARM_DAYS = 0.5
"""A series younger than this alarms nobody."""
QUIET_HOURS, TOLD, GREATER = 24.0, 3.0, 1.0
"""In powers of ten: what was told counts TOLD less than the setting, unless it is GREATER; a day later all is new."""


@dataclass(frozen=True, slots=True)
class Said:
    """`expected`: counts in the bucket. `weeks`: log10 of the weeks after which the like comes again by itself.

    `news`: the same, but below the setting where the event has been told. `score`: `news` as a number in 0..1, which is
    a half for once a week. `alarm`: news that is rarer than the setting.
    """

    expected: float
    weeks: float
    news: float
    score: float
    alarm: bool


class Detector:
    """One series with buckets of `seconds`, in order and without gaps (a gap is a bucket of 0).

    `false_alarms`: how many a week are accepted. O(1) a bucket; `state` and `from_state` carry it over a restart
    as some kilobytes of JSON, and going over the series again gives the same.
    """

    def __init__(self, seconds: float = 300.0, false_alarms: float = FALSE_ALARMS_A_WEEK) -> None:
        if not seconds > 0 or not false_alarms > 0:
            raise ValueError(
                "a bucket takes more than 0 seconds, and more than 0 false alarms a week are accepted"
            )
        self.seconds, self.false_alarms = seconds, false_alarms
        per_day = 86400 / seconds
        self.baseline, self.tail = Baseline(per_day), Tail(per_day)
        self.last: list[tuple[float, float]] = []
        self.bar, self.sinks = -math.inf, 0.0

    def step(self, at: datetime, value: float, free: bool = False) -> Said:
        """Take in the bucket that begins at `at`. `free`: a public holiday. Learns from it, after judging it."""
        expected = self.baseline.expected(at, free)
        self.last = [*self.last[1 - TOGETHER :], (value, expected)]
        off = surprise(self.counted / len(self.last), self.due / len(self.last))
        by_chance = weeks_by_chance(self.counted, self.due, 7 * self.baseline.per_day)
        self.baseline.learn(at, value, free)
        said = self._said(expected, min(self.tail.weeks(off), by_chance))
        self.tail.learn(off)
        return said

    @property
    def wanted(self) -> float:
        """log10 of the weeks after which something may come again by itself to be rare enough for an alarm."""
        return -math.log10(self.false_alarms)

    @property
    def warm(self) -> bool:
        """Whether it has seen enough to alarm anybody."""
        return self.baseline.seen > WARM_DAYS * self.baseline.per_day

    @property
    def counted(self) -> float:
        """Posts in the last buckets, those looked at together."""
        return sum(value for value, _ in self.last)

    @property
    def due(self) -> float:
        """What was expected in the same buckets."""
        return sum(expected for _, expected in self.last)

    def _said(self, expected: float, weeks: float) -> Said:
        wanted = self.wanted
        self.bar -= self.sinks
        news = min(weeks, wanted) - TOLD if weeks <= self.bar else weeks
        alarm = self.warm and news >= wanted
        if alarm:
            self.bar = weeks + GREATER
            self.sinks = max(TOLD, self.bar - wanted) * self.seconds / (QUIET_HOURS * 3600)
        score = 1 / (1 + 10 ** -max(-300.0, min(300.0, news)))
        return Said(expected, weeks, news, score, alarm)

    @property
    def state(self) -> dict[str, Any]:
        bar = None if self.bar == -math.inf else self.bar
        told = {"seconds": self.seconds, "last": self.last, "bar": bar, "sinks": self.sinks}
        return told | {"baseline": self.baseline.as_state(), "tail": self.tail.as_state()}

    @classmethod
    def from_state(cls, state: dict[str, Any], false_alarms: float = FALSE_ALARMS_A_WEEK) -> Detector:
        """Go on where `state` was taken; the setting may be another by now."""
        made = cls(state["seconds"], false_alarms)
        made.baseline = Baseline.from_state(state["baseline"])
        made.tail = Tail.from_state(state["tail"])
        made.last, made.bar = (
            [(value, wanted) for value, wanted in state["last"]],
            -math.inf if state["bar"] is None else state["bar"],
        )
        return made

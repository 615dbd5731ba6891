"""Figures in words: a value with its unit, its interval and its n, ready for a template."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from hearout.desk.spoken import duration
from hearout.insight.live import Summary
from hearout.insight.results import Interval

TITLES = {
    "median": "Median of the answered",
    "p90": "90th percentile",
    "mean": "Mean",
    "everybody_median": "Everybody’s typical wait",
    "within_30_minutes": "Within 30 minutes",
    "within_60_minutes": "Within 60 minutes",
    "share": "Share",
    "oldest": "Oldest",
    "score": "Score",
    "grade": "Grade",
}
METRICS = {
    "response-rate": "Response rate",
    "first-response": "First response",
    "answered-within": "Answered within",
    "backlog-age": "Backlog age",
    "leak-rate": "Leak rate",
    "loop-closed": "Loop closed",
    "kudos": "Kudos rate",
    "moved-to-private": "Moved to private",
    "first-contact-resolution": "First-contact resolution",
    "expectation": "Expectation score",
}
BAR = 120
"""The width of a bar for 100 %, in the units of its picture."""


class Valued(Protocol):
    """A figure or a part of one: values and their intervals by name."""

    @property
    def value(self) -> dict[str, float | str | None]: ...
    @property
    def intervals(self) -> dict[str, Interval]: ...


@dataclass(frozen=True)
class Told:
    """One value. `text` is “–” when the data cannot tell; `interval` is "" without one."""

    name: str
    text: str
    interval: str = ""
    share: float | None = None
    low: float = 0.0
    high: float = 0.0

    @property
    def title(self) -> str:
        return TITLES.get(self.name, self.name.replace("_", " ").capitalize())

    @property
    def bar(self) -> str:
        return f"{(self.share or 0) * BAR:.1f}"

    @property
    def whisker(self) -> tuple[str, str]:
        return f"{self.low * BAR:.1f}", f"{self.high * BAR:.1f}"


def percent(share: float) -> str:
    text = f"{share * 100:.1f}"
    return f"{text.removesuffix('.0')}\u00a0%"


def told(result: Valued, name: str, unit: str = "") -> Told:
    """The value `name` of a result. `unit`: seconds, share, score or grade; guessed from the name when left out."""
    value, (low, high) = result.value.get(name), result.intervals.get(name) or (None, None)
    unit = unit or ("share" if name == "share" or name.startswith("within_") else "seconds")
    if value is None:
        return Told(name, "–", "not known yet" if low is None else "")
    if isinstance(value, str):
        return Told(name, value)
    if unit == "share":
        low, high = low or 0.0, 1.0 if high is None else high
        return Told(name, percent(value), f"{percent(low)} to {percent(high)}", value, low, high)
    say = duration if unit == "seconds" else lambda number: f"{number:.2f}"
    if low is None and high is None:
        return Told(name, say(value))
    return Told(
        name, say(value), _between(say(low) if low is not None else "", say(high) if high is not None else "")
    )


def _between(low: str, high: str) -> str:
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}"


@dataclass(frozen=True)
class Line:
    """One row of a split: its name, how many openings, and how they were answered."""

    name: str
    openings: int
    rate: Told
    median: Told
    everybody: Told
    within: Told


def lines(groups: Iterable[tuple[str, Summary]]) -> list[Line]:
    return [
        Line(
            name,
            one.openings,
            told(one.response_rate, "share"),
            told(one.first_response, "median"),
            told(one.first_response, "everybody_median"),
            told(one.first_response, "within_60_minutes"),
        )
        for name, one in groups
    ]


def counts(numbers: dict[str, int]) -> str:
    """`477 answered` of numerators and denominators, in words."""
    return ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in numbers.items())

"""From counted rows to values with intervals. The same for every engine, since rows are all that comes from one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, Table

from hearout.lib import wait_statistics as waiting
from hearout.lib.tally import Tally

Row = dict[str, Any]
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class Result:
    """`value` and `intervals` (95 %) by name; None where the data cannot tell. Seconds and shares are numbers."""

    n: int
    numerator: dict[str, int] = field(default_factory=dict)
    denominator: dict[str, int] = field(default_factory=dict)
    value: dict[str, float | str | None] = field(default_factory=dict)
    intervals: dict[str, Interval] = field(default_factory=dict)


def count_by(openings: Table, by: Sequence[str], **flags: BooleanValue) -> Table:
    """One row a group: `n` openings, and of how many each flag is true."""
    openings = openings.mutate(**{f"is_{name}": ibis.ifelse(flag, 1, 0) for name, flag in flags.items()})
    sums = {name: openings[f"is_{name}"].sum() for name in flags}
    return openings.aggregate(by=list(by), n=openings.count(), **sums)


def share(rows: Sequence[Row], name: str, *, of: str = "openings") -> Result:
    """The share of `n` for which the flag `name` is true, with Wilson's interval."""
    n, k = sum(row["n"] for row in rows), sum(row[name] or 0 for row in rows)
    return Result(n, {name: k}, {of: n}, {"share": k / n if n else None}, {"share": waiting.wilson(k, n)})


def waits_by(openings: Table, by: Sequence[str]) -> Table:
    """One row a group and second: `n` openings that were `answered` after, or still wait after, `wait` seconds."""
    wait = ibis.ifelse(openings.answered, openings.seconds, openings.waited)
    openings = openings.mutate(wait=wait)
    return openings.group_by([*by, "answered", "wait"]).aggregate(n=openings.count())


@dataclass(frozen=True)
class Waits:
    """In whole seconds: how long the answered waited, in order, and how long the others have been waiting."""

    answered: Sequence[float]
    unanswered: Sequence[float]

    @property
    def openings(self) -> int:
        return len(self.answered) + len(self.unanswered)

    def within(self, seconds: int) -> int:
        return bisect_right(self.answered, seconds)


def waits_of(rows: Sequence[Row]) -> Waits:
    """What the rows of `waits_by` count."""
    answered: list[tuple[float, int]] = []
    unanswered: list[tuple[float, int]] = []
    for row in rows:
        (answered if row["answered"] else unanswered).append((row["wait"], row["n"]))
    return Waits(Tally(answered), Tally(unanswered))


def centre_of(values: Sequence[float]) -> tuple[dict[str, float | str | None], dict[str, Interval]]:
    """Median, 90th percentile and mean, with their intervals; that of the mean is cut at 0, for no wait is shorter."""
    around = waiting.mean_interval(values)
    value: dict[str, float | str | None] = {
        "median": waiting.percentile(values, 50),
        "p90": waiting.percentile(values, 90),
        "mean": waiting.mean(values),
    }
    intervals: dict[str, Interval] = {
        "median": waiting.percentile_interval(values, 50),
        "p90": waiting.percentile_interval(values, 90),
        "mean": (max(0.0, around[0]), around[1]) if around else (None, None),
    }
    return value, intervals

"""The share of openings answered within 30 and within 60 minutes.

Answered within T = openings whose first response came at most T after them / all openings, also those
that never got one. Response time = network time of the first response minus that of the opening, in
whole seconds.

Interval: Wilson, 95 %. Why these two: of customers who ask on social media, 32 % expect an answer
within 30 minutes and 42 % within the hour (The Social Habit survey, 2012).
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, count_by, share

MINUTES = (30, 60)
UNITS = {f"within_{minutes}_minutes": "share" for minutes in MINUTES}


def measure(facts: Facts, by: Sequence[str]) -> Table:
    seconds = facts.openings.seconds
    flags = {f"within_{minutes}_minutes": seconds <= minutes * 60 for minutes in MINUTES}
    return count_by(facts.openings, by, **flags)


def result(rows: Sequence[Row]) -> Result:
    shares = {name: share(rows, name) for name in UNITS}
    first = next(iter(shares.values()))
    return Result(
        n=first.n,
        numerator={name: one.numerator[name] for name, one in shares.items()},
        denominator=first.denominator,
        value={name: one.value["share"] for name, one in shares.items()},
        intervals={name: one.intervals["share"] for name, one in shares.items()},
    )

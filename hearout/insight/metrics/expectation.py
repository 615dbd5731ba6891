"""How well customers' expectations of time were met, as a score between 0 and 1 and a grade.

Score = mean over openings of W: 1 when answered within 30 minutes, 0.68 within 60 minutes, 0.58 within
24 hours, 0.29 later, 0 never. Each is the share of customers who are content with such a wait: 32 %
expect 30 minutes or less, 42 % the hour (The Social Habit survey, 2012). What comes after the hour is
our assumption; an installation may set its own (HEAROUT_EXPECTATION). Grade: A from 0.9, B from 0.8,
C from 0.7, D from 0.6, else F.

Interval: Student's t for the mean of W, 95 %, cut at 0 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.conf import settings
from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Interval, Result, Row, count_by
from hearout.insight.scope import ScopeError
from hearout.lib.tally import Tally
from hearout.lib.wait_statistics import mean, mean_interval

STEPS = (
    ("within_30_minutes", 30 * 60),
    ("within_60_minutes", 60 * 60),
    ("within_24_hours", 24 * 3600),
    ("later", None),
)
SURVEYED = (1.0, 0.68)
GRADES = ((0.9, "A"), (0.8, "B"), (0.7, "C"), (0.6, "D"))
UNITS = {"score": "score", "grade": "grade"}


def measure(facts: Facts, by: Sequence[str]) -> Table:
    openings = facts.openings
    reached = {name: openings.answered if most is None else openings.seconds <= most for name, most in STEPS}
    return count_by(openings, by, **reached)


def result(rows: Sequence[Row]) -> Result:
    n = sum(row["n"] for row in rows)
    reached = [0, *(sum(row[name] or 0 for row in rows) for name, _ in STEPS)]
    counts = [after - before for before, after in pairwise(reached)]
    never = n - reached[-1]
    contents = Tally([*zip(weights(), counts, strict=True), (0.0, never)])
    score = mean(contents)
    names = [name for name, _ in STEPS]
    return Result(
        n=n,
        numerator=dict(zip([*names, "never"], [*counts, never], strict=True)),
        denominator={"openings": n},
        value={"score": score, "grade": None if score is None else grade(score)},
        intervals={"score": _bounded(mean_interval(contents))},
    )


def weights() -> tuple[float, ...]:
    """W of each of `STEPS`. Raises ScopeError when HEAROUT_EXPECTATION is not two falling numbers below the hour's."""
    given: Sequence[str] = settings.EXPECTATION
    try:
        assumed = [float(one) for one in given]
    except ValueError:
        assumed = []
    every = (*SURVEYED, *assumed)
    if len(every) != len(STEPS) or any(not 0 <= after <= before for before, after in pairwise(every)):
        raise ScopeError(
            f"HEAROUT_EXPECTATION is {','.join(given)!r}. It holds the weights of an answer within 24 hours and of a "
            f"later one, such as 0.58,0.29: the first at most {SURVEYED[-1]}, the second at most the first."
        )
    return every


def grade(score: float) -> str:
    return next((letter for least, letter in GRADES if score >= least), "F")


def _bounded(interval: tuple[float, float] | None) -> Interval:
    return (max(0.0, interval[0]), min(1.0, interval[1])) if interval else (None, None)

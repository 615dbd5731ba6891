"""The share of care that arrives at the main handle instead of the care handle.

Leak rate = openings that want an answer (so the verdict on them) and arrived at a main handle / all
openings that want an answer. Where it arrived: the handle of the brand first named in the text, failing
that the page or the account written to. A brand without a care handle leaks nearly everything.

Interval: Wilson, 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import BooleanValue, Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, count_by, share

UNITS = {"share": "share"}


def counted(openings: Table) -> tuple[BooleanValue, BooleanValue]:
    return openings.wants_answer, openings.role == "main"


def measure(facts: Facts, by: Sequence[str]) -> Table:
    of, leaked = counted(facts.openings)
    return count_by(facts.openings.filter(of), by, leaked=leaked)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "leaked", of="openings_wanting_answer")

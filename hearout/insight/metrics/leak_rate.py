"""The share of care that arrives at the main handle instead of the care handle.

Leak rate = openings that want an answer (so the verdict on them) and arrived at a main handle / all
openings that want an answer. Where it arrived: the handle of the brand first named in the text, failing
that the page or the account written to. A brand without a care handle leaks nearly everything.

Interval: Wilson, 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, count_by, share

UNITS = {"share": "share"}


def measure(facts: Facts, by: Sequence[str]) -> Table:
    wanting = facts.openings.filter(facts.openings.wants_answer)
    return count_by(wanting, by, leaked=wanting.role == "main")


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "leaked", of="openings_wanting_answer")

"""The share of openings that got an answer.

Response rate = openings answered / openings. An opening is a customer's post with no parent that
addresses the brand. It is answered when a handle of that brand wrote anywhere in its reply tree, not
earlier than the opening; automatic acknowledgements do not count.

Interval: Wilson, 95 % (E. B. Wilson, 1927). Where only openings that want an answer matter, ask for
those: much of what people say about a brand needs none.
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, count_by, share

UNITS = {"share": "share"}


def measure(facts: Facts, by: Sequence[str]) -> Table:
    return count_by(facts.openings, by, answered=facts.openings.answered)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "answered")

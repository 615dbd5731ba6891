"""The share of answered openings that ended in praise.

Kudos rate = answered openings whose opener wrote something that reads as praise within 7 days after a
post of the brand / answered openings.

Interval: Wilson, 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import BooleanValue, Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, count_by, share
from hearout.insight.threads import with_threads

UNITS = {"share": "share"}


def counted(openings: Table) -> tuple[BooleanValue, BooleanValue]:
    return openings.answered, openings.praised


def measure(facts: Facts, by: Sequence[str]) -> Table:
    openings = with_threads(facts).openings
    of, praised_after = counted(openings)
    return count_by(openings.filter(of), by, praised_after=praised_after)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "praised_after", of="openings_answered")

"""The share of answered openings whose opener said that it helped.

Loop closed = answered openings whose opener wrote thanks, or that it is solved, after a post of the
brand / answered openings. Thanks are read from the text by triage.

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
    return openings.answered, openings.thanked


def measure(facts: Facts, by: Sequence[str]) -> Table:
    openings = with_threads(facts).openings
    of, closed = counted(openings)
    return count_by(openings.filter(of), by, closed=closed)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "closed", of="openings_answered")

"""The share of answered openings that one post of the brand settled.

First-contact resolution = answered openings with exactly one post of the brand in the thread, and after
it no post of the opener that reads as a question or a complaint / answered openings. Automatic
acknowledgements are not counted as posts of the brand. A customer who leaves in silence counts as
settled, so this is an upper bound.

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
    return openings.answered, (openings.brand_posts == 1) & ~openings.asked_again


def measure(facts: Facts, by: Sequence[str]) -> Table:
    openings = with_threads(facts).openings
    of, settled = counted(openings)
    return count_by(openings.filter(of), by, settled=settled)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "settled", of="openings_answered")

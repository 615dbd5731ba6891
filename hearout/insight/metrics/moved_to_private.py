"""The share of answered openings in which the brand invites to a private channel.

Moved to private = answered openings with at least one post of the brand that speaks of a private or
direct message, "DM" or "PM", or of writing to it privately / answered openings. It is read from the
brand's words, in English, German, French, Spanish, Italian, Portuguese and Dutch; an invitation by a button alone is
not seen.

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
    return openings.answered, openings.invited


def measure(facts: Facts, by: Sequence[str]) -> Table:
    openings = with_threads(facts).openings
    of, moved_to_private = counted(openings)
    return count_by(openings.filter(of), by, moved_to_private=moved_to_private)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "moved_to_private", of="openings_answered")

"""The share of answered openings that ended in praise.

Kudos rate = answered openings whose opener wrote something that reads as praise within 7 days after a
post of the brand / answered openings.

Interval: Wilson, 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, count_by, share
from hearout.insight.threads import marked, praise_after_answer

UNITS = {"share": "share"}
WEEK = 7 * 24 * 3600


def measure(facts: Facts, by: Sequence[str]) -> Table:
    answered = facts.openings.filter(facts.openings.answered)
    answered = marked(answered, praise_after_answer(facts, WEEK), "praised")
    return count_by(answered, by, praised_after=answered.praised)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "praised_after", of="openings_answered")

"""The share of answered openings whose opener said that it helped.

Loop closed = answered openings whose opener wrote thanks, or that it is solved, after a post of the
brand / answered openings. Thanks are read from the text by triage.

Interval: Wilson, 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, count_by, share
from hearout.insight.threads import marked, said_by_opener

UNITS = {"share": "share"}


def measure(facts: Facts, by: Sequence[str]) -> Table:
    said = said_by_opener(facts)
    answered = facts.openings.filter(facts.openings.answered)
    answered = marked(answered, said.filter(said.thanks).select("opening_id"), "thanked")
    return count_by(answered, by, closed=answered.thanked)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "closed", of="openings_answered")

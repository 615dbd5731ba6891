"""The share of answered openings that one post of the brand settled.

First-contact resolution = answered openings with exactly one post of the brand in the thread, and after
it no post of the opener that reads as a question or a complaint / answered openings. Automatic
acknowledgements are not counted as posts of the brand. A customer who leaves in silence counts as
settled, so this is an upper bound.

Interval: Wilson, 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, count_by, share
from hearout.insight.threads import marked, said_by_brand, said_by_opener

UNITS = {"share": "share"}


def measure(facts: Facts, by: Sequence[str]) -> Table:
    said = said_by_brand(facts)
    posts = said.group_by("opening_id").aggregate(posts=said.count())
    asked = said_by_opener(facts)
    asked = asked.filter(asked.kind.isin(["question", "complaint"]))
    answered = facts.openings.filter(facts.openings.answered)
    answered = marked(answered, posts.filter(posts.posts == 1).select("opening_id"), "once")
    answered = marked(answered, asked.select("opening_id"), "asked_again")
    return count_by(answered, by, settled=answered.once & ~answered.asked_again)


def result(rows: Sequence[Row]) -> Result:
    return share(rows, "settled", of="openings_answered")

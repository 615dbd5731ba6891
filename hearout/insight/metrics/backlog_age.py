"""How long those have been waiting who still wait.

The openings that want an answer (so the verdict on them), have no first response, and whose case nobody
has closed. Age = now (for an archive: its last post) minus network time of the opening, in whole
seconds. median, p90 and mean of the ages; oldest: the largest.

Intervals, 95 %: median and p90 from order statistics, mean by Student's t, cut at 0. The oldest has none.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, centre_of
from hearout.insight.threads import marked
from hearout.lib.tally import Tally

UNITS = {"median": "seconds", "p90": "seconds", "mean": "seconds", "oldest": "seconds"}


def measure(facts: Facts, by: Sequence[str]) -> Table:
    wanting = facts.openings.filter(facts.openings.wants_answer)
    closed = _closed(facts)
    ours = wanting.semi_join(closed, [wanting.id == closed.post_id, wanting.brand_id == closed.brand_id])
    wanting = marked(wanting, ours.select(opening_id=ours.id), "closed")
    waits = ~wanting.answered & ~wanting.closed
    wanting = wanting.mutate(age=ibis.ifelse(waits, wanting.waited, ibis.null("int64")))
    return wanting.group_by([*by, "age"]).aggregate(n=wanting.count())


def result(rows: Sequence[Row]) -> Result:
    ages = Tally((row["age"], row["n"]) for row in rows if row["age"] is not None)
    value, intervals = centre_of(ages)
    value["oldest"] = ages[-1] if ages else None
    return Result(
        len(ages), {"waiting": len(ages)}, {"openings": sum(row["n"] for row in rows)}, value, intervals
    )


def _closed(facts: Facts) -> Table:
    cases, posts = facts.tables.cases, facts.tables.case_posts
    shut = cases.filter(cases.closure_id.notnull())
    return posts.semi_join(shut, posts.case_id == shut.id)

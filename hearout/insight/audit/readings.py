"""What openings say, and what their authors wrote after they were answered: the verdicts of an archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import ibis
from ibis.expr.types import Table

from hearout.insight.audit.crew import Result, count_of, crew, parts
from hearout.insight.audit.known import small_table
from hearout.insight.engine import Engine, Row
from hearout.understanding.readers import default_reader

VERDICTS = {
    "post_id": "int64", "brand_id": "int64", "kind": "string", "needs_answer": "boolean", "thanks": "boolean",
    "team_id": "int64",
}  # fmt: skip


def verdicts(engine: Engine, posts: Table, found: Table, progress: Callable[[float], None]) -> Table:
    """One row a text that was read, for the brand that its opening addresses."""
    from hearout.triage.ruling import SURE

    wanted = engine.keep("texts", _texts(posts, found))
    count = count_of(engine, wanted)
    read: list[Table] = []
    done = 0
    with crew(count) as do:
        for rows in parts(engine, wanted, count):
            read.append(engine.keep("verdicts", small_table(do(partial(_read, SURE), rows), VERDICTS)))
            done += len(rows)
            progress(done / count)
    return ibis.union(*read) if len(read) > 1 else read[0] if read else small_table([], VERDICTS)


def _texts(posts: Table, found: Table) -> Table:
    """id, brand_id and text of each opening that addresses a brand, and of what its author wrote after the answer."""
    tops = found.filter(found.brand_id.notnull()).select(
        "brand_id", "first_at", top_id=found.id, opener_id=found.author_id
    )
    said = posts.filter(posts.handle_id.isnull()).select("id", "root_id", "author_id", "posted_at", "text")
    said = said.join(tops, said.root_id == tops.top_id)
    opening = said.id == said.top_id
    later = (said.author_id == said.opener_id) & (said.posted_at > said.first_at)
    return said.filter(opening | later).select("id", "brand_id", "text")


def _read(sure: float, rows: Sequence[Row]) -> list[Result]:
    """An answer is wanted when the reading says so, or is not sure enough that it is not, as at the desk."""
    readings = default_reader().read([row["text"] for row in rows])
    return [
        (
            row["id"], row["brand_id"], str(reading.kind.tone),
            reading.needs_answer or reading.confidence.get("needs_answer", 0.0) < sure, reading.thanks, None,
        )
        for row, reading in zip(rows, readings, strict=True)
    ]  # fmt: skip

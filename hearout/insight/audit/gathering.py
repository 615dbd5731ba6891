# ruff: noqa: S608 - the names of tables are our own
"""Files of any format, read by the channel's readers into one table of DuckDB.

Several rows may tell one post: a later edit replaces its text, a deletion marks it, and any other repetition is a
duplicate, of which the first counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from hearout.channels.archive.reading import Archive, Rejected
from hearout.channels.base import IncomingPost, Visibility
from hearout.insight.audit.counts import ArchiveCounts, Rejects
from hearout.insight.duck import DuckEngine
from hearout.insight.tables import TIME
from hearout.lib.claiming import PoisonError
from hearout.listening.news import fit

BATCH = 10_000
SCHEMA = {
    "number": "int64", "network": "string", "external_id": "string", "parent_id": "string", "author_id": "string",
    "handle": "string", "text": "string", "by_brand": "boolean", "posted_at": TIME, "automatic": "boolean",
    "private": "boolean", "page_id": "string", "recipient_id": "string", "conversation_id": "string",
    "mentions": "string", "deleted_at": TIME, "revision": "int64",
}  # fmt: skip
VARYING = (
    "network",
    "external_id",
    "automatic",
    "private",
    "page_id",
    "recipient_id",
    "mentions",
    "deleted_at",
)
NOWHERE = -1
"""Stands for a parent that is named but not there."""

_ARROW = ibis.schema(SCHEMA).to_pyarrow()


def gather(
    engine: DuckEngine,
    paths: Sequence[Path],
    open_one: Callable[[Path], Archive],
    counts: ArchiveCounts,
    rejects: Rejects,
    progress: Callable[[float], None],
) -> Table:
    """All rows of the files as they are told. Raises ChannelError for a file that cannot be read at all."""
    name = engine.new_name("rows")
    engine.take(name, _arrow([], 0))
    number, done, size = 0, 0, sum(path.stat().st_size for path in paths) or 1
    for path in paths:
        with open_one(path) as archive:
            for batch in _batches(archive.posts()):
                posts = list(_fitting(batch, path, rejects))
                engine.take(name, _arrow(posts, number))
                number += len(posts)
                progress((done + archive.position) / size)
            counts.warnings.update(archive.warnings)
            done += archive.size
    return ibis.table(SCHEMA, name=name)


def one_each(engine: DuckEngine, rows: Table, counts: ArchiveCounts) -> Table:
    """One row a post, with numbers for `key` and `parent_key`."""
    source, told = rows.get_name(), engine.new_name("told")
    [(repeated,)] = engine.sql(REPEATED.format(rows=source)).fetchall()
    counts.duplicates += repeated
    engine.sql(f"CREATE TEMPORARY TABLE {told}_versions AS {LATEST.format(rows=source)}")
    engine.sql(f"DROP TABLE {source}")
    engine.sql(f"CREATE TEMPORARY TABLE {told} AS {LINKED.format(rows=f'{told}_versions')}")
    engine.sql(f"DROP TABLE {told}_versions")
    schema = {name: kind for name, kind in SCHEMA.items() if name not in UNNEEDED}
    return ibis.table({**schema, "key": "int64", "parent_key": "int64"}, name=told)


UNNEEDED = ("number", "parent_id", "conversation_id", "revision")

REPEATED = """
SELECT count(*) - count(DISTINCT (network, external_id, revision, deleted_at IS NULL))
FROM {rows} WHERE author_id IS NOT NULL
"""

LATEST = """
SELECT * REPLACE (gone_at AS deleted_at) FROM (
    SELECT *, min(deleted_at) OVER (PARTITION BY network, external_id) AS gone_at,
        row_number() OVER (PARTITION BY network, external_id
                           ORDER BY author_id IS NULL, deleted_at IS NOT NULL, revision DESC, number) AS place
    FROM {rows}
) WHERE place = 1 AND author_id IS NOT NULL
"""

LINKED = f"""
WITH conversations AS (
    SELECT network, conversation_id, arg_min(number, (posted_at, number)) AS first_number
    FROM {{rows}} WHERE private AND conversation_id IS NOT NULL GROUP BY ALL
)
SELECT told.* EXCLUDE (number, parent_id, conversation_id, revision, gone_at, place), told.number AS key,
    CASE WHEN told.parent_id IS NOT NULL THEN coalesce(parent.number, {NOWHERE})
         WHEN told.private AND first_number <> told.number THEN first_number END AS parent_key
FROM {{rows}} told
LEFT JOIN {{rows}} parent ON parent.network = told.network AND parent.external_id = told.parent_id
LEFT JOIN conversations c ON c.network = told.network AND c.conversation_id = told.conversation_id
"""


def _batches(rows: Iterator[IncomingPost | Rejected]) -> Iterator[list[IncomingPost | Rejected]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _fitting(
    batch: Sequence[IncomingPost | Rejected], path: Path, rejects: Rejects
) -> Iterator[IncomingPost]:
    for row in batch:
        if isinstance(row, Rejected):
            rejects.add(path, row)
            continue
        try:
            yield fit(row)
        except PoisonError as error:
            rejects.add(
                path, Rejected(0, f"{error}".capitalize() + ".", row.external_id.encode(errors="replace"))
            )


def _arrow(posts: Sequence[IncomingPost], number: int) -> pa.Table:
    rows = [_row(post, at) for at, post in enumerate(posts, number)]
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    return pa.table(
        [pa.array(column, kind.type) for column, kind in zip(columns, _ARROW, strict=True)], schema=_ARROW
    )


def _row(post: IncomingPost, number: int) -> tuple[Any, ...]:
    author = post.author
    return (
        number, post.network, post.external_id, post.parent_id or None, author and author.external_id,
        author and (author.handle or author.external_id), post.text, post.by_brand, post.posted_at, post.automatic,
        post.visibility is Visibility.PRIVATE, post.page_id, post.recipient_id, post.conversation_id,
        None if post.mentions is None else " ".join(["", *post.mentions, ""]).lower(), post.deleted_at,
        post.revision,
    )  # fmt: skip

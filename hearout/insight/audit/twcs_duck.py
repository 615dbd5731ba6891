"""TWCS files through DuckDB's own CSV reader: the same posts as the channel's reader, many times as fast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ibis
from ibis.expr.types import Table

from hearout.channels.archive.lines import LineFile
from hearout.channels.archive.twcs import NEEDED, NETWORK
from hearout.insight.duck import DuckEngine
from hearout.insight.tables import TIME

SCHEMA = {
    "key": "int64", "parent_key": "int64", "author_id": "string", "by_brand": "boolean", "text": "string",
    "posted_at": TIME,
}  # fmt: skip


class NotPlainError(Exception):
    """The file holds what only the channel's reader can judge."""


def read(engine: DuckEngine, paths: Sequence[Path]) -> tuple[Table, int]:
    """The posts, and how many rows are none."""
    name = engine.new_name("told")
    torn = 0
    for number, path in enumerate(paths):
        rejects = engine.new_name("rejects")
        begin = f"INSERT INTO {name}" if number else f"CREATE TEMPORARY TABLE {name} AS"
        engine.sql(f"{begin} {_rows(_source(path, rejects))}", [str(path)])
        torn += engine.sql(f"SELECT count(DISTINCT byte_position) FROM {rejects}").fetchall()[0][0]
    table = ibis.table(SCHEMA, name=name)
    return table.mutate(network=ibis.literal(NETWORK), handle=table.author_id), torn


def _source(path: Path, rejects: str) -> str:
    with LineFile(path) as file:
        header = next((line.text for line in file if line.text.strip()), "")
    names = [name.strip() for name in header.rstrip("\r\n").split(",")]
    if any(name not in names for name in NEEDED):
        raise NotPlainError
    columns = ", ".join(
        f"'{name if name in NEEDED else f'other_{at}'}': 'VARCHAR'" for at, name in enumerate(names)
    )
    return (
        f"read_csv(?, auto_detect = false, columns = {{{columns}}}, header = true, delim = ',', quote = '\"', "
        "escape = '\"', strict_mode = false, null_padding = false, store_rejects = true, "
        f"rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', rejects_limit = 0)"
    )


def _rows(source: str) -> str:
    parent = "in_response_to_tweet_id"
    return rf"""
        SELECT TRY_CAST(tweet_id AS BIGINT) AS key,
            TRY_CAST(CASE WHEN ends_with({parent}, '.0') THEN left({parent}, -2) ELSE {parent} END AS BIGINT) AS parent_key,
            author_id,
            CASE inbound WHEN 'False' THEN true WHEN 'True' THEN false END AS by_brand,
            CASE WHEN contains(text, '&')
                THEN replace(replace(replace(text, '&lt;', '<'), '&gt;', '>'), '&amp;', '&')
                ELSE coalesce(text, '') END AS text,
            try_strptime(created_at, '%a %b %d %H:%M:%S %z %Y') AS posted_at
        FROM {source}
    """

# ruff: noqa: S608 - names of tables are our own, and the file's path is quoted
"""TWCS files through DuckDB's own CSV reader: the same posts as the channel's reader, many times as fast.

DuckDB's reader is lenient and the channel's is strict, so nothing is taken on trust: what DuckDB refuses is read
again by the channel's reader, and when a row is not plainly right, or the bytes of the rows do not add up to those
of the file, all of it is left to the channel's reader (NotPlainError).
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import ibis
from ibis.expr.types import Table

from hearout.channels.archive.lines import Rejected
from hearout.channels.archive.twcs import NEEDED
from hearout.insight.audit.torn import Torn, TornError
from hearout.insight.duck import DuckEngine, DuckError, quoted
from hearout.insight.tables import TIME

SCHEMA = {
    "key": "int64", "parent_key": "int64", "author_id": "string", "by_brand": "boolean", "text": "string",
    "posted_at": TIME,
}  # fmt: skip

CHECKED = {**SCHEMA, "size": "int64", "plain": "boolean"}

GZIP, BOM = b"\x1f\x8b", b"\xef\xbb\xbf"
MOST = 1_000
"""Rows that DuckDB may refuse."""


class NotPlainError(Exception):
    """The files hold what only the channel's reader can judge."""


Look = Callable[[Table], Table]
"""What to make of each row as it is read: the table of all rows comes in, with the columns of SCHEMA."""


def read(engine: DuckEngine, paths: Sequence[Path], look: Look) -> tuple[Table, list[tuple[Path, Rejected]]]:
    """The posts of the files in their order, and the rows that are none. Raises NotPlainError, keeping nothing."""
    for strict in (False, True):
        name = engine.new_name("told")
        try:
            return _read(engine, [_File(path) for path in paths], name, strict, look)
        except (_UnsureError, DuckError) as error:
            engine.sql(f"DROP TABLE IF EXISTS {name}")
            if strict:
                raise NotPlainError from error
        except (TornError, NotPlainError, OSError, EOFError) as error:
            engine.sql(f"DROP TABLE IF EXISTS {name}")
            raise NotPlainError from error
    raise NotPlainError


class _UnsureError(Exception):
    """Read leniently, the rows do not add up to the file."""


class _File:
    """What must be known of a file before DuckDB reads it: whether it is packed, and its columns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            self.packed = file.read(2) == GZIP
        with gzip.open(path) if self.packed else path.open("rb") as file:
            first = file.readline(1 << 16)
        if not first.endswith(b"\n") or b'"' in first or (not first.isascii() and not first.startswith(BOM)):
            raise NotPlainError
        self.header = first
        self.end = 2 if first.endswith(b"\r\n") else 1
        names = [name.strip() for name in first.removeprefix(BOM).decode().split(",")]
        if any(names.count(name) != 1 for name in NEEDED):
            raise NotPlainError
        self.columns = [name if name in NEEDED else f"other_{at}" for at, name in enumerate(names)]

    def bytes(self) -> int:
        """Of the file unpacked, without its header, as if its last line had an end."""
        total, last = 0, b""
        if not self.packed:
            total = self.path.stat().st_size
            with self.path.open("rb") as file:
                file.seek(-1, os.SEEK_END)
                last = file.read(1)
        else:
            with gzip.open(self.path) as unpacked:
                while part := unpacked.read(1 << 20):
                    total, last = total + len(part), part[-1:]
        return total - len(self.header) + (0 if last == b"\n" else self.end)

    def source(self, rejects: str, strict: bool) -> str:
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in self.columns)
        return (
            f"read_csv({quoted(self.path)}, auto_detect = false, columns = {{{columns}}}, header = true, delim = ',', "
            f"quote = '\"', escape = '\"', strict_mode = {str(strict).lower()}, max_line_size = 1048576, "
            f"compression = '{'gzip' if self.packed else 'none'}', store_rejects = true, "
            f"rejects_table = '{rejects}', rejects_scan = '{rejects}_scan', rejects_limit = 0)"
        )


PARENT = "in_response_to_tweet_id"
PARENT_TOLD = f"CASE WHEN ends_with({PARENT}, '.0') THEN left({PARENT}, -2) ELSE {PARENT} END"

READ = f"""
    *, TRY_CAST(tweet_id AS BIGINT) AS key, {PARENT_TOLD} AS parent_told, TRY_CAST(parent_told AS BIGINT) AS parent_key,
    try_strptime(created_at, '%a %b %d %H:%M:%S %z %Y') AS posted_at
"""
"""Beside the cells of a row what they say: named, for DuckDB would reckon it anew for each use."""

POST = """
    key, parent_key, author_id, inbound = 'False' AS by_brand,
    CASE WHEN contains(text, '&') THEN replace(replace(replace(text, '&lt;', '<'), '&gt;', '>'), '&amp;', '&')
         ELSE coalesce(text, '') END AS text,
    posted_at
"""

PLAIN = f"""
    key::VARCHAR = tweet_id AND key >= 0
    AND ({PARENT} IS NULL OR (parent_key::VARCHAR = parent_told AND parent_key >= 0))
    AND NOT starts_with(author_id, ' ') AND NOT ends_with(author_id, ' ') AND inbound IN ('True', 'False')
    AND strlen(created_at) = 30 AND posted_at IS NOT NULL
    AND (text IS NULL OR (strlen(text) <= 100000 AND NOT contains(text, chr(0))))
"""
"""What the channel's reader takes without a second look."""


def _size(file: _File) -> str:
    """The bytes of a row as written with the fewest quotes, as pandas and most others do."""
    free = [name for name in file.columns if name == "text" or name not in NEEDED]
    cells = [f"coalesce(strlen({name}), 0)" for name in file.columns]
    return " + ".join([*cells, *map(_quotes, free), str(len(file.columns) - 1 + file.end)])


def _quotes(name: str) -> str:
    """How many quotes a cell needs."""
    special = " OR ".join(f"contains({name}, chr({ord(sign)}))" for sign in ',"\n\r')
    within = f"""CASE WHEN contains({name}, '"') THEN strlen({name}) - strlen(replace({name}, '"', '')) ELSE 0 END"""
    return f"CASE WHEN {special} THEN 2 + {within} ELSE 0 END"


def _read(
    engine: DuckEngine, files: Sequence[_File], name: str, strict: bool, look: Look
) -> tuple[Table, list[tuple[Path, Rejected]]]:
    rejected: list[tuple[Path, Rejected]] = []
    before, seen = 0, look(ibis.table(SCHEMA, name=name))
    for number, file in enumerate(files):
        rejects, rows = engine.new_name("rejects"), engine.new_name("rows")
        checks = f"{_size(file)} AS size, coalesce({PLAIN}, false) AS plain"
        engine.sql(
            f"CREATE TEMPORARY VIEW {rows} AS SELECT {POST}, {checks} "
            f"FROM (SELECT {READ} FROM {file.source(rejects, strict)}) cells"
        )
        seen = look(ibis.table(CHECKED, name=rows))
        begin = f"INSERT INTO {name}" if number else f"CREATE TEMPORARY TABLE {name} AS"
        engine.sql(f"{begin} {engine.compiled(seen)}")
        refused = f"SELECT DISTINCT line_byte_position - 1, strlen(csv_line) FROM {rejects} ORDER BY 1 LIMIT {MOST + 1}"
        torn = Torn(file.path, engine.sql(refused).fetchall(), file.packed)
        sums = f"SELECT coalesce(sum(size), 0), count(*) FILTER (NOT plain) FROM {name}"
        [(size, doubtful)] = engine.sql(sums).fetchall()
        missing = file.bytes() - torn.size - (size - before)
        if doubtful or (missing and not strict):
            raise _UnsureError
        rejected += [(file.path, row) for row in torn.rejected(file.header)]
        before = size
    return ibis.table(seen.schema(), name=name), rejected

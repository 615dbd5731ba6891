"""Runs expressions on DuckDB, in this process: archives of any size on one machine.

Ibis writes the SQL and DuckDB runs it; rows come back without data frames.
"""

from __future__ import annotations

import os
import tempfile
from itertools import count
from pathlib import Path
from typing import Any, Self

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType
from ibis.expr.types import Table

from hearout.insight.engine import Row

DIALECT = "duckdb"

SIDES = "build_side_probe_side"
"""Joins are written with the smaller table second; DuckDB, which guesses sizes by filters, often thinks otherwise."""


DEEP = 1_000
"""How many levels of a thread are gone down one by one."""

TOPS = """
WITH RECURSIVE posts AS ({told}), found AS (
    (SELECT key, key AS top, posted_at, false AS early, 0 AS depth
     FROM posts ANTI JOIN posts parent ON posts.parent_key = parent.key)
    UNION ALL
    SELECT posts.key, top, posts.posted_at, posts.posted_at < found.posted_at, depth + 1
    FROM found JOIN posts ON posts.parent_key = found.key WHERE depth < {deep}
)
SELECT key AS child, top, if(early, 1, 0)::TINYINT AS early FROM found
"""
"""From those whose parent is not there down to their answers. What hangs in a circle is never reached."""


class DuckError(RuntimeError):
    """DuckDB could not do it; the message says why and what would help."""


class DuckEngine:
    """A DuckDB of its own. What does not fit into `memory` spills to a temporary folder (made in `folder`).

    Use it in a `with`, or close it: the folder goes with it.
    """

    name = "duckdb"

    def __init__(self, folder: Path | None = None, memory: str = "1GB", threads: int | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hearout-audit-", dir=folder)
        self._numbers = count(1)
        self._bound: set[str] = set()
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "threads": threads or len(os.sched_getaffinity(0)),
            "temp_directory": self._folder.name,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "disabled_optimizers": SIDES,
        }
        try:
            self._duck = duckdb.connect(":memory:", config=settings)
            self._duck.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        except duckdb.Error as error:
            self._folder.cleanup()
            raise DuckError(f"DuckDB did not start: {_first_line(error)}") from error

    def run(self, *expressions: Table) -> list[list[Row]]:
        found = []
        for expression in expressions:
            result = self.sql(self.compiled(expression))
            names = [column[0] for column in result.description]
            found.append([dict(zip(names, row, strict=True)) for row in result.fetchall()])
        return found

    def keep(self, name: str, expression: Table) -> Table:
        known, schema = self.new_name(name), expression.schema()
        # DuckDB's own types may be wider than those that Ibis goes on to reckon with
        columns = ", ".join(
            f'"{column}"::{DuckDBType.to_string(kind)} AS "{column}"' for column, kind in schema.items()
        )
        self.sql(f'CREATE TEMPORARY TABLE "{known}" AS SELECT {columns} FROM ({self.compiled(expression)})')  # noqa: S608
        return ibis.table(schema, name=known)

    def tops(self, told: Table) -> Table | None:
        """None where there are circles, or threads deeper than DEEP."""
        name, posts = self.new_name("tops"), told.select("key", "parent_key", "posted_at")
        self.sql(f"CREATE TEMPORARY TABLE {name} AS {TOPS.format(told=self.compiled(posts), deep=DEEP)}")
        found = ibis.table({"child": "int64", "top": "int64", "early": "int8"}, name=name)
        there, reached = self.run(*(table.aggregate(n=table.count()) for table in (told, found)))
        if there == reached:
            return found
        self.drop(found)
        return None

    def drop(self, table: Table) -> None:
        """Frees what `keep` kept."""
        self.sql(f'DROP TABLE "{table.get_name()}"')

    def new_name(self, name: str) -> str:
        """A name that no other table has."""
        return f"{name}_{next(self._numbers)}"

    def sql(self, text: str, parameters: list[Any] | None = None) -> Any:
        """Runs DuckDB's own SQL; for what Ibis cannot say, such as reading files. Raises DuckError."""
        try:
            return self._duck.execute(text, parameters)
        except duckdb.OutOfMemoryException as error:
            raise DuckError(f"The memory does not suffice: {_first_line(error)}") from error
        except duckdb.Error as error:
            raise DuckError(f"DuckDB failed: {_first_line(error)}") from error

    def take(self, name: str, rows: pa.Table) -> None:
        """Adds rows to a temporary table, which the first call makes."""
        self._duck.register("rows_taken", rows)
        self.sql(f'CREATE TEMPORARY TABLE IF NOT EXISTS "{name}" AS SELECT * FROM rows_taken LIMIT 0')  # noqa: S608
        self.sql(f'INSERT INTO "{name}" SELECT * FROM rows_taken')  # noqa: S608
        self._duck.unregister("rows_taken")

    def write_parquet(self, table: Table, path: Path) -> None:
        """The table as a Parquet file, for an engine elsewhere."""
        self.sql(f"COPY ({self.compiled(table)}) TO {quoted(path)} (FORMAT parquet)")

    def close(self) -> None:
        self._duck.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def compiled(self, expression: Table) -> str:
        """The SQL of an expression, for a larger statement."""
        for op in expression.op().find(ops.InMemoryTable):
            if op.name not in self._bound:
                self._duck.register(op.name, op.data.to_pyarrow(op.schema))
                self._bound.add(op.name)
        return str(ibis.to_sql(expression, dialect=DIALECT, pretty=False))


def quoted(path: Path) -> str:
    """A path as a text in SQL."""
    return "'" + str(path).replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]

"""Runs expressions: what every engine can, and the live database as one.

Ibis writes the SQL, Django's connection runs it: one pool of connections, one transaction with what
is around it, and no data frames. (`ibis.postgres.connect` works with psycopg 3 and PostgreSQL 18 too,
without extensions or rights; it opens a connection of its own and reads by pandas.)
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from itertools import count
from typing import Any, Protocol, Self

import ibis
from django.db import connection, transaction
from ibis.expr.types import Table

Row = dict[str, Any]

PLANNING = ("enable_nestloop", "jit")
"""Switched off while figures are taken: the planner takes the derived rows for few and would loop over
them, so that time grows with the square of the posts; with hash joins it grows as they do."""


class Engine(Protocol):
    """Where tables lie and expressions over them run. The rows of the same expression are the same on each."""

    name: str

    def run(self, *expressions: Table) -> list[list[Row]]:
        """The rows of each expression, all of one moment. Numbers are int or float, times aware and in UTC."""

    def keep(self, name: str, expression: Table) -> Table:
        """The expression computed once: a table that further expressions can use. A name may come again."""

    def tops(self, told: Table) -> Table | None:
        """Of every post its thread's top: child, top, early (1 when dated before its parent); keys are as in `told`.

        Kept. None where the engine cannot tell by itself: `audit.trees` finds them by joins then.
        """


class Scratch:
    """An engine whose kept tables are dropped at the end of a `with`, where the engine can: those of single steps."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.run = engine.run
        self._engine = engine
        self._kept: list[Table] = []

    def keep(self, name: str, expression: Table) -> Table:
        self._kept.append(self._engine.keep(name, expression))
        return self._kept[-1]

    def tops(self, told: Table) -> Table | None:
        found = self._engine.tops(told)
        self._kept += [] if found is None else [found]
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        drop: Callable[[Table], None] = getattr(self._engine, "drop", lambda table: None)
        for table in self._kept:
            drop(table)


class LiveEngine:
    """The live database, at one moment: use it in a `with`, which is one transaction."""

    name = "live"
    _numbers = count(1)  # of all engines, for two may share an outer transaction

    def __init__(self) -> None:
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(transaction.atomic())
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)

    def run(self, *expressions: Table) -> list[list[Row]]:
        return run(*expressions)

    def keep(self, name: str, expression: Table) -> Table:
        """A table that goes with the transaction."""
        known = f"kept_{next(self._numbers)}_{name}"[:60]
        sql = _sql(expression)
        with transaction.atomic(), connection.cursor() as cursor:
            _plan(cursor, "off")
            cursor.execute(f'CREATE TEMPORARY TABLE "{known}" ON COMMIT DROP AS {sql}')
            cursor.execute(f'ANALYZE "{known}"')
            _plan(cursor, "DEFAULT")
        return ibis.table(expression.schema(), name=known)

    def tops(self, told: Table) -> Table | None:
        """The database knows them."""
        return None


def run(*expressions: Table) -> list[list[Row]]:
    """The rows of each expression over the tables of `live_tables`, all at one moment. Numbers are int or float."""
    texts = [_sql(expression) for expression in expressions]
    with transaction.atomic(), connection.cursor() as cursor:
        _plan(cursor, "off")
        found = []
        for sql in texts:
            cursor.execute(sql)  # without parameters, so that a % in it is just a %
            names = [column[0] for column in cursor.description]
            found.append([dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()])
        _plan(cursor, "DEFAULT")
    return found


def _sql(expression: Table) -> str:
    return str(ibis.to_sql(expression, dialect="postgres", pretty=False))


def _plan(cursor: Any, to: str) -> None:
    cursor.execute(";".join(f"SET LOCAL {name} TO {to}" for name in PLANNING))


def _plain(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)

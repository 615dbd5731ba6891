"""Runs an expression on the live database.

Ibis writes the SQL, Django's connection runs it: one pool of connections, one transaction with what
is around it, and no data frames. (`ibis.postgres.connect` works with psycopg 3 and PostgreSQL 18 too,
without extensions or rights; it opens a connection of its own and reads by pandas.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import ibis
from django.db import connection, transaction
from ibis.expr.types import Table

Row = dict[str, Any]

PLANNING = ("enable_nestloop", "jit")
"""Switched off while a figure is taken: the planner takes the derived rows for few and would loop over
them, so that time grows with the square of the posts; with hash joins it grows as they do."""


def run(expression: Table) -> list[Row]:
    """The rows of an expression over the unbound tables of `live_tables`. Numbers are int or float."""
    sql = str(ibis.to_sql(expression, dialect="postgres", pretty=False))
    with _planned_for_figures(), connection.cursor() as cursor:
        cursor.execute(sql)  # without parameters, so that a % in it is just a %
        names = [column[0] for column in cursor.description]
        return [
            {name: _plain(value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()
        ]


@contextmanager
def _planned_for_figures() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(";".join(f"SET LOCAL {name} = off" for name in PLANNING))
        yield
        cursor.execute(";".join(f"SET LOCAL {name} TO DEFAULT" for name in PLANNING))


def _plain(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)

"""Runs expressions on the live database.

Ibis writes the SQL, Django's connection runs it: one pool of connections, one transaction with what
is around it, and no data frames. (`ibis.postgres.connect` works with psycopg 3 and PostgreSQL 18 too,
without extensions or rights; it opens a connection of its own and reads by pandas.)
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ibis
from django.db import connection, transaction
from ibis.expr.types import Table

Row = dict[str, Any]

PLANNING = ("enable_nestloop", "jit")
"""Switched off while figures are taken: the planner takes the derived rows for few and would loop over
them, so that time grows with the square of the posts; with hash joins it grows as they do."""


def run(*expressions: Table) -> list[list[Row]]:
    """The rows of each expression over the tables of `live_tables`, all at one moment. Numbers are int or float."""
    texts = [str(ibis.to_sql(expression, dialect="postgres", pretty=False)) for expression in expressions]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(";".join(f"SET LOCAL {name} = off" for name in PLANNING))
        found = []
        for sql in texts:
            cursor.execute(sql)  # without parameters, so that a % in it is just a %
            names = [column[0] for column in cursor.description]
            found.append([dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()])
        cursor.execute(";".join(f"SET LOCAL {name} TO DEFAULT" for name in PLANNING))
    return found


def _plain(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)

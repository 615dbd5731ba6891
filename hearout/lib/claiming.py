"""Rows are the queue: claiming work in batches, retries with back-off, dead letters. Every stage uses this.

A queue is any table with the columns `id, due_at, tries, fault, dead_at`: `due_at` null means that
there is nothing to do, `dead_at` that we gave up and say why in `fault`. A stage claims inside its
own transaction, so the row locks are the lease: a killed worker's rows are free the moment its
connection dies, with nothing half done. (Work with effects outside the database, which is sending
and fetching, holds a lease in a column instead.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from hearout.lib.rows import as_array

MOST_TRIES = 5
FAULT_LENGTH = 500

Row = TypeVar("Row")


class Cursor(Protocol):
    """The part of a DB-API cursor that claiming needs."""

    def execute(self, sql: str, params: Sequence[Any] | None = ..., /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class PoisonError(Exception):
    """This row can never be worked on; the message says why. No further tries."""


def claim(cursor: Cursor, table: str, limit: int, columns: str = "id", extra: str = "") -> list[Any]:
    """Lock up to `limit` due rows for this transaction, oldest first, skipping what others hold.

    Due by the wall clock, not by the start of the transaction, which may be older than the row.
    `table`, `columns` and `extra` (SQL after the WHERE's due test) are ours, never from outside.
    """
    cursor.execute(
        f"SELECT {columns} FROM {table} WHERE due_at IS NOT NULL AND due_at <= clock_timestamp() {extra} "  # noqa: S608
        "ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
        [limit],
    )
    return cursor.fetchall()


def done(cursor: Cursor, table: str, ids: Sequence[int]) -> None:
    """Nothing more to do for these rows."""
    if ids:
        cursor.execute(f"UPDATE {table} SET due_at = NULL WHERE id = ANY(%s::bigint[])", [as_array(ids)])  # noqa: S608


def failed(cursor: Cursor, table: str, row_id: int, error: Exception) -> None:
    """Put the row back with a growing delay, or among the dead letters when that is hopeless."""
    fault = (str(error) or type(error).__name__).replace("\0", "")[:FAULT_LENGTH]
    fault = fault.encode("utf-8", "replace").decode("utf-8")
    hopeless = isinstance(error, PoisonError)
    cursor.execute(
        f"""UPDATE {table} SET tries = tries + 1, fault = %s,
                dead_at = CASE WHEN %s OR tries + 1 >= {MOST_TRIES} THEN clock_timestamp() END,
                due_at = CASE WHEN %s OR tries + 1 >= {MOST_TRIES} THEN NULL
                              ELSE clock_timestamp() + interval '1 second' * power(4, tries) END
            WHERE id = %s""",  # noqa: S608
        [fault, hopeless, hopeless, row_id],
    )


def work_through(
    cursor: Cursor,
    table: str,
    rows: Sequence[Row],
    row_id: Callable[[Row], int],
    work: Callable[[Sequence[Row]], None],
    savepoint: Callable[[], AbstractContextManager[Any]],
) -> None:
    """Do the batch in one go; when that fails halve it until the rows that break it stand alone.

    `work` handles any number of rows and marks them done; `savepoint` opens a nested transaction.
    A batch of n with one poisonous row costs about log2(n) repeats, and the rest is not held up.
    """
    if not rows:
        return
    try:
        with savepoint():
            work(rows)
    except Exception as error:
        if len(rows) == 1:
            failed(cursor, table, row_id(rows[0]), error)
            return
        middle = len(rows) // 2
        work_through(cursor, table, rows[:middle], row_id, work, savepoint)
        work_through(cursor, table, rows[middle:], row_id, work, savepoint)

"""What could not be worked on, with its cause, and sending it through again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection as database

QUEUES = ("listening_received", "listening_mention")
"""The queues of this folder. Later stages pass their own tables, shaped as `lib/claiming.py` says."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One row that was given up. `queue` is its table."""

    queue: str
    id: int
    fault: str
    tries: int
    dead_at: datetime


def dead_letters(limit: int = 100, queues: Sequence[str] = QUEUES) -> list[DeadLetter]:
    """The newest dead letters of these queues."""
    found: list[DeadLetter] = []
    with database.cursor() as cursor:
        for queue in queues:
            cursor.execute(
                f"SELECT id, fault, tries, dead_at FROM {_known(queue)} WHERE dead_at IS NOT NULL "  # noqa: S608
                "ORDER BY id DESC LIMIT %s",
                [limit],
            )
            found += [DeadLetter(queue, *row) for row in cursor.fetchall()]
    return sorted(found, key=lambda letter: letter.dead_at, reverse=True)[:limit]


def count(queues: Sequence[str] = QUEUES) -> dict[str, int]:
    """How many dead letters each queue holds."""
    with database.cursor() as cursor:
        counts = {}
        for queue in queues:
            cursor.execute(f"SELECT count(*) FROM {_known(queue)} WHERE dead_at IS NOT NULL")  # noqa: S608
            counts[queue] = int(cursor.fetchone()[0])
    return counts


def retry(ids: Sequence[int] | None = None, queue: str = QUEUES[0]) -> int:
    """Send dead letters through again, all of the queue or these. Returns how many."""
    chosen, parameters = ("", []) if ids is None else ("AND id = ANY(%s)", [list(ids)])
    with database.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_known(queue)} SET due_at = now(), dead_at = NULL, tries = 0, fault = '' "  # noqa: S608
            f"WHERE dead_at IS NOT NULL {chosen}",
            parameters,
        )
        return int(cursor.rowcount)


def body_of(letter: DeadLetter) -> bytes:
    """The payload of a dead letter of `listening_received`, as received."""
    with database.cursor() as cursor:
        cursor.execute("SELECT body FROM listening_received WHERE id = %s", [letter.id])
        row = cursor.fetchone()
    return bytes(row[0]) if row else b""


def _known(queue: str) -> str:
    """The table's name, which goes into SQL as it is: so only a plain one."""
    if not queue.isidentifier() or not queue.isascii():
        raise ValueError(f"{queue!r} is not the name of a queue")
    return queue

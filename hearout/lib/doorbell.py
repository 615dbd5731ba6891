"""The doorbell's button: tell every open browser what changed, once a batch, when the transaction commits.

NOTIFY takes a lock on the whole database at commit, so nobody rings for each post. A ring carries
names such as `brand:1` and `case:42`, never content: the browser asks for that through its own door.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import psycopg

from hearout.lib.claiming import Cursor

CHANNEL = "hearout_bell"
WAKE = "SELECT pg_notify('hearout_work', '')"
"""Ends the rest of idle workers, at commit. Only a hint: they look for themselves all the same, a little later."""
MOST_TOPICS = 300


def ring(cursor: Cursor, topics: Iterable[str]) -> None:
    """Ring for these topics at commit. Past 300 (the payload's limit is 8,000 bytes) only brands are named."""
    unique = sorted(set(topics))
    if not unique:
        return
    if len(unique) > MOST_TOPICS:
        unique = [topic for topic in unique if topic.startswith("brand:")][:MOST_TOPICS]
    cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(unique, separators=(",", ":"))])


def rest(database: psycopg.Connection[tuple[object, ...]], seconds: float) -> bool:
    """Sleep for `seconds`, or until somebody wakes the workers: True. The connection is in autocommit."""
    database.execute("LISTEN hearout_work")
    return any(True for _ in database.notifies(timeout=seconds, stop_after=1))

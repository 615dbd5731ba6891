"""The doorbell's button: tell every open browser what changed, once a batch, when the transaction commits.

NOTIFY takes a lock on the whole database at commit, so nobody rings for each post. A ring carries
names such as `brand:1` and `case:42`, never content: the browser asks for that through its own door.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from hearout.lib.claiming import Cursor

CHANNEL = "hearout_bell"
MOST_TOPICS = 300


def ring(cursor: Cursor, topics: Iterable[str]) -> None:
    """Ring for these topics at commit. Past 300 (the payload's limit is 8,000 bytes) only brands are named."""
    unique = sorted(set(topics))
    if not unique:
        return
    if len(unique) > MOST_TOPICS:
        unique = [topic for topic in unique if topic.startswith("brand:")][:MOST_TOPICS]
    cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(unique, separators=(",", ":"))])

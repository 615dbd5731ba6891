"""Storing payloads exactly as received, each once, before anybody acknowledges them.

The statement and its parameters are plain: the raw ASGI webhook receiver sends them over a
connection of its own, outside Django.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from hearout.lib.doorbell import WAKE

LARGEST_STORED = 8 << 20
"""Bytes of a payload that are kept. What is longer is cut, and becomes a dead letter when it is heard."""

INSERT_MANY = """
INSERT INTO listening_received
    (body, channel, connection_id, digest, route, archive_id, received_at, due_at, tries, fault)
SELECT body, channel, connection_id, digest, %s, %s::bigint, now(), now(), 0, ''
FROM unnest(%s::bytea[], %s::text[], %s::bigint[], %s::bytea[]) AS t(body, channel, connection_id, digest)
ON CONFLICT (digest) DO NOTHING
"""
"""Stores any number of payloads; the parameters come from `as_parameters`. The row count is of the new ones."""

Payload = tuple[bytes, str, int | None]
"""A body, the name of its channel, and the id of its connection."""


def as_parameters(payloads: Sequence[Payload], *, route: str, archive_id: int | None) -> list[Any]:
    """The parameters of `INSERT_MANY`. `route` is one of `Received.Route`."""
    return [
        route,
        archive_id,
        [body[:LARGEST_STORED] for body, _, _ in payloads],
        [channel for _, channel, _ in payloads],
        [connection_id for _, _, connection_id in payloads],
        [digest_of(body, channel, connection_id) for body, channel, connection_id in payloads],
    ]


def digest_of(body: bytes, channel: str, connection_id: int | None) -> bytes:
    """SHA-256 that is the same only for the same body told over the same connection."""
    told = hashlib.sha256(f"{channel}|{'' if connection_id is None else connection_id}|".encode())
    told.update(body)
    return told.digest()


def store(
    bodies: Sequence[bytes],
    *,
    channel: str,
    route: str,
    connection_id: int | None,
    archive_id: int | None = None,
) -> int:
    """Store payloads in the caller's transaction. Returns how many were not there before."""
    from django.db import connection  # here, so that the receiver needs no Django

    if not bodies:
        return 0
    payloads = [(body, channel, connection_id) for body in bodies]
    with connection.cursor() as cursor:
        cursor.execute(INSERT_MANY, as_parameters(payloads, route=route, archive_id=archive_id))
        stored = int(cursor.rowcount)
        cursor.execute(WAKE)
        return stored

"""The second stage: payloads as received become authors, posts, threads and mentions.

A batch is parsed one payload at a time, and written with one statement a table. What cannot be
parsed becomes a dead letter with its cause and holds nothing up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection as database
from django.db import transaction

from hearout.channels.base import Channel, ChannelError, Delivery, IncomingPost
from hearout.lib.claiming import Cursor, PoisonError, claim, done, failed, work_through
from hearout.listening.connecting import channel_of, unconnected
from hearout.listening.models import Archive, Connection
from hearout.listening.news import fit, gather
from hearout.listening.telling import tell

TABLE = "listening_received"
LARGEST_HEARD = 2 << 20
"""Bytes of a payload that is parsed; the body of a larger one is not even loaded."""

_COLUMNS = (
    "id, channel, connection_id, archive_id, received_at, octet_length(body), "
    f"CASE WHEN octet_length(body) <= {LARGEST_HEARD} THEN body END"
)

_ONE_AT_A_TIME = 0x48454152
"""Two workers that write at once would each miss the parent the other brings, and wait for each other's
rows. So one hears while the others decide, open and reckon."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One payload that could be parsed."""

    id: int
    received_at: datetime
    archive_id: int | None
    connection_id: int | None
    posts: Sequence[IncomingPost]


def hear(limit: int, now: datetime) -> int:
    """Hear up to `limit` payloads. Returns how many were claimed, dead letters among them; 0 while another does.

    A second worker does not wait: it goes on to the next stage, so that two are never idle together.
    """
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
        if not cursor.fetchall()[0][0]:
            return 0
        # A power cut may undo the last moments of this stage, whole and with their claims: it is done again.
        cursor.execute("SET LOCAL synchronous_commit = off")
        rows = claim(cursor, TABLE, limit, _COLUMNS)
        if not rows:
            return 0
        heard = _parse_all(cursor, rows)
        work_through(cursor, TABLE, heard, lambda one: one.id, partial(_write, cursor), transaction.atomic)
    return len(rows)


def _parse_all(cursor: Cursor, rows: Sequence[Sequence[Any]]) -> list[Heard]:
    channels = _Channels(rows)
    heard = []
    for pk, name, connection_id, archive_id, received_at, size, body in rows:
        try:
            if body is None:
                raise PoisonError(f"The payload has {size:,} bytes; at most {LARGEST_HEARD:,} are read.")
            posts = _parse(channels.of(name, connection_id, archive_id), bytes(body))
        except Exception as error:
            failed(cursor, TABLE, pk, error)
        else:
            heard.append(Heard(pk, received_at, archive_id, connection_id, posts))
    return heard


def _parse(channel: Channel, body: bytes) -> list[IncomingPost]:
    try:
        return [fit(post) for post in channel.parse(Delivery(body))]
    except ChannelError as error:
        raise (PoisonError(error.message) if error.permanent else error) from error
    except RecursionError as error:
        raise PoisonError("The payload is nested too deeply.") from error


class _Channels:
    """The channels that can parse a batch's payloads, each connected at its first use."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self._connections = Connection.objects.in_bulk({row[2] for row in rows if row[2]})
        self._archives = Archive.objects.in_bulk({row[3] for row in rows if row[3]})
        self._connected: dict[tuple[str, int | None, int | None], Channel] = {}

    def of(self, name: str, connection_id: int | None, archive_id: int | None) -> Channel:
        """Raises ChannelError when the channel cannot be connected."""
        key = (name, connection_id, archive_id)
        if key not in self._connected:
            self._connected[key] = self._connect(*key)
        return self._connected[key]

    def _connect(self, name: str, connection_id: int | None, archive_id: int | None) -> Channel:
        if archive := self._archives.get(archive_id or 0):
            return unconnected(name, archive.path or "-")
        found = self._connections.get(connection_id or 0)
        return channel_of(found) if found and found.channel == name else unconnected(name)


def _write(cursor: Cursor, heard: Sequence[Heard]) -> None:
    told = ((post, one.received_at, one.archive_id) for one in heard for post in one.posts)
    tell(cursor, gather(told))
    done(cursor, TABLE, [one.id for one in heard])
    _note_heard(cursor, heard)


def _note_heard(cursor: Cursor, heard: Sequence[Heard]) -> None:
    latest: dict[int, datetime] = {}
    for one in heard:
        if one.connection_id:
            latest[one.connection_id] = max(one.received_at, latest.get(one.connection_id, one.received_at))
    for pk in sorted(latest):
        cursor.execute(
            """UPDATE listening_connection SET heard_at = %s
               WHERE id = %s AND (heard_at IS NULL OR heard_at < %s - interval '1 second')""",
            [latest[pk], pk, latest[pk]],
        )

"""The inbox as an outlet: what streams tell is stored as received, by the same statement as webhooks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from django.db import connection as database
from django.db import transaction

from hearout.lib.claiming import Cursor
from hearout.lib.doorbell import WAKE
from hearout.listening.models import Received
from hearout.listening.receiving import INSERT_MANY, as_parameters
from hearout.listening.streams.packets import Packet

Keep = Callable[[Sequence[Packet]], list[Packet]]
"""Leaves out what is not to be stored. `Sieve` is one."""

Moved = Callable[[], None]


@dataclass
class Tally:
    """Payloads counted since the start: told by a stream, put on the bus, taken from it, kept, and new in the
    database. Threads add to it together."""

    told: int = 0
    published: int = 0
    taken: int = 0
    kept: int = 0
    new: int = 0
    troubles: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, **counts: int) -> None:
        with self._lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)


class Outlet(Protocol):
    """Where what a stream told goes to."""

    def put(self, channel: str, connection_id: int | None, bodies: Sequence[bytes], moved: Moved) -> None:
        """Return when it is safe there. `moved` is called once what went before it may be forgotten."""


def everything(packets: Sequence[Packet]) -> list[Packet]:
    """A handle's own stream holds what the network thinks concerns us: nothing is left out."""
    return list(packets)


class Inbox:
    """Stores what is kept. The place in the stream moves in the transaction that stores what it brought."""

    def __init__(self, keep: Keep, tally: Tally) -> None:
        self._keep = keep
        self._tally = tally

    def put(self, channel: str, connection_id: int | None, bodies: Sequence[bytes], moved: Moved) -> None:
        self.store([Packet(channel, connection_id, tuple(bodies))], moved)

    def store(self, packets: Sequence[Packet], moved: Moved = lambda: None) -> None:
        """Store in one transaction. Raises the database's errors, and then nothing is stored."""
        kept = self._keep(packets)
        new = 0
        with transaction.atomic(), database.cursor() as cursor:
            there = _still_connected(cursor, kept)
            payloads = [
                (body, packet.channel, packet.connection_id if packet.connection_id in there else None)
                for packet in kept
                for body in packet.bodies
            ]
            if payloads:
                cursor.execute(
                    INSERT_MANY, as_parameters(payloads, route=Received.Route.STREAM, archive_id=None)
                )
                new = cursor.rowcount
                cursor.execute(WAKE)
            moved()
        self._tally.add(kept=len(payloads), new=new)


def _still_connected(cursor: Cursor, packets: Sequence[Packet]) -> set[int]:
    """Held until the commit: a handle may be removed while its posts are on their way."""
    ids = sorted({packet.connection_id for packet in packets if packet.connection_id})
    if not ids:
        return set()
    cursor.execute("SELECT id FROM listening_connection WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [ids])
    return {int(row[0]) for row in cursor.fetchall()}


def let_go() -> None:
    """Give back this thread's connection to the database after an error, so that the next try opens a new one."""
    database.close()

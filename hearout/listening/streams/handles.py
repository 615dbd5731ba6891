"""The streams of connected handles: which there are, and that of each handle followed by one process at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import connection as database

from hearout.channels.base import Page
from hearout.listening.connecting import can, channel_of
from hearout.listening.fetching import know_ourselves
from hearout.listening.models import Connection
from hearout.listening.streams.following import Follower
from hearout.listening.streams.storing import Outlet, Tally, let_go

log = logging.getLogger(__name__)

FOLLOWED = 0x48535452
"""The first key of the advisory locks by which each stream has one follower, whatever the number of processes."""


class HandleStream:
    """The stream of a connected handle.

    Where the sweep asks the network too (`fetch`), the connection's cursor is the sweep's alone, so that it finds
    whatever the stream left out, and a stream begins there. A firehose that can only be streamed keeps its place
    in that cursor.
    """

    def __init__(self, connection: Connection) -> None:
        self.name = f"{connection.handle} on {connection.channel}"
        self.channel = connection.channel
        self.connection_id: int | None = connection.pk
        self._id = connection.pk
        self._swept = can(connection, "fetch")
        self._place: str | None = None

    def mine(self) -> bool:
        """Asks for a lock that lasts as long as this thread's connection to the database."""
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [FOLLOWED, self._id % 2**31])
            return bool(cursor.fetchall()[0][0])

    def pages(self) -> Iterator[Page]:
        connection = Connection.objects.get(pk=self._id)
        channel = channel_of(connection)
        know_ourselves(connection, channel)
        return channel.stream(connection.cursor if self._place is None else self._place)

    def moved(self, cursor: str) -> None:
        if not self._swept:
            Connection.objects.filter(pk=self._id).update(cursor=cursor)
        self._place = cursor


@dataclass
class _Followed:
    told: tuple[str, str, str]
    """By which one sees that a handle was connected anew: channel, settings, secrets."""

    follower: Follower
    thread: threading.Thread
    left: threading.Event = field(default_factory=threading.Event)


class Handles:
    """Follows all streams of connected handles; `look` begins what is new and leaves what is gone."""

    def __init__(self, outlet: Outlet, tally: Tally, stop: Callable[[], bool]) -> None:
        self._outlet = outlet
        self._tally = tally
        self._stop = stop
        self._followed: dict[int, _Followed] = {}

    def look(self) -> int:
        """To be called now and then. Returns how many streams there are. Raises the database's errors."""
        wanted = {one.pk: one for one in Connection.objects.select_related("handle") if can(one, "stream")}
        for pk, followed in list(self._followed.items()):
            if pk not in wanted or followed.told != _told(wanted[pk]):
                followed.left.set()
                del self._followed[pk]
        for pk, connection in wanted.items():
            if pk not in self._followed:
                self._followed[pk] = self._begin(connection)
        return len(self._followed)

    def waiting(self) -> int:
        """Pages read and not yet safe."""
        return sum(one.follower.waiting for one in self._followed.values())

    def join(self) -> None:
        """Wait until what was just being handed on is safe; `stop()` is true by now."""
        for one in self._followed.values():
            one.thread.join()

    def _begin(self, connection: Connection) -> _Followed:
        left = threading.Event()
        follower = Follower(
            HandleStream(connection), self._outlet, self._tally, lambda: self._stop() or left.is_set()
        )
        thread = threading.Thread(target=_run, args=(follower,), name=f"stream {connection.pk}", daemon=True)
        thread.start()
        return _Followed(_told(connection), follower, thread, left)


def _run(follower: Follower) -> None:
    try:
        follower.run()
    finally:
        let_go()


def _told(connection: Connection) -> tuple[str, str, str]:
    return connection.channel, repr(connection.settings), connection.secrets

"""Which payloads of a firehose concern a brand. The rest of the world's posts are let go here, unstored."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection as database

from hearout.channels.base import Channel, ChannelError, Delivery, IncomingPost
from hearout.lib.claiming import Cursor
from hearout.listening.connecting import channel_of, unconnected
from hearout.listening.matching import Matcher, matcher
from hearout.listening.models import Connection
from hearout.listening.news import Key
from hearout.listening.streams.lines import Lines, payload_of
from hearout.listening.streams.packets import Packet

log = logging.getLogger(__name__)

REMEMBERED = 100_000
"""Posts kept lately by this process, which the next stage may not have written down yet."""

_KNOWN = """
SELECT p.network, p.external_id FROM listening_post p
JOIN unnest(%s::text[], %s::text[]) AS asked(network, external_id) USING (network, external_id)
WHERE p.archive_id IS NULL
"""


@dataclass(frozen=True, slots=True)
class _Told:
    """One payload: its packet and its place there, and its posts; None where it cannot be read."""

    packet: int
    place: int
    posts: Sequence[IncomingPost] | None

    def keys(self) -> list[Key]:
        return [(post.network, post.external_id) for post in self.posts or ()]

    def asks(self) -> Iterator[Key]:
        """The posts which, if we hold one of them, keep the payload."""
        for post in self.posts or ():
            if post.revision or post.deleted_at:
                yield post.network, post.external_id
            if post.parent_id:
                yield post.network, post.parent_id


class Sieve:
    """Keeps a payload if one of its posts mentions a brand, changes a post that we hold, or answers one.

    What cannot be read is kept too: it becomes a dead letter with its cause, as it would from a webhook.
    """

    def __init__(self) -> None:
        self._recent: OrderedDict[Key, None] = OrderedDict()

    def __call__(self, packets: Sequence[Packet]) -> list[Packet]:
        """The packets with the payloads that are kept, in order; without those of which nothing is."""
        told = list(_read_all(packets))
        with database.cursor() as cursor:
            sure = _concerning(told, matcher(cursor, archive=False))
            asked = {key for number, one in enumerate(told) if number not in sure for key in one.asks()}
            known = self._known(cursor, asked)
        kept: list[list[bytes]] = [[] for _ in packets]
        for number, one in enumerate(told):
            if number in sure or not known.isdisjoint(one.asks()):
                known.update(one.keys())
                self._remember(one.keys())
                kept[one.packet].append(packets[one.packet].bodies[one.place])
        return [
            Packet(packet.channel, packet.connection_id, tuple(bodies))
            for packet, bodies in zip(packets, kept, strict=True)
            if bodies
        ]

    def warmed(self) -> Sieve:
        """Itself, once what matching needs is loaded: a second that a firehose need not wait for."""
        words = payload_of(b'{"id": "0", "text": "@no #word of anybody"}', datetime.now(UTC))
        self([Packet(Lines.channel, None, (words.body,))])
        return self

    def _known(self, cursor: Cursor, keys: set[Key]) -> set[Key]:
        known = {key for key in keys if key in self._recent}
        if asked := sorted(keys - known):
            cursor.execute(_KNOWN, [[network for network, _ in asked], [one for _, one in asked]])
            known.update((str(network), str(one)) for network, one in cursor.fetchall())
        return known

    def _remember(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._recent[key] = None
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)


def _read_all(packets: Sequence[Packet]) -> Iterator[_Told]:
    ids = {packet.connection_id for packet in packets if packet.connection_id}
    connections = Connection.objects.in_bulk(ids)
    for number, packet in enumerate(packets):
        channel = _channel(packet, connections.get(packet.connection_id or 0))
        for place, body in enumerate(packet.bodies):
            yield _Told(number, place, _posts(channel, body))


def _channel(packet: Packet, connection: Connection | None) -> Channel | None:
    try:
        if connection and connection.channel == packet.channel:
            return channel_of(connection)
        return unconnected(packet.channel)
    except ChannelError as error:
        log.warning("posts of the channel %s are kept unread: %s", packet.channel, error.message)
        return None


def _posts(channel: Channel | None, body: bytes) -> Sequence[IncomingPost] | None:
    try:
        return channel.parse(Delivery(body)) if channel else None
    except Exception:
        return None


def _concerning(told: Sequence[_Told], live: Matcher) -> set[int]:
    """The numbers of payloads that are kept whatever the database says."""
    sure = {number for number, one in enumerate(told) if one.posts is None}
    posts = [(number, post) for number, one in enumerate(told) for post in one.posts or ()]
    try:
        found = live.match_all([(post, None) for _, post in posts])
    except Exception:
        log.exception("a post broke the matching of a batch; each is tried alone, and that one kept")
        return sure | {number for number, post in posts if _breaks_or_concerns(post, live)}
    return sure | {number for (number, _), mentions in zip(posts, found, strict=True) if mentions}


def _breaks_or_concerns(post: IncomingPost, live: Matcher) -> bool:
    try:
        return bool(live.match(post))
    except Exception:
        return True

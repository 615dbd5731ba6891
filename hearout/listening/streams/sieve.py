"""Which payloads of a firehose concern a brand. The rest of the world's posts are let go here, unstored."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection as database

from hearout.channels.base import Channel, ChannelError, Delivery, IncomingPost
from hearout.lib.claiming import Cursor
from hearout.listening.connecting import channel_of, unconnected
from hearout.listening.matching import Matcher, matcher
from hearout.listening.models import Connection
from hearout.listening.news import Key
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
    """One payload. `sure`: to be kept whatever the database says; `asks`: posts which, if known, keep it."""

    place: tuple[int, int]
    sure: bool
    keys: tuple[Key, ...] = ()
    asks: tuple[Key, ...] = ()


class Sieve:
    """Keeps a payload if one of its posts mentions a brand, changes a post that we hold, or answers one.

    What cannot be read is kept too: it becomes a dead letter with its cause, as it would from a webhook.
    """

    def __init__(self) -> None:
        self._recent: OrderedDict[Key, None] = OrderedDict()

    def __call__(self, packets: Sequence[Packet]) -> list[Packet]:
        """The packets with the payloads that are kept, in order; without those of which nothing is."""
        with database.cursor() as cursor:
            told = list(_read_all(packets, matcher(cursor, archive=False)))
            known = self._known(cursor, {key for one in told for key in one.asks})
        kept: list[list[bytes]] = [[] for _ in packets]
        for one in told:
            if one.sure or not known.isdisjoint(one.asks):
                known.update(one.keys)
                self._remember(one.keys)
                number, place = one.place
                kept[number].append(packets[number].bodies[place])
        return [
            Packet(packet.channel, packet.connection_id, tuple(bodies))
            for packet, bodies in zip(packets, kept, strict=True)
            if bodies
        ]

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


def _read_all(packets: Sequence[Packet], live: Matcher) -> Iterable[_Told]:
    ids = {packet.connection_id for packet in packets if packet.connection_id}
    connections = Connection.objects.in_bulk(ids)
    for number, packet in enumerate(packets):
        channel = _channel(packet, connections.get(packet.connection_id or 0))
        for place, body in enumerate(packet.bodies):
            yield _read(channel, body, (number, place), live)


def _channel(packet: Packet, connection: Connection | None) -> Channel | None:
    try:
        if connection and connection.channel == packet.channel:
            return channel_of(connection)
        return unconnected(packet.channel)
    except ChannelError as error:
        log.warning("posts of the channel %s are kept unread: %s", packet.channel, error.message)
        return None


def _read(channel: Channel | None, body: bytes, place: tuple[int, int], live: Matcher) -> _Told:
    if channel is None:
        return _Told(place, sure=True)
    try:
        posts = channel.parse(Delivery(body))
        sure = any(live.match(post) for post in posts)
    except Exception:
        return _Told(place, sure=True)
    keys = tuple((post.network, post.external_id) for post in posts)
    return _Told(place, sure, keys, () if sure else tuple(_asks(posts)))


def _asks(posts: Sequence[IncomingPost]) -> Iterable[Key]:
    for post in posts:
        if post.revision or post.deleted_at:
            yield post.network, post.external_id
        if post.parent_id:
            yield post.network, post.parent_id

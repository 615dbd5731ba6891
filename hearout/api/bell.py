"""The doorbell: one LISTEN connection, and a stream of server-sent events to each open browser.

An event carries the name of a topic and nothing else; the browser asks for the content through the
ordinary door. Event ids let a browser that lost its connection get what it missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import psycopg

from hearout.api.http import Receive, Scope, Send, answer, headers_of
from hearout.api.threads import in_thread
from hearout.lib.doorbell import CHANNEL

log = logging.getLogger(__name__)

PATH = "/live/"
MOST_TOPICS = 20
QUEUE = 100
"""Rings a browser may lag behind before it is cut off; it comes back and catches up by its last id."""
KEPT = 2_000
LIFE = 600.0
RECHECK = 4.0
HEARTBEAT = 20.0

Permit = Callable[[str, Collection[str]], set[str]]
"""(cookie header, topics) -> the topics that its user may hear. Asks the database; empty for strangers."""


@dataclass(eq=False)
class Listener:
    cookie: str
    topics: set[str]
    rings: asyncio.Queue[tuple[int, str]] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    cut: asyncio.Event = field(default_factory=asyncio.Event)


class Bell:
    """Hears the database ring and passes it on."""

    def __init__(self, dsn: str, permit: Permit) -> None:
        self._dsn = dsn
        self._permit = permit
        self._listeners: set[Listener] = set()
        self._boot = secrets.token_hex(4)
        self._number = 0
        self._past: deque[tuple[int, str]] = deque(maxlen=KEPT)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._recheck())]

    async def stop(self) -> None:
        for listener in self._listeners:
            listener.cut.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def ring(self, topics: Collection[str]) -> None:
        """Tell every browser that listens to one of these."""
        for topic in topics:
            self._number += 1
            self._past.append((self._number, topic))
            for listener in self._listeners:
                if topic in listener.topics:
                    try:
                        listener.rings.put_nowait((self._number, topic))
                    except asyncio.QueueFull:
                        listener.cut.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        query = parse_qs(scope["query_string"].decode("ascii", "replace"))
        asked = [topic for value in query.get("topics", []) for topic in value.split(",")][:MOST_TOPICS]
        cookie = headers.get("cookie", "")
        allowed = await in_thread(self._permit, cookie, asked)
        if not allowed:
            return await answer(send, 404, {"error": "nothing to hear here"})
        listener = Listener(cookie, allowed)
        self._listeners.add(listener)
        try:
            await self._stream(listener, headers.get("last-event-id", ""), receive, send)
        finally:
            self._listeners.discard(listener)

    async def _stream(self, listener: Listener, last_id: str, receive: Receive, send: Send) -> None:
        start = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        await _write(send, "retry: 2000\n\n" + "".join(self._missed(listener, last_id)))
        gone = asyncio.create_task(_until_gone(receive))
        cut = asyncio.create_task(listener.cut.wait())
        try:
            async with asyncio.timeout(LIFE):
                while not gone.done() and not cut.done():
                    await self._pass_on(listener, send, gone, cut)
        except TimeoutError:
            pass
        finally:
            gone.cancel()
            cut.cancel()
        if not gone.done() or gone.cancelled():
            with contextlib.suppress(Exception):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pass_on(
        self, listener: Listener, send: Send, gone: asyncio.Task[None], cut: asyncio.Task[bool]
    ) -> None:
        ring = asyncio.create_task(listener.rings.get())
        done, _ = await asyncio.wait(
            {ring, gone, cut}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
        )
        if ring in done:
            await _write(send, self._event(*ring.result()))
            return
        ring.cancel()
        if not done:
            await _write(send, ": still here\n\n")

    def _missed(self, listener: Listener, last_id: str) -> list[str]:
        if not last_id:
            return []
        boot, _, number = last_id.partition("-")
        oldest = self._past[0][0] if self._past else self._number + 1
        if boot != self._boot or not number.isdigit() or int(number) < oldest - 1:
            # too long ago to know: everything may have changed
            return [self._event(self._number, topic) for topic in sorted(listener.topics)]
        return [
            self._event(n, topic) for n, topic in self._past if n > int(number) and topic in listener.topics
        ]

    def _event(self, number: int, topic: str) -> str:
        return f"id: {self._boot}-{number}\nevent: {topic.replace(':', '-')}\ndata: {topic}\n\n"

    async def _listen(self) -> None:
        while True:
            try:
                database = await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True, connect_timeout=5
                )
                async with database:
                    await database.execute(f"LISTEN {CHANNEL}")
                    # what rang while nobody listened is unknown
                    self.ring({topic for listener in self._listeners for topic in listener.topics})
                    async for notice in database.notifies():
                        self._heard(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("the doorbell lost its database, trying again: %s", error)
                await asyncio.sleep(1)

    def _heard(self, payload: str) -> None:
        with contextlib.suppress(ValueError):
            topics = json.loads(payload)
            if isinstance(topics, list):
                self.ring([topic for topic in topics if isinstance(topic, str)])

    async def _recheck(self) -> None:
        """Streams die with the session, the role or the account behind them."""
        while True:
            await asyncio.sleep(RECHECK)
            for listener in list(self._listeners):
                try:
                    still = await in_thread(self._permit, listener.cookie, listener.topics)
                except Exception as error:
                    log.warning("could not check a stream's user: %s", error)
                    continue
                if still != listener.topics:
                    listener.cut.set()


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

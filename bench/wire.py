"""A cheap sender of signed webhooks: raw HTTP/1.1 over connections kept open, everything signed beforehand."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Iterator, Sequence
from typing import Any

from ground import SECRET, body_of


def request_of(path: str, number: int, posts: Sequence[dict[str, Any]]) -> bytes:
    """A webhook with these posts as the network sends it (Standard Webhooks), valid for five minutes."""
    body = body_of({"posts": list(posts)})
    seconds = str(int(time.time()))
    message = f"msg_bench{number}"
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message}.{seconds}.".encode() + body, hashlib.sha256).digest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nwebhook-id: {message}\r\nwebhook-timestamp: {seconds}\r\n"
        f"webhook-signature: v1,{base64.b64encode(digest).decode()}\r\n\r\n"
    )
    return head.encode() + body


class Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._got = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or self._answer is None or self._answer.done():
            return
        _, _, length = head.lower().partition(b"content-length:")
        if length and len(body) >= int(length.split(b"\r\n", 1)[0]):
            self._got = b""
            self._answer.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the server hung up"))

    def ask(self, request: bytes) -> asyncio.Future[int]:
        """The status of the answer."""
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        if self._transport:
            self._transport.close()


async def lines(port: int, count: int) -> list[Line]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(Line, "127.0.0.1", port))[1] for _ in range(count)]


async def flood(port: int, requests: Sequence[bytes], connections: int) -> tuple[float, list[float]]:
    """All requests as fast as the server answers. Returns the seconds it took, and each request's."""
    opened = await lines(port, connections)
    waiting: Iterator[bytes] = iter(requests)
    took: list[float] = []

    async def work(line: Line) -> None:
        for request in waiting:
            began = time.perf_counter()
            if (status := await line.ask(request)) != 200:
                raise RuntimeError(f"the front answered {status}")
            took.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*map(work, opened))
    seconds = time.perf_counter() - began
    for line in opened:
        line.close()
    return seconds, took


async def pace(port: int, requests: Sequence[bytes], rate: float, connections: int) -> list[float]:
    """One request every 1/rate seconds, whatever the server does. Seconds from when each was due to its answer."""
    free = asyncio.LifoQueue[Line]()
    for line in await lines(port, connections):
        free.put_nowait(line)
    began = time.perf_counter() + 0.1

    async def send(number: int, request: bytes) -> float:
        due = began + number / rate
        await asyncio.sleep(due - time.perf_counter())
        line = await free.get()
        if (status := await line.ask(request)) != 200:
            raise RuntimeError(f"the front answered {status}")
        free.put_nowait(line)
        return time.perf_counter() - due

    took = await asyncio.gather(*(send(number, request) for number, request in enumerate(requests)))
    while not free.empty():
        free.get_nowait().close()
    return took

"""The little of HTTP that the raw ASGI endpoints need."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class TooLargeError(Exception):
    """The body is longer than the endpoint takes."""


class GoneError(Exception):
    """The client went away before its request was whole."""


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """The whole raw body. Raises TooLargeError beyond `most` bytes, without reading on."""
    declared = headers_of(scope).get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise TooLargeError
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise TooLargeError
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def headers_of(scope: Scope) -> dict[str, str]:
    """Headers by lower-case name. A name that comes twice is joined by a comma, which no signature survives."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope.get("headers", ()):
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


async def answer(send: Send, status: int, facts: dict[str, Any], retry_after: int | None = None) -> None:
    """A JSON answer that nothing may cache."""
    body = json.dumps(facts, separators=(",", ":")).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

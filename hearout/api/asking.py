"""Ask a raw ASGI application in a test, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from hearout.api.http import App, Message, Scope


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def scope_of(method: str, path: str, headers: Sequence[tuple[str, str]] = (), query: str = "") -> Scope:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    return {"type": "http", "method": method, "path": path, "headers": raw, "query_string": query.encode()}


async def ask(
    app: App, method: str, path: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()
) -> Answer:
    """One request and its whole answer. The body arrives in pieces, as from a slow network."""
    pieces = [body[i : i + 65_536] for i in range(0, len(body), 65_536)] or [b""]
    messages = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]
    answer = Answer()

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(scope_of(method, path, headers), receive, send)
    return answer

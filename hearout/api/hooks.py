"""Webhooks in: verify the signature on the raw body, store it, commit, and only then say thank you.

Raw ASGI, because the full framework would cost ten times as much for each payload. Nothing is
parsed here: a payload that makes no sense becomes a dead letter later, with a cause.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from hearout.api.http import GoneError, Receive, Scope, Send, TooLargeError, answer, headers_of, read_body
from hearout.api.threads import in_thread
from hearout.api.writer import StoreError, Writer
from hearout.channels.base import Channel

log = logging.getLogger(__name__)

PREFIX = "/hooks/"
MOST_BYTES = 8 * 1024 * 1024
KNOWN_FOR = 10.0
"""Seconds for which a connection's settings are remembered; a changed secret counts from then on."""


@dataclass(frozen=True)
class Target:
    """Where a webhook's address leads."""

    connection_id: int
    channel_name: str
    channel: Channel


def find_target(hook_id: UUID) -> Target | None:
    """The connection behind a webhook's address. Asks the database."""
    from hearout.listening.connecting import channel_of
    from hearout.listening.models import Connection

    connection = Connection.objects.filter(hook_id=hook_id).select_related("handle").first()
    if connection is None:
        return None
    return Target(connection.pk, connection.channel, channel_of(connection))


class Hooks:
    """The endpoint `POST /hooks/<id>/`."""

    def __init__(self, writer: Writer, find: Callable[[UUID], Target | None] = find_target) -> None:
        self._writer = writer
        self._find = find
        self._known: dict[UUID, tuple[float, Target | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            return await answer(send, 405, {"error": "only POST"})
        try:
            hook_id = UUID(scope["path"].removeprefix(PREFIX).strip("/"))
        except ValueError:
            return await answer(send, 404, {"error": "no such hook"})
        try:
            target = await self._target(hook_id)
            if target is None:
                return await answer(send, 404, {"error": "no such hook"})
            body = await read_body(scope, receive, MOST_BYTES)
            if not target.channel.verify(headers_of(scope), body):
                return await answer(send, 401, {"error": "the signature does not fit the body"})
            await self._writer.store(body, channel=target.channel_name, connection_id=target.connection_id)
        except TooLargeError:
            return await answer(send, 413, {"error": f"at most {MOST_BYTES} bytes"})
        except GoneError:
            return None
        except StoreError:
            return await answer(send, 503, {"error": "not stored; send it again"}, retry_after=2)
        except Exception:
            log.exception("webhook %s", hook_id)
            return await answer(send, 503, {"error": "not stored; send it again"}, retry_after=5)
        return await answer(send, 200, {"ok": True})

    async def _target(self, hook_id: UUID) -> Target | None:
        known = self._known.get(hook_id)
        if known and known[0] > time.monotonic():
            return known[1]
        target = await in_thread(self._find, hook_id)
        if len(self._known) > 1_000:  # guesses at addresses must not fill the memory
            self._known.clear()
        self._known[hook_id] = (time.monotonic() + KNOWN_FOR, target)
        return target

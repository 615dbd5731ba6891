"""The front: one raw ASGI application on one port.

It serves webhooks, live events and health itself, and hands pages to Django's WSGI handler in a
few threads, which carries about seven times what Django's own ASGI path does.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from a2wsgi import WSGIMiddleware

from hearout.api import bell, health, hooks
from hearout.api.http import GoneError, Message, Receive, Scope, Send, TooLargeError, answer, read_body
from hearout.api.permit import permit
from hearout.api.writer import Writer
from hearout.lib.postgres import database_url

MOST_BYTES = 4 * 1024 * 1024
THREADS = int(os.environ.get("HEAROUT_THREADS", "8"))


class Front:
    """Routes by path. Its parts start and stop with the server's lifespan."""

    def __init__(self, pages: Any) -> None:
        self._pages = pages
        self._writer = Writer(database_url())
        self._hooks = hooks.Hooks(self._writer)
        self._bell = bell.Bell(database_url(), permit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["path"].startswith(hooks.PREFIX):
            await self._hooks(scope, receive, send)
        elif scope["path"] == bell.PATH:
            await self._bell(scope, receive, send)
        elif scope["path"] in health.PATHS:
            await health.health(scope["path"], send)
        elif scope["method"] in ("TRACE", "CONNECT"):
            await answer(send, 405, {"error": "not here"})
        else:
            await self._page(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole request first, so that a slow sender holds no thread."""
        try:
            body = await read_body(scope, receive, MOST_BYTES)
        except TooLargeError:
            return await answer(send, 413, {"error": f"at most {MOST_BYTES} bytes"})
        except GoneError:
            return None
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return messages.pop() if messages else {"type": "http.disconnect"}

        await self._pages(_for_wsgi(scope), again, send)
        return None

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._writer.start()
                self._bell.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._bell.stop()
                await self._writer.stop()
                self._pages.executor.shutdown(wait=False, cancel_futures=True)
                await send({"type": "lifespan.shutdown.complete"})
                return


def _for_wsgi(scope: Scope) -> Scope:
    """WSGI cannot tell `X-A_B` from `X-A-B`, so names with an underscore are dropped, and takes ASCII queries."""
    kept = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    query = quote(scope["query_string"], safe=b"%/:=&?~#+!$,;'@()*[]").encode("ascii")
    return {**scope, "headers": kept, "query_string": query}


def make() -> Front:
    """Set Django up and build the application. (Granian calls this in its worker.)"""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hearout.settings")
    from django.core.wsgi import get_wsgi_application

    pages: Any = get_wsgi_application()
    return Front(WSGIMiddleware(pages, workers=THREADS))

"""The network as a whole: one object that holds its parts and answers every request."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator import api, control
from simulator.day import Days
from simulator.faults import Faults
from simulator.journal import Journal
from simulator.limits import Limits, too_many
from simulator.moments import Clock
from simulator.page import thread_page
from simulator.posts import Account, Post
from simulator.server import RefusedError, Request, Response, refusal
from simulator.truth import told
from simulator.webhooks import Deliveries
from simulator.world import World

Call = Callable[..., Response | Awaitable[Response]]

_API: list[tuple[str, str, Call]] = [
    ("GET", r"/api/me", api.me),
    ("GET", r"/api/feed", api.feed),
    ("GET", r"/api/stream", api.stream),
    ("PUT", r"/api/search-words", api.search_words),
    ("PUT", r"/api/webhook", api.webhook),
    ("GET", r"/api/own", api.own),
    ("POST", r"/api/posts", api.write_post),
    ("POST", r"/api/messages", api.write_message),
    ("GET", r"/api/posts/([^/]+)", api.one_post),
    ("PATCH", r"/api/posts/([^/]+)", api.edit_post),
    ("DELETE", r"/api/posts/([^/]+)", api.delete_post),
    ("GET", r"/api/posts/([^/]+)/thread", api.thread),
    ("POST", r"/api/posts/([^/]+)/like", api.like),
    ("GET", r"/api/posts/([^/]+)/liked", api.liked),
    ("POST", r"/api/posts/([^/]+)/repost", api.repost),
    ("GET", r"/api/posts/([^/]+)/reposted", api.reposted),
    ("POST", r"/api/users/([^/]+)/follow", api.follow),
    ("GET", r"/api/users/([^/]+)/followed", api.followed),
]

_CONTROL: list[tuple[str, str, Call]] = [
    ("GET", r"/control/health", control.health),
    ("POST", r"/control/accounts", control.accounts),
    ("POST", r"/control/posts", control.write_post),
    ("PUT", r"/control/posts/([^/]+)", control.edit_post),
    ("DELETE", r"/control/posts/([^/]+)", control.delete_post),
    ("POST", r"/control/day", control.start_day),
    ("GET", r"/control/day", control.day),
    ("DELETE", r"/control/day", control.stop_day),
    ("PUT", r"/control/faults", control.faults),
    ("PUT", r"/control/limits", control.limits),
    ("POST", r"/control/token", control.token),
    ("GET", r"/control/truth", control.truth),
    ("GET", r"/control/truth/summary", control.truth_summary),
    ("DELETE", r"/control/all", control.forget),
]

_WRITES = ("POST", "PATCH", "DELETE")


@dataclass
class Options:
    data: Path | None = None
    idempotency: bool = True
    heartbeat_seconds: float = 15.0
    retry_seconds: float = 1.0
    limit_calls: int = 6000
    limit_seconds: float = 60.0
    brands: list[tuple[str, str, str]] = field(default_factory=list)
    """Handle, name and token of each brand account, the main one first."""


class Network:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.idempotency = options.idempotency
        self.heartbeat_seconds = options.heartbeat_seconds
        self.base_url = ""
        self.clock = Clock()
        self.journal = Journal(options.data)
        self.world = World(self.journal, self.clock)
        self.faults = Faults()
        self.limits = Limits(options.limit_calls, options.limit_seconds)
        self.deliveries = Deliveries(self, options.retry_seconds)
        self.days = Days(self)

    def open(self) -> None:
        """Restore what was, make the brand accounts, and deliver to the webhooks they had."""
        self.world.restore()
        for handle, name, token in self.options.brands:
            self.world.account(handle, name, token=token, brand=True)
        for account in self.world.readers:
            if account.webhook is not None:
                self.deliveries.start(account)

    async def forget(self) -> None:
        await self.days.stop()
        await self.deliveries.forget()
        self.faults.replace({})
        self.clock.reset()
        self.world.forget()
        self.open()

    async def close(self) -> None:
        await self.days.stop()
        await self.deliveries.stop()
        self.journal.close()

    async def handle(self, request: Request) -> Response:
        try:
            if request.path.startswith("/control/"):
                call, places = _find(_CONTROL, request)
                response = call(self, request, *places)
                return response if isinstance(response, Response) else await response
            if request.path.startswith("/p/"):
                return self._page(request.path.removeprefix("/p/"))
            call, places = _find(_API, request)
            return await self._call(call, request, places)
        except RefusedError as refused:
            return refusal(refused)
        except Exception as error:
            # A bug of ours must reach the client as an answer, not as a hung call.
            return refusal(RefusedError(500, "internal", f"{type(error).__name__}: {error}"))

    def _page(self, post_id: str) -> Response:
        post = self.world.posts.get(post_id)
        if post is None or post.deleted or post.recipient is not None:
            raise RefusedError(404, "not_found", "There is no such post.")
        return thread_page(post, self.world.thread(post))

    async def _call(self, call: Call, request: Request, places: tuple[str, ...]) -> Response:
        account = self._account(request)
        headers = self.limits.take(account.id)
        try:
            if self.fault("rate_limited", author=account):
                raise too_many(1, {})
            if self.fault("token_expired", author=account):
                raise _expired()
            await self.maybe_delay(author=account)
            response = call(self, account, request, *places)
            assert isinstance(response, Response)
        except RefusedError as refused:
            response = refusal(refused)
        response.headers = headers | response.headers
        if request.method in _WRITES and response.status < 300:
            return self._after_accept(account, response)
        return response

    def _after_accept(self, account: Account, response: Response) -> Response:
        if self.fault("drop_after_accept", author=account):
            return Response(cut=True)
        if self.fault("error_after_accept", author=account):
            return refusal(
                RefusedError(500, "internal", "Something went wrong on our side.", response.headers)
            )
        return response

    def _account(self, request: Request) -> Account:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        account = self.world.by_token.get(token.strip()) if scheme.lower() == "bearer" else None
        if account is None:
            raise _expired()
        return account

    # What calls and deliveries tell the rest

    def fault(self, kind: str, post: Post | None = None, author: Account | None = None, **more: Any) -> bool:
        """Does this fault strike now? If so it is in the truth log."""
        if not self.faults.hits(kind):
            return False
        self.world.note(told("fault", self.clock.now(), author, post) | {"fault": kind} | more)
        return True

    async def maybe_delay(self, post: Post | None = None, author: Account | None = None) -> None:
        if self.fault("delay", post, author):
            await asyncio.sleep(self.faults.delay_seconds)

    def given_up(self, ids: list[str], to: Account) -> None:
        self.world.note(told("fault", self.clock.now(), fault="given_up", ids=ids, to=to.handle))

    def delivered(self, post: Post, to: Account, by: str) -> None:
        self.world.note(told("delivered", self.clock.now(), post.author, post, to=to.handle, by=by))


def _find(calls: list[tuple[str, str, Call]], request: Request) -> tuple[Call, tuple[str, ...]]:
    for method, pattern, call in calls:
        found = re.fullmatch(pattern, request.path)
        if found and method == request.method:
            return call, found.groups()
    raise RefusedError(404, "not_found", f"There is no {request.method} {request.path}.")


def _expired() -> RefusedError:
    return RefusedError(401, "token_expired", "This token is unknown or has expired.")

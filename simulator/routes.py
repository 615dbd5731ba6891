"""Which call answers which request, and what every call goes through."""

import re
from collections.abc import Awaitable, Callable

from simulator import api, control
from simulator.limits import too_many
from simulator.network import Network
from simulator.page import thread_page
from simulator.posts import Account
from simulator.server import RefusedError, Request, Response, refusal

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
    ("GET", r"/api/users/([^/]+)/follows", api.follows),
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


class Routes:
    def __init__(self, network: Network) -> None:
        self._network = network

    async def handle(self, request: Request) -> Response:
        try:
            if request.path.startswith("/control/"):
                call, places = _find(_CONTROL, request)
                response = call(self._network, request, *places)
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
        post = self._network.world.posts.get(post_id)
        if post is None or post.deleted or post.recipient is not None:
            raise RefusedError(404, "not_found", "There is no such post.")
        return thread_page(post, self._network.world.thread(post))

    async def _call(self, call: Call, request: Request, places: tuple[str, ...]) -> Response:
        account = self._account(request)
        headers = self._network.limits.take(account.id)
        try:
            if self._network.fault("rate_limited", author=account):
                raise too_many(1, {})
            if self._network.fault("token_expired", author=account):
                raise _expired()
            await self._network.maybe_delay(author=account)
            response = call(self._network, account, request, *places)
            assert isinstance(response, Response)
        except RefusedError as refused:
            response = refusal(refused)
        response.headers = headers | response.headers
        if request.method in _WRITES and response.status < 300:
            return self._after_accept(account, response)
        return response

    def _after_accept(self, account: Account, response: Response) -> Response:
        if self._network.fault("drop_after_accept", author=account):
            return Response(cut=True)
        if self._network.fault("error_after_accept", author=account):
            return refusal(
                RefusedError(500, "internal", "Something went wrong on our side.", response.headers)
            )
        return response

    def _account(self, request: Request) -> Account:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        account = self._network.world.by_token.get(token.strip()) if scheme.lower() == "bearer" else None
        if account is None:
            raise _expired()
        return account


def _find(calls: list[tuple[str, str, Call]], request: Request) -> tuple[Call, tuple[str, ...]]:
    for method, pattern, call in calls:
        found = re.fullmatch(pattern, request.path)
        if found and method == request.method:
            return call, found.groups()
    raise RefusedError(404, "not_found", f"There is no {request.method} {request.path}.")


def _expired() -> RefusedError:
    return RefusedError(401, "token_expired", "This token is unknown or has expired.")

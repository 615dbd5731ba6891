"""Control: what tests, drills and the demo may do to the network, without a token."""

from typing import Any

from simulator.day import Day
from simulator.moments import from_iso, iso
from simulator.network import Network
from simulator.posts import Account, Post
from simulator.server import RefusedError, Request, Response, answer
from simulator.truth import summary


def health(network: Network, request: Request) -> Response:
    return answer({"ok": True, "posts": len(network.world.posts), "now": iso(network.clock.now())})


def accounts(network: Network, request: Request) -> Response:
    body = request.json()
    token = body.get("token")
    if token is not None and not isinstance(token, str):
        raise RefusedError(400, "bad_request", "token must be a text.")
    known = network.world.by_token.get(token) if token else None
    handle = _handle(body, "handle")
    if known is not None and known.handle != handle:
        raise RefusedError(400, "bad_request", "Another account has this token.")
    account, new = network.world.account(
        handle,
        body.get("name"),
        token=token,
        brand=bool(body.get("brand", False)),
        followers=int(body.get("followers", 0)),
    )
    return answer(account.wire() | {"brand": account.brand}, 201 if new else 200)


_OPTIONAL = ("language", "automatic", "key", "raw", "persona", "kind", "wants_answer", "concerns_brand")


def write_post(network: Network, request: Request) -> Response:
    """Nothing is checked but what the state needs: tests write hostile posts with this."""
    body = request.json()
    text = body.get("text")
    if not isinstance(text, str):
        raise RefusedError(400, "bad_request", "text must be a text.")
    more: dict[str, Any] = {name: body[name] for name in _OPTIONAL if name in body}
    if body.get("in_reply_to") is not None:
        more["in_reply_to"] = _post(network, str(body["in_reply_to"])).id
    for name in ("to", "page_of"):
        if body.get(name) is not None:
            more[name] = _somebody(network, _handle(body, name)).id
    author = _somebody(network, _handle(body, "author"), body.get("name"), int(body.get("followers", 0)))
    post = network.world.write(author, text, at=_moment(body, "created_at"), **more)
    return answer(post.wire(network.base_url), 201)


def edit_post(network: Network, request: Request, post_id: str) -> Response:
    text = request.json().get("text")
    if not isinstance(text, str):
        raise RefusedError(400, "bad_request", "text must be a text.")
    post = _post(network, post_id)
    network.world.edit(post, text)
    return answer(post.wire(network.base_url))


def delete_post(network: Network, request: Request, post_id: str) -> Response:
    post = _post(network, post_id)
    network.world.delete(post)
    return answer(post.wire(network.base_url))


async def start_day(network: Network, request: Request) -> Response:
    await network.days.begin(_day(network, request.json()))
    return answer(network.days.progress(), 202)


async def day(network: Network, request: Request) -> Response:
    """With `?wait=SECONDS` the answer waits for the end of the day, but no longer."""
    try:
        seconds = min(float(request.query.get("wait", 0)), 600)
    except ValueError as error:
        raise RefusedError(400, "bad_request", "wait must be a number of seconds.") from error
    await network.days.wait(seconds)
    return answer(network.days.progress())


async def stop_day(network: Network, request: Request) -> Response:
    await network.days.stop()
    return answer(network.days.progress())


def _day(network: Network, body: dict[str, Any]) -> Day:
    """`brand` is one handle or a list of them, the main one first; without it, all brand accounts."""
    named = body.get("brand")
    handles = [named] if isinstance(named, str) else named
    brands = [account for account in network.world.readers if account.brand]
    if handles is not None:
        try:
            brands = [network.world.by_handle[handle.removeprefix("@").lower()] for handle in handles]
        except (AttributeError, KeyError, TypeError) as error:
            raise RefusedError(404, "not_found", "There is no such brand account.") from error
    if not brands or not all(account.brand for account in brands):
        raise RefusedError(400, "bad_request", "Customers need a brand account to write to.")
    try:
        wanted = Day(
            brands,
            posts=int(body.get("posts", 600)),
            hours=float(body.get("hours", 24)),
            after=float(body.get("after", 0)),
            speed=float(body.get("speed", 1)),
            seed=int(body.get("seed", 7)),
            start=_moment(body, "start"),
            people=int(body["people"]) if body.get("people") else None,
            patience=float(body.get("patience", 1)),
            staffed=float(body.get("staffed", 0)),
        )
    except (TypeError, ValueError) as error:
        raise RefusedError(400, "bad_request", "A day is told in numbers.") from error
    if not (wanted.posts >= 0 and 0 < wanted.speed <= 1e6 and 0 < (wanted.hours or 0) <= 24 * 366):
        raise RefusedError(400, "bad_request", "posts, hours or speed is out of range.")
    return wanted


def faults(network: Network, request: Request) -> Response:
    network.faults.replace(request.json())
    return answer(network.faults.as_dict())


def limits(network: Network, request: Request) -> Response:
    body = request.json()
    try:
        network.limits.replace(int(body.get("calls", 6000)), float(body.get("seconds", 60)))
    except (TypeError, ValueError) as error:
        raise RefusedError(400, "bad_request", "calls and seconds are numbers.") from error
    return answer({"calls": network.limits.calls, "seconds": network.limits.seconds})


def token(network: Network, request: Request) -> Response:
    body = request.json()
    account = network.world.by_handle.get(_handle(body, "handle"))
    wanted = body.get("token")
    if account is None:
        raise RefusedError(404, "not_found", "There is no such account.")
    if (
        not isinstance(wanted, str)
        or not wanted
        or network.world.by_token.get(wanted, account) is not account
    ):
        raise RefusedError(400, "bad_request", "token must be a text that no other account has.")
    network.world.new_token(account, wanted)
    return answer({"ok": True})


def truth(network: Network, request: Request) -> Response:
    lines = b"".join(network.world.truth.lines)
    return Response(200, lines, {"Content-Type": "application/x-ndjson"})


def truth_summary(network: Network, request: Request) -> Response:
    return answer(summary(network.world.truth, network.world.posts.values()))


async def forget(network: Network, request: Request) -> Response:
    """The brand accounts of the command line come back, everything else is gone."""
    await network.forget()
    return answer({"ok": True})


def _handle(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip("@ "):
        raise RefusedError(400, "bad_request", f"{name} must be a handle.")
    return value.strip().removeprefix("@").lower()


def _moment(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        return from_iso(value)
    except (TypeError, ValueError) as error:
        raise RefusedError(400, "bad_request", f"{name} must be an ISO 8601 time.") from error


def _post(network: Network, post_id: str) -> Post:
    post = network.world.posts.get(post_id)
    if post is None:
        raise RefusedError(404, "not_found", "There is no such post.")
    return post


def _somebody(network: Network, handle: str, name: str | None = None, followers: int = 0) -> Account:
    """By handle, or by id where a test has only that; made as needed."""
    return network.world.accounts.get(handle) or network.world.account(handle, name, followers=followers)[0]

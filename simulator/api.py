"""The network's API: what an account may do with its token."""

import json
from collections.abc import AsyncIterator
from typing import Any

from simulator.faults import HELD_SECONDS
from simulator.moments import from_iso
from simulator.network import Network
from simulator.posts import TEXT_LIMIT, Account, Post, counted_length
from simulator.server import RefusedError, Request, Response, answer


def me(network: Network, account: Account, request: Request) -> Response:
    return answer(account.wire())


def feed(network: Network, account: Account, request: Request) -> Response:
    start = cursor_place(network, account, request.query.get("cursor", ""))
    limit = _number(request, "limit", 100, 1, 1000)
    page = account.feed[start : start + limit]
    end = start + len(page)
    posts = [post.wire(network.base_url, revision) for post, revision in page]
    return answer({"posts": posts, "cursor": cursor(network, end), "more": end < len(account.feed)})


def stream(network: Network, account: Account, request: Request) -> Response:
    start = cursor_place(network, account, request.query.get("cursor", ""))
    return Response(lines=_stream_lines(network, account, start))


async def _stream_lines(network: Network, account: Account, place: int) -> AsyncIterator[bytes]:
    token, generation = account.token, network.world.generation
    held: tuple[Post, bytes] | None = None
    while account.token == token and network.world.generation == generation:
        if place >= len(account.feed):
            # A held-back line waits for one to overtake it, but not for long.
            wait = network.heartbeat_seconds if held is None else HELD_SECONDS
            if await account.bell.wait(wait):
                continue
            if held is not None:
                network.delivered(held[0], account, "stream")
                yield held[1]
                held = None
            else:
                yield b"\n"
            continue
        post, revision = account.feed[place]
        place += 1
        value = {"post": post.wire(network.base_url, revision), "cursor": cursor(network, place)}
        line = json.dumps(value, separators=(",", ":")).encode() + b"\n"
        await network.maybe_delay(post)
        if network.fault("missing", post):
            continue
        if held is None and network.fault("shuffle", post):
            held = post, line
            continue
        network.delivered(post, account, "stream")
        yield line * (2 if network.fault("duplicate", post) else 1)
        if held is not None:
            network.delivered(held[0], account, "stream")
            yield held[1]
            held = None


def search_words(network: Network, account: Account, request: Request) -> Response:
    words = request.json().get("words")
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise RefusedError(400, "bad_request", "words must be a list of texts that are not empty.")
    network.world.search_words(account, words)
    return answer({"words": words})


def webhook(network: Network, account: Account, request: Request) -> Response:
    body = request.json()
    url, secret = _text(body, "url"), _text(body, "secret")
    network.deliveries.check(url, secret)
    network.world.webhook(account, url, secret)
    network.deliveries.start(account)
    return answer({"url": url})


def one_post(network: Network, account: Account, request: Request, post_id: str) -> Response:
    return answer(visible(network, account, post_id).wire(network.base_url))


def thread(network: Network, account: Account, request: Request, post_id: str) -> Response:
    posts = network.world.thread(visible(network, account, post_id, deleted=True), account)
    return answer({"posts": [post.wire(network.base_url) for post in posts]})


def write_post(network: Network, account: Account, request: Request) -> Response:
    body = request.json()
    parent = body.get("in_reply_to")
    if parent is not None and visible(network, account, str(parent)).recipient is not None:
        raise RefusedError(403, "forbidden", "A private message is answered with a private message.")
    page = body.get("page_of")
    where = {
        "in_reply_to": None if parent is None else str(parent),
        "page_of": None if page is None else _account(network, str(page)).id,
    }
    return _write(network, account, request, body, where)


def write_message(network: Network, account: Account, request: Request) -> Response:
    body = request.json()
    to = network.world.accounts.get(_text(body, "to"))
    if to is None or to is account:
        raise RefusedError(404, "not_found", "There is no such account to write to.")
    return _write(network, account, request, body, {"to": to.id})


def _write(
    network: Network, account: Account, request: Request, body: dict[str, Any], where: dict[str, str | None]
) -> Response:
    text = within_limit(_text(body, "text"))
    key = request.headers.get("idempotency-key") or body.get("key")
    if key is not None and not isinstance(key, str):
        raise RefusedError(400, "bad_request", "key must be a text.")
    known = account.keys.get(key) if key and network.idempotency else None
    if known is not None:
        if known.revisions[0].text != text:
            raise RefusedError(409, "duplicate", "This key was used for another text.")
        return answer(known.wire(network.base_url), 201, {"Idempotent-Replayed": "true"})
    more: dict[str, Any] = {"key": key, "automatic": bool(body.get("automatic")) or None, **where}
    if isinstance(body.get("language"), str):
        more["language"] = body["language"]
    post = network.world.write(account, text, event="accepted" if account.brand else "posted", **more)
    return answer(post.wire(network.base_url), 201)


def like(network: Network, account: Account, request: Request, post_id: str) -> Response:
    network.world.like(account, visible(network, account, post_id))
    return answer({"ok": True})


def repost(network: Network, account: Account, request: Request, post_id: str) -> Response:
    post = visible(network, account, post_id)
    if post.recipient is not None:
        raise RefusedError(403, "forbidden", "A private message cannot be reposted.")
    network.world.repost(account, post)
    return answer({"ok": True})


def follow(network: Network, account: Account, request: Request, account_id: str) -> Response:
    network.world.follow(account, _account(network, account_id))
    return answer({"ok": True})


def liked(network: Network, account: Account, request: Request, post_id: str) -> Response:
    return answer({"value": (account.id, post_id) in network.world.liked})


def reposted(network: Network, account: Account, request: Request, post_id: str) -> Response:
    return answer({"value": (account.id, post_id) in network.world.reposted})


def followed(network: Network, account: Account, request: Request, account_id: str) -> Response:
    return answer({"value": (account.id, account_id) in network.world.followed})


def follows(network: Network, account: Account, request: Request, account_id: str) -> Response:
    return answer({"value": (_account(network, account_id).id, account.id) in network.world.followed})


def edit_post(network: Network, account: Account, request: Request, post_id: str) -> Response:
    post = _own(network, account, post_id)
    network.world.edit(post, within_limit(_text(request.json(), "text")))
    return answer(post.wire(network.base_url))


def delete_post(network: Network, account: Account, request: Request, post_id: str) -> Response:
    post = _own(network, account, post_id)
    network.world.delete(post)
    return answer(post.wire(network.base_url))


def own(network: Network, account: Account, request: Request) -> Response:
    """Deleted posts are told too: they were accepted, and that is what read-back asks."""
    query = request.query
    try:
        since = from_iso(query["since"]) if query.get("since") else None
    except ValueError as error:
        raise RefusedError(400, "bad_request", "since must be an ISO 8601 time.") from error
    limit = _number(request, "limit", 1_000_000, 1, 1_000_000)
    found = []
    for post in reversed(account.own):
        if since is not None and post.created < since:
            continue
        if query.get("in_reply_to") and (post.parent is None or post.parent.id != query["in_reply_to"]):
            continue
        if query.get("to") and (post.recipient is None or post.recipient.id != query["to"]):
            continue
        found.append(post.wire(network.base_url) | {"idempotency_key": post.key})
    found.sort(key=lambda wire: int(wire["id"]), reverse=True)
    return answer({"posts": found[:limit]})


# What the calls share


def cursor(network: Network, place: int) -> str:
    return f"{network.world.generation}-{place}"


def cursor_place(network: Network, account: Account, text: str) -> int:
    """The place in the feed; the start without a cursor, or when everything was forgotten since."""
    if not text:
        return 0
    generation, dash, place = text.partition("-")
    if not (dash and generation.isascii() and generation.isdigit() and place.isascii() and place.isdigit()):
        raise RefusedError(400, "bad_request", "This cursor is none of ours.")
    return int(place) if int(generation) == network.world.generation else 0


def visible(network: Network, account: Account, post_id: str, deleted: bool = False) -> Post:
    post = network.world.posts.get(post_id)
    if post is None or not post.seen_by(account) or (post.deleted and not deleted):
        raise RefusedError(404, "not_found", "There is no such post.")
    return post


def within_limit(text: str) -> str:
    length = counted_length(text)
    if length > TEXT_LIMIT:
        raise RefusedError(
            422, "too_long", f"The text counts {length} characters, the limit is {TEXT_LIMIT}."
        )
    return text


def _own(network: Network, account: Account, post_id: str) -> Post:
    post = visible(network, account, post_id)
    if post.author is not account:
        raise RefusedError(403, "forbidden", "Only the author may do that.")
    return post


def _account(network: Network, account_id: str) -> Account:
    account = network.world.accounts.get(account_id)
    if account is None:
        raise RefusedError(404, "not_found", "There is no such account.")
    return account


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RefusedError(400, "bad_request", f"{name} must be a text that is not empty.")
    return value


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    try:
        return min(max(int(request.query.get(name, default)), least), most)
    except ValueError as error:
        raise RefusedError(400, "bad_request", f"{name} must be a number.") from error

"""The simulated network as a channel. Its API is described in `simulator/README.md`."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpx2

from hearout.channels.base import (
    Act,
    Channel,
    ChannelError,
    Delivery,
    IncomingAuthor,
    IncomingPost,
    Json,
    Length,
    Manifest,
    OutgoingReply,
    Page,
    Receipt,
)
from hearout.channels.payload import decode, encode, fault_in, reject
from hearout.channels.simulator.calls import Calls
from hearout.channels.simulator.signing import key_of, verified
from hearout.channels.simulator.wire import parse_payload

PAGE = 100
URL_COUNTS = 23
TARGETS = ("in_reply_to", "to")

_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_ID = re.compile(r"\w{1,64}", re.ASCII)
_WRITE_PATHS = {
    Act.LIKE: "/api/posts/{}/like",
    Act.REPOST: "/api/posts/{}/repost",
    Act.FOLLOW: "/api/users/{}/follow",
}
_VALUE_PATHS = {
    Act.LIKE: "/api/posts/{}/liked",
    Act.REPOST: "/api/posts/{}/reposted",
    Act.FOLLOW: "/api/users/{}/followed",
}


class SimulatorChannel(Channel):
    """Settings: `base_url`. Secrets: `token`, and `webhook_secret` where a webhook is used.

    `transport` and `now` (seconds since 1970) stand in for the network and the clock in tests.
    """

    def __init__(
        self,
        *,
        manifest: Manifest,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        transport: httpx2.BaseTransport | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.manifest = manifest
        self._webhook_secret = secrets.get("webhook_secret", "")
        self._webhook_key = key_of(self._webhook_secret)
        if self._webhook_secret and not self._webhook_key:
            reject("The webhook secret is not whsec_ followed by base64.")
        self._calls = Calls(settings.get("base_url", ""), secrets.get("token", ""), transport)
        self._now = now

    def prepare(self, *, webhook_url: str | None, words: Sequence[str]) -> None:
        if webhook_url is not None:
            self.subscribe(webhook_url, self._webhook_secret, words)
        else:
            self._calls.write("PUT", "/api/search-words", {"words": list(words)})

    def subscribe(self, url: str, secret: str, words: Sequence[str]) -> None:
        """Have posts delivered to `url`, signed with `secret`, and `words` searched for."""
        if not key_of(secret):
            reject("A webhook needs a secret: whsec_ followed by base64.")
        self._calls.write("PUT", "/api/search-words", {"words": list(words)})
        self._calls.write("PUT", "/api/webhook", {"url": url, "secret": secret})

    def account(self) -> IncomingAuthor | None:
        me = self._calls.read("/api/me")
        return IncomingAuthor(_member(me, "id", str), _member(me, "handle", str), str(me.get("name") or ""))

    def followed_by(self, account_id: str) -> bool | None:
        if not _ID.fullmatch(account_id):
            reject(f"{account_id[:40]!r} is no account id of this network.")
        return bool(_member(self._calls.read(f"/api/users/{account_id}/follows"), "value", bool))

    def fetch(self, cursor: str) -> Page:
        answer = self._calls.read("/api/feed", {"cursor": cursor, "limit": str(PAGE)})
        posts, after = _member(answer, "posts", list), _member(answer, "cursor", str)
        return Page([encode(post) for post in posts], after, more=answer.get("more") is True)

    def stream(self, cursor: str) -> Iterator[Page]:
        for line in self._calls.lines("/api/stream", {"cursor": cursor}):
            try:
                said = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ChannelError(f"The network's stream cannot be read: {error}.") from error
            yield Page([encode(_member(said, "post", object))], _member(said, "cursor", str))
        raise ChannelError("The network ended the stream.")

    def parse(self, delivery: Delivery) -> list[IncomingPost]:
        return parse_payload(decode(delivery.body))

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        return verified(self._webhook_key, headers, body, self._now())

    def send(self, reply: OutgoingReply) -> Receipt:
        if reply.act in _WRITE_PATHS:
            self._calls.write("POST", _path(_WRITE_PATHS[reply.act], reply), key=reply.key)
            return self._mark(reply)
        self._check_text(reply.text)
        path, body = _written(reply)
        return self._receipt(
            self._calls.write("POST", path, body | {"key": reply.key}, reply.key), uncertain=True
        )

    def look_up(self, reply: OutgoingReply) -> Receipt | None:
        if reply.act in _VALUE_PATHS:
            answer = self._calls.read(_path(_VALUE_PATHS[reply.act], reply))
            return self._mark(reply) if _member(answer, "value", bool) else None
        _, body = _written(reply)
        target: dict[str, str] = {name: str(body[name]) for name in TARGETS if name in body}
        posts = _member(self._calls.read("/api/own", target), "posts", list)
        found = next((post for post in posts if _is(post, reply)), None)
        return None if found is None else self._receipt(found, uncertain=False)

    def length(self, text: str) -> Length:
        normal = unicodedata.normalize("NFC", text)
        urls = _URL.findall(normal)
        used = len(normal) - sum(map(len, urls)) + URL_COUNTS * len(urls)
        return Length(used, self.manifest.text_limit, self.manifest.text_unit)

    def close(self) -> None:
        self._calls.close()

    def _check_text(self, text: str) -> None:
        if fault := fault_in(text):
            reject(f"The text {fault}.")
        if not text.strip():
            reject("The text is empty.")
        if not (length := self.length(text)).fits:
            reject(f"The text has {length.used} {length.unit}; this network takes {length.maximum}.")

    def _mark(self, reply: OutgoingReply) -> Receipt:
        """A like, repost or follow has no id of its own: its receipt names the act and its target."""
        seen_at = datetime.fromtimestamp(self._now(), UTC)
        return Receipt(f"{reply.act}/{_target(reply)}", seen_at=seen_at)

    def _receipt(self, post: Json, *, uncertain: bool) -> Receipt:
        delivery = encode(post)
        try:
            told = parse_payload(decode(delivery.body))[0]
        except (ChannelError, IndexError) as error:
            raise ChannelError(
                f"The network took it and answered oddly: {error}", uncertain=uncertain
            ) from error
        return Receipt(told.external_id, told.url, told.posted_at, delivery)


def _written(reply: OutgoingReply) -> tuple[str, dict[str, Json]]:
    """Path and body of a reply that carries text."""
    if reply.act is Act.PUBLIC_REPLY:
        where = {"in_reply_to": reply.target_id, "page_of": reply.page_id}
        return "/api/posts", {"text": reply.text} | {name: one for name, one in where.items() if one}
    if not reply.recipient_id:
        reject("A private message needs a recipient.")
    return "/api/messages", {"to": reply.recipient_id, "text": reply.text}


def _is(post: Json, reply: OutgoingReply) -> bool:
    """Whether one of the account's own posts is `reply`: by key, or by text where the network keeps none."""
    if not isinstance(post, dict):
        return False
    if post.get("idempotency_key") is not None:
        return bool(post["idempotency_key"] == reply.key)
    return _plain(post.get("text")) == _plain(reply.text) and not _is_older(post, reply)


def _is_older(post: Json, reply: OutgoingReply) -> bool:
    """Written before `reply` was queued, less a minute for clocks that differ.

    Not asked of answers to a post: the same text under the same post is the same answer.
    """
    if (reply.target_id and reply.act is Act.PUBLIC_REPLY) or reply.queued_at is None:
        return False
    told = parse_payload([post])[0]
    return told.posted_at < reply.queued_at - timedelta(minutes=1)


def _plain(text: Json) -> str | None:
    return unicodedata.normalize("NFC", text).strip() if isinstance(text, str) else None


def _path(pattern: str, reply: OutgoingReply) -> str:
    return pattern.format(_target(reply))


def _target(reply: OutgoingReply) -> str:
    target = (reply.recipient_id if reply.act is Act.FOLLOW else reply.target_id) or ""
    if not _ID.fullmatch(target):
        reject(f"{reply.act} needs the id of what to act on; {target[:40]!r} is none of this network's.")
    return target


def _member(answer: Json, name: str, kind: type[object]) -> Json:
    """A member of the network's answer. Raises ChannelError where it has another shape than described."""
    if not isinstance(answer, dict) or name not in answer or not isinstance(answer[name], kind):
        raise ChannelError(f"The network's answer has no {name}, or an odd one.")
    return answer[name]

"""Any system as a channel: it posts in what customers write, and is sent what agents answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

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
from hearout.channels.payload import MAX_ID, decode, encode, fault_in, reject
from hearout.channels.webhook.calls import Receiver, Resolve, resolved
from hearout.channels.webhook.signing import keys_of, sign, verified
from hearout.channels.webhook.wire import own_post, parse_payload, reply_event


class WebhookChannel(Channel):
    """Settings: `address`, `account`, `inside`. Secrets: `secret_in`, `secret_out`.

    `transport`, `resolve` and `now` (seconds since 1970) stand in for network and clock in tests.
    """

    def __init__(
        self,
        *,
        manifest: Manifest,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        transport: httpx2.BaseTransport | None = None,
        resolve: Resolve = resolved,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.manifest = manifest
        self._in, self._out = keys_of(secrets.get("secret_in", "")), keys_of(secrets.get("secret_out", ""))
        self._account = settings.get("account", "").strip().lstrip("@")
        self._now = now
        self._receiver: Receiver | None = None
        if fault_in(self._account) or len(self._account) > MAX_ID:
            reject("The account's handle cannot be kept.")
        if address := settings.get("address", "").strip():
            if not self._out:
                reject("Replies need a secret of what goes out: whsec_ followed by base64.")
            if not self._account:
                reject("Replies need your account's handle in that system.")
            inside = settings.get("inside", "").strip().lower() in ("yes", "true", "1", "on")
            self._receiver = Receiver(address, inside=inside, transport=transport, resolve=resolve)

    def prepare(self, *, webhook_url: str | None, words: Sequence[str]) -> None:
        """Nothing to tell: a person enters Hearout's address in that system."""

    def account(self) -> IncomingAuthor | None:
        return None

    def fetch(self, cursor: str) -> Page:
        reject("That system posts by itself: it has no feed to ask.")

    def stream(self, cursor: str) -> Iterator[Page]:
        raise ChannelError("That system posts by itself: it has no stream.", permanent=True)

    def parse(self, delivery: Delivery) -> list[IncomingPost]:
        return parse_payload(decode(delivery.body))

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        return verified(self._in, headers, body, self._now())

    def send(self, reply: OutgoingReply) -> Receipt:
        self._check(reply)
        if self._receiver is None:
            reject("No address is set for replies to this handle.")
        body = encode(reply_event(reply, self._moment())).body
        answer = self._receiver.post(body, sign(self._out, reply.key, int(self._now()), body))
        return self._receipt(reply, answer)

    def look_up(self, reply: OutgoingReply) -> Receipt | None:
        reject("That system cannot be asked for a reply; the same reply may be sent to it again.")

    def length(self, text: str) -> Length:
        return Length(len(text), self.manifest.text_limit, self.manifest.text_unit)

    def close(self) -> None:
        if self._receiver:
            self._receiver.close()

    def _check(self, reply: OutgoingReply) -> None:
        if reply.act not in (Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE):
            reject(f"A webhook carries answers, and no {reply.act}.")
        if reply.act is Act.PRIVATE_MESSAGE and not reply.recipient_id:
            reject("A private message needs a recipient.")
        for name in (reply.target_id, reply.recipient_id, reply.page_id):
            if name is not None and (fault_in(name) or len(name) > MAX_ID):
                reject(f"{ascii(name)[:40]} is no id of this channel.")
        if fault := fault_in(reply.text):
            reject(f"The text {fault}.")
        if not reply.text.strip():
            reject("The text is empty.")
        if not (length := self.length(reply.text)).fits:
            reject(f"The text has {length.used} {length.unit}; this channel takes {length.maximum}.")

    def _receipt(self, reply: OutgoingReply, answer: bytes) -> Receipt:
        """Of what the receiver answered: a post, an id with or without url, or nothing but 2xx."""
        said = _object(answer)
        try:
            if "post" in said:
                delivery = encode({"type": "post", "data": said["post"]})
            else:
                own = own_post(reply, _id(said, reply), said.get("url"), self._account, self._moment())
                delivery = encode(own)
            (post,) = self.parse(delivery)
        except (ChannelError, ValueError) as error:
            # It took the reply. The same one sent again does no harm, and a person learns what is odd.
            raise ChannelError(f"The receiver took it and answered oddly: {error}", uncertain=True) from error
        return Receipt(post.external_id, post.url, post.posted_at, delivery)

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _id(said: Mapping[str, Json], reply: OutgoingReply) -> Json:
    found = said.get("id")
    return f"reply/{reply.key}" if found is None else found


def _object(answer: bytes) -> Mapping[str, Json]:
    """The answer's JSON object; an empty one where the receiver says something else, such as `ok`."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}

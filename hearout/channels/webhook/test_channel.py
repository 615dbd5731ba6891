"""A system of its own, over real HTTP on loopback, passes the contract suite (label R)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hearout.channels import registry
from hearout.channels.base import Act, Channel, ChannelError, Delivery, Json, OutgoingReply, Visibility
from hearout.channels.contract import ChannelContract
from hearout.channels.harness import Fault, Harness
from hearout.channels.webhook.channel import WebhookChannel

FIXTURES = Path(__file__).parent / "fixtures"
SECRET_IN = "whsec_" + base64.b64encode(b"what comes in: a secret of tests").decode()
SECRET_OUT = "whsec_" + base64.b64encode(b"what goes out: a secret of tests").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the secret before: known to some").decode()
NOBODY_LISTENS = "http://127.0.0.1:9/"


def signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """Reckoned here once more, so that the channel is not checked by itself."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


class System(ThreadingHTTPServer):
    """A system as the README asks for: it checks the signature, acts once for each id, and knows its posts."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.acts: Counter[str] = Counter()
        self.known: set[str] = set()
        self.told: list[tuple[dict[str, str], Json]] = []
        self.fault: Fault | None = None
        self.url = f"http://127.0.0.1:{self.server_port}/hearout?source=desk"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, Json]:
        right = signature(SECRET_OUT, headers["webhook-id"], headers["webhook-timestamp"], body)
        if right not in headers["webhook-signature"].split():
            return 401, {"error": "wrong signature"}
        if self.fault is Fault.RATE_LIMITED:
            return 429, {"error": "slow down"}
        event = json.loads(body)
        data = event["data"]
        asked = [data[name] for name in ("reply_to", "recipient") if name in data]
        if not set(asked) <= self.known:
            return 404, {"error": "no such post or member"}
        self.told.append((headers, event))
        self.acts[headers["webhook-id"]] = 1
        return 200, {"id": f"answer/{headers['webhook-id']}", "url": "https://forum.example/a/1"}


class Answering(BaseHTTPRequestHandler):
    server: System
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, said = self.server.take({name.lower(): value for name, value in self.headers.items()}, body)
        if self.server.fault is Fault.LOST_ANSWER:
            self.close_connection = True
            return
        if self.server.fault is Fault.ERROR_AFTER_ACCEPT:
            status, said = 500, {"error": "went wrong after it was done"}
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 429:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def connected(url: str, **secrets: str) -> WebhookChannel:
    settings = {"address": url, "account": "@tidewing", "inside": "yes"}
    secrets = {"secret_in": SECRET_IN, "secret_out": SECRET_OUT} | secrets
    channel = registry.connect("webhook", settings=settings, secrets=secrets)
    assert isinstance(channel, WebhookChannel)
    return channel


class WebhookHarness(Harness):
    sample = json.loads((FIXTURES / "private_message.json").read_text())
    payloads = tuple(path.read_bytes() for path in sorted(FIXTURES.glob("*.json")))
    required = (
        "type",
        "data",
        "data.id",
        "data.posted_at",
        "data.author",
        "data.author.id",
        "data.author.handle",
    )
    ids = (
        "data.id",
        "data.reply_to",
        "data.conversation",
        "data.author.id",
        "data.author.handle",
        "data.recipient.id",
        "data.recipient.handle",
    )
    texts = ("type", "data.text", "data.language", "data.author.name", "data.visibility")
    times = ("data.posted_at", "data.edited_at")

    def __init__(self, system: System) -> None:
        self.system = system
        self.lengths = {"cafe\u0301": 5, "👍": 1, "https://example.com": 19}
        self.channel: WebhookChannel = connected(system.url)

    def signed(self, body: bytes, at: float) -> dict[str, str]:
        stamp = str(int(at))
        right = signature(SECRET_IN, "msg_7", stamp, body)
        return {"webhook-id": "msg_7", "webhook-timestamp": stamp, "webhook-signature": right}

    def reply(self, act: Act, text: str = "") -> OutgoingReply:
        post, member = f"forum/{uuid.uuid4().hex}", f"member/{uuid.uuid4().hex}"
        self.system.known |= {post, member}
        if act is Act.PUBLIC_REPLY:
            return OutgoingReply(uuid.uuid4().hex, act, text, target_id=post)
        return OutgoingReply(uuid.uuid4().hex, act, text, recipient_id=member, queued_at=datetime.now(UTC))

    def effects(self, reply: OutgoingReply) -> int:
        return self.system.acts[reply.key]

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[Channel]:
        if fault in (Fault.UNREACHABLE, Fault.TOKEN_EXPIRED):
            wrong = {"secret_out": OLD_SECRET} if fault is Fault.TOKEN_EXPIRED else {}
            url = NOBODY_LISTENS if fault is Fault.UNREACHABLE else self.system.url
            with closing(connected(url, **wrong)) as channel:
                yield channel
            return
        self.system.fault = fault
        try:
            yield self.channel
        finally:
            self.system.fault = None


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    system = System()
    yield system
    system.shutdown()
    system.server_close()


@pytest.fixture
def harness(system: System) -> Iterator[WebhookHarness]:
    harness = WebhookHarness(system)
    with closing(harness.channel):
        yield harness


class TestWebhookKeepsTheContract(ChannelContract):
    channel_name = "webhook"


def test_the_documented_reply_leaves_with_its_key_as_the_id_of_the_message(harness: WebhookHarness) -> None:
    reply = harness.reply(Act.PRIVATE_MESSAGE, "Eight kilos. 🧳")
    receipt = harness.channel.send(reply)
    headers, event = harness.system.told[-1]
    assert headers["webhook-id"] == reply.key
    assert headers["content-type"] == "application/json"
    assert event.pop("timestamp")
    assert event == {
        "type": "reply",
        "data": {
            "key": reply.key,
            "visibility": "private",
            "text": "Eight kilos. 🧳",
            "recipient": reply.recipient_id,
        },
    }
    assert receipt.external_id == f"answer/{reply.key}"
    assert receipt.url == "https://forum.example/a/1"
    assert receipt.delivery is not None
    (post,) = harness.channel.parse(receipt.delivery)
    assert post.author is not None
    assert (post.author.handle, post.by_brand, post.visibility) == ("tidewing", True, Visibility.PRIVATE)


def test_while_the_outgoing_secret_is_changed_either_side_may_be_first(harness: WebhookHarness) -> None:
    for secrets in (f"{OLD_SECRET} {SECRET_OUT}", f"{SECRET_OUT} {OLD_SECRET}"):
        with closing(connected(harness.system.url, secret_out=secrets)) as channel:
            assert channel.send(harness.reply(Act.PUBLIC_REPLY, "Found it.")).external_id


def test_a_lost_answer_then_the_same_reply_again_acts_once(harness: WebhookHarness) -> None:
    reply = harness.reply(Act.PUBLIC_REPLY, "Found it.")
    with harness.fault(Fault.LOST_ANSWER) as channel, pytest.raises(ChannelError):
        channel.send(reply)
    assert harness.channel.send(reply).external_id == f"answer/{reply.key}"
    told = [headers["webhook-id"] for headers, _ in harness.system.told].count(reply.key)
    assert (told, harness.effects(reply)) == (2, 1)


def test_the_fixtures_are_the_posts_a_person_would_expect(harness: WebhookHarness) -> None:
    def posts(name: str) -> list[Json]:
        return harness.channel.parse(Delivery((FIXTURES / f"{name}.json").read_bytes()))

    (mention,), (message,), (edit,), (deletion,) = map(
        posts, ("mention", "private_message", "edit", "deletion")
    )
    assert (mention.external_id, mention.mentions, mention.author.followers) == (
        "forum/4711",
        ("tidewing",),
        12,
    )
    assert (message.visibility, message.recipient_id) == (Visibility.PRIVATE, "member/1")
    assert (message.parent_id, message.conversation_id) == ("chat/9001", "chat-room/82")
    assert message.posted_at == datetime(2026, 11, 23, 9, 19, 58, 250_000, UTC)
    assert message.extra == {"order": "TW-104233"}
    assert (edit.external_id, edit.revision) == (mention.external_id, 1)
    assert deletion.deleted_at is not None
    assert deletion.author is None
    praise, answer = posts("batch")
    assert (praise.page_id, praise.mentions) == ("member/1", ("tidewing",))
    assert (answer.parent_id, answer.by_brand) == ("review/1", True)


def test_a_message_to_us_counts_as_mentioning_us_whatever_else_it_mentions(harness: WebhookHarness) -> None:
    payload = json.loads((FIXTURES / "private_message.json").read_text())
    payload["data"]["mentions"] = ["tom_on_tour", "tidewing"]
    (post,) = harness.channel.parse(Delivery(json.dumps(payload).encode()))
    assert post.mentions == ("tom_on_tour", "tidewing")
    del payload["data"]["mentions"], payload["data"]["recipient"]
    (post,) = harness.channel.parse(Delivery(json.dumps(payload).encode()))
    assert post.mentions is None


def test_a_misspelt_field_is_refused_instead_of_lost(harness: WebhookHarness) -> None:
    for place in ("", "data", "data.author", "data.recipient"):
        payload = json.loads((FIXTURES / "private_message.json").read_text())
        node = payload
        for name in filter(None, place.split(".")):
            node = node[name]
        node["in_reply_to"] = "chat/9001"
        with pytest.raises(ChannelError, match="unknown field 'in_reply_to'") as caught:
            harness.channel.parse(Delivery(json.dumps(payload).encode()))
        assert caught.value.permanent


@pytest.mark.parametrize("count", [0, 501])
def test_a_delivery_holds_at_least_one_post_and_not_too_many(harness: WebhookHarness, count: int) -> None:
    post = json.loads((FIXTURES / "mention.json").read_text())["data"]
    with pytest.raises(ChannelError, match=f"holds {count} posts"):
        harness.channel.parse(Delivery(json.dumps({"type": "post", "data": [post] * count}).encode()))

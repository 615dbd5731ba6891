"""The simulated network passes the contract suite, over HTTP against the simulator itself (label S)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from hearout.channels import registry
from hearout.channels.base import Act, Channel, ChannelError, Json, OutgoingReply
from hearout.channels.contract import ChannelContract
from hearout.channels.harness import Fault, Harness
from hearout.channels.simulator.channel import SimulatorChannel
from simulator.running import running_simulator

FIXTURES = Path(__file__).parent / "fixtures"
SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, not of anyone").decode()
TOKEN = "tidewing-token"
NOBODY_LISTENS = "http://127.0.0.1:9"
FAULTS = {
    Fault.RATE_LIMITED: "rate_limited",
    Fault.LOST_ANSWER: "drop_after_accept",
    Fault.ERROR_AFTER_ACCEPT: "error_after_accept",
}


def connected(url: str, token: str = TOKEN) -> SimulatorChannel:
    secrets = {"token": token, "webhook_secret": SECRET}
    channel = registry.connect("simulator", settings={"base_url": url}, secrets=secrets)
    assert isinstance(channel, SimulatorChannel)
    return channel


class SimulatorHarness(Harness):
    sample = json.loads((FIXTURES / "private_message.json").read_text())
    payloads = tuple(path.read_bytes() for path in sorted(FIXTURES.glob("*.json")))
    required = ("id", "created_at", "author", "author.id", "author.handle")
    ids = ("id", "in_reply_to", "conversation_id", "page_of", "author.id", "author.handle", "recipient.id")
    texts = ("text", "language", "author.name", "visibility")
    times = ("created_at", "edited_at")

    def __init__(self, url: str) -> None:
        self.url = url
        self.lengths = {
            "cafe\u0301": 4,
            "👩‍👩‍👧": 5,
            "see https://example.com/" + "x" * 100 + " now": 4 + 23 + 4,
            "http://a.b": 23,
            "https://a.b https://c.d": 47,
        }
        self.channel: SimulatorChannel = connected(url)
        self._http = httpx2.Client(base_url=url, trust_env=False)

    def control(self, method: str, path: str, body: Json = None) -> Json:
        # As ASCII, because half characters must reach the network.
        answer = self._http.request(method, f"/control/{path}", content=json.dumps(body).encode("ascii"))
        answer.raise_for_status()
        return answer.json()

    def as_brand(self, method: str, path: str, body: Json = None) -> httpx2.Response:
        """A call past the channel, to hear the network's own word."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self._http.request(method, f"/api/{path}", json=body, headers=headers)

    def close(self) -> None:
        self._http.close()
        self.channel.close()

    def publish(self, text: str) -> str:
        return str(self.post(text)["id"])

    def post(self, text: str, **more: Json) -> Json:
        return self.control("POST", "posts", {"author": "mira_k", "text": f"@tidewing {text}"} | more)

    def signed(self, body: bytes, at: float) -> dict[str, str]:
        stamp = str(int(at))
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        mac = hmac.new(key, b"msg_7." + stamp.encode() + b"." + body, hashlib.sha256).digest()
        signature = f"v1,{base64.b64encode(mac).decode()}"
        return {"webhook-id": "msg_7", "webhook-timestamp": stamp, "webhook-signature": signature}

    def reply(self, act: Act, text: str = "") -> OutgoingReply:
        # A new author each time: following the same one twice would not be seen as a new act.
        post = self.post("help me", author=f"tom_{uuid.uuid4().hex[:12]}")
        key, author = uuid.uuid4().hex, post["author"]["id"]
        target = None if act in (Act.PRIVATE_MESSAGE, Act.FOLLOW) else post["id"]
        return OutgoingReply(key, act, text, target, author, queued_at=datetime.now(UTC))

    def effects(self, reply: OutgoingReply) -> int:
        lines = [json.loads(line) for line in self._http.get("/control/truth").text.splitlines()]
        if reply.act in (Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE):
            return sum(line["event"] == "accepted" and line["key"] == reply.key for line in lines)
        verb = {Act.LIKE: "liked", Act.REPOST: "reposted", Act.FOLLOW: "followed"}[reply.act]
        about = f"users/{reply.recipient_id}" if reply.act is Act.FOLLOW else f"posts/{reply.target_id}"
        return int(self.as_brand("GET", f"{about}/{verb}").json()["value"])

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[Channel]:
        if fault is Fault.UNREACHABLE:
            yield connected(NOBODY_LISTENS)
        elif fault is Fault.TOKEN_EXPIRED:
            yield connected(self.url, token="yesterday")
        else:
            self.control("PUT", "faults", {FAULTS[fault]: 1.0})
            try:
                yield self.channel
            finally:
                self.control("PUT", "faults", {})


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_simulator() as network:
        yield network.url


@pytest.fixture
def harness(url: str) -> Iterator[SimulatorHarness]:
    with closing(SimulatorHarness(url)) as harness:
        yield harness


class TestSimulatorKeepsTheContract(ChannelContract):
    channel_name = "simulator"


def end_of_feed(channel: Channel) -> str:
    """The cursor behind all that the tests before have left, hostile posts included."""
    page = channel.fetch("")
    while page.more:
        page = channel.fetch(page.cursor)
    return page.cursor


def test_the_network_refuses_exactly_the_texts_whose_length_does_not_fit(harness: SimulatorHarness) -> None:
    for text in (
        "x" * 500,
        "e\u0301" * 500,
        "👍" * 500,
        "https://example.com/" + "y" * 600 + " " + "x" * 476,
    ):
        assert harness.channel.length(text).used == 500
        receipt = harness.channel.send(harness.reply(Act.PUBLIC_REPLY, text))
        assert receipt.external_id
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx2.post(
            f"{harness.url}/api/posts", json={"text": text + "z z"}, headers=headers, trust_env=False
        )
        assert answer.status_code == 422


def test_a_proxy_of_the_environment_is_ignored(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, NOBODY_LISTENS)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with closing(connected(url)) as channel:
        assert channel.fetch("").cursor


def test_edits_deletions_and_private_messages_come_with_the_feed(harness: SimulatorHarness) -> None:
    cursor = end_of_feed(harness.channel)
    brand_id = harness.as_brand("GET", "me").json()["id"]
    post = harness.post("my seat is broken")
    harness.control("PUT", f"posts/{post['id']}", {"text": "@tidewing my seat is wet"})
    harness.control("DELETE", f"posts/{post['id']}")
    harness.post("my number is 07", to="tidewing")
    told = [one for row in harness.channel.fetch(cursor).deliveries for one in harness.channel.parse(row)]
    assert [one.revision for one in told] == [0, 1, 2, 0]
    assert told[1].text == "@tidewing my seat is wet"
    assert told[1].edited_at is not None
    assert told[2].deleted_at is not None
    assert told[3].visibility == "private"
    assert told[3].conversation_id
    assert told[3].recipient_id == brand_id


def test_a_hostile_post_does_not_keep_back_those_behind_it(harness: SimulatorHarness) -> None:
    cursor = end_of_feed(harness.channel)
    hostile: list[Json] = [
        {"text": "\ud83d"},
        {"id": 7},
        {"author": []},
        {"created_at": "soon"},
        {"text": "a\0"},
    ]
    for raw in hostile:
        harness.post("hostile", raw=raw)
    wanted = harness.publish("a plain question")
    page = harness.channel.fetch(cursor)
    assert len(page.deliveries) == 6
    for delivery in page.deliveries[:5]:
        with pytest.raises(ChannelError) as caught:
            harness.channel.parse(delivery)
        assert caught.value.permanent
    assert harness.channel.parse(page.deliveries[5])[0].external_id == wanted


@pytest.fixture(scope="module")
def keyless_url() -> Iterator[str]:
    with running_simulator(no_idempotency=True) as network:
        yield network.url


@pytest.mark.parametrize("act", [Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE])
def test_a_network_that_ignores_keys_still_tells_whether_a_reply_arrived(keyless_url: str, act: Act) -> None:
    with closing(SimulatorHarness(keyless_url)) as harness:
        reply = harness.reply(act, "It is on its way.")
        assert harness.channel.look_up(reply) is None
        with harness.fault(Fault.LOST_ANSWER) as channel, pytest.raises(ChannelError):
            channel.send(reply)
        assert harness.channel.look_up(reply) is not None
        assert harness.effects(reply) == 1


def test_a_customers_account_writes_on_the_brands_page_and_knows_who_follows_it(
    harness: SimulatorHarness,
) -> None:
    jo = harness.control("POST", "accounts", {"handle": "jo_travels", "token": "jo-token"})
    brand = str(harness.as_brand("GET", "me").json()["id"])
    cursor = end_of_feed(harness.channel)
    post = OutgoingReply(uuid.uuid4().hex, Act.PUBLIC_REPLY, "Where is my seat?", page_id=brand)
    with closing(connected(harness.url, "jo-token")) as channel:
        receipt = channel.send(post)
        assert channel.followed_by(brand) is False
        harness.as_brand("POST", f"users/{jo['id']}/follow")
        assert channel.followed_by(brand) is True
        found = channel.look_up(post)
        assert found is not None
        assert found.external_id == receipt.external_id
    told = [one for row in harness.channel.fetch(cursor).deliveries for one in harness.channel.parse(row)]
    assert [(one.external_id, one.page_id) for one in told] == [(receipt.external_id, brand)]


@pytest.mark.parametrize("account", ["", "../me", "\0"])
def test_asking_whether_nobody_follows_is_refused(harness: SimulatorHarness, account: str) -> None:
    with pytest.raises(ChannelError) as caught:
        harness.channel.followed_by(account)
    assert caught.value.permanent

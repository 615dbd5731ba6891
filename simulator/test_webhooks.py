"""Deliveries and the stream, with a real receiver on loopback."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from simulator.conftest import Wire

SECRET = "whsec_" + base64.b64encode(b"a secret of some length").decode()
SECONDS = 20


class Receiver(ThreadingHTTPServer):
    """Keeps what is delivered; answers 500 as often as `refusals` says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: Queue[tuple[dict[str, str], bytes]] = Queue()
        self.refusals = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def ids(self) -> list[str]:
        """Ids of the posts of the next delivery."""
        return [post["id"] for post in json.loads(self.got.get(timeout=SECONDS)[1])["posts"]]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refuse = self.server.refusals > 0
        self.server.refusals -= refuse
        self.send_response(500 if refuse else 204)
        self.end_headers()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.put((headers, body))

    def log_message(self, format: str, *values: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def hook(net: Wire, receiver: Receiver) -> None:
    answer = net.brand.put("/api/webhook", json={"url": receiver.url, "secret": SECRET})
    assert answer.status_code == 200


def test_news_is_delivered_and_signed(net: Wire, receiver: Receiver) -> None:
    net.post("@tidewing before the hook")
    hook(net, receiver)
    post = net.post("@tidewing after the hook")
    headers, body = receiver.got.get(timeout=SECONDS)
    assert json.loads(body) == {"posts": [post]}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"a secret of some length", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_a_refused_delivery_comes_again_under_the_same_id(net: Wire, receiver: Receiver) -> None:
    receiver.refusals = 2
    hook(net, receiver)
    net.post("@tidewing hello")
    tries = [receiver.got.get(timeout=SECONDS) for _ in range(3)]
    assert len({headers["webhook-id"] for headers, _ in tries}) == 1
    assert len({body for _, body in tries}) == 1


def test_only_so_many_tries_are_made(net: Wire, receiver: Receiver) -> None:
    receiver.refusals = 100
    hook(net, receiver)
    first = net.post("@tidewing never taken")
    net.await_truth("fault", 1)
    assert [receiver.ids() for _ in range(receiver.got.qsize())] == [[first["id"]]] * 9
    assert net.truth("fault")[0]["ids"] == [first["id"]]


def test_delivered_posts_are_in_the_truth_log(net: Wire, receiver: Receiver) -> None:
    hook(net, receiver)
    first = net.post("@tidewing one")
    receiver.ids()
    net.post("@tidewing two")
    receiver.ids()
    assert net.truth("delivered")[0]["id"] == first["id"]


def test_a_useless_hook_is_refused(net: Wire) -> None:
    for wanted in ({"url": "ftp://x", "secret": SECRET}, {"url": "http://x", "secret": "plain"}, {}):
        assert net.brand.put("/api/webhook", json=wanted).status_code == 400


def test_duplicates_missing_and_shuffled_deliveries_leave_the_feed_alone(
    net: Wire, receiver: Receiver
) -> None:
    hook(net, receiver)
    net.control.put("/control/faults", json={"duplicate": 1})
    doubled = net.post("@tidewing twice")
    assert receiver.ids() == receiver.ids() == [doubled["id"]]
    net.control.put("/control/faults", json={"missing": 1})
    lost = net.post("@tidewing never")
    net.await_truth("fault", 2)
    net.control.put("/control/faults", json={})
    after = net.post("@tidewing after")
    assert receiver.ids() == [after["id"]]
    assert [post["id"] for post in net.feed()["posts"]] == [doubled["id"], lost["id"], after["id"]]
    assert {line["fault"] for line in net.truth("fault")} == {"duplicate", "missing"}


def test_a_shuffled_batch_comes_in_another_order(net: Wire, receiver: Receiver) -> None:
    hook(net, receiver)
    net.control.put("/control/faults", json={"shuffle": 1})
    wanted = {"posts": 60, "speed": 1_000_000, "start": "2026-03-02T00:00:00Z", "hours": 1, "seed": 3}
    net.control.post("/control/day", json=wanted)
    net.control.get("/control/day", params={"wait": 60})
    in_feed = [post["id"] for post in net.feed()["posts"]]
    delivered: list[str] = []
    while len(delivered) < len(in_feed):
        delivered += receiver.ids()
    assert sorted(delivered) == sorted(in_feed)
    assert delivered != in_feed


def test_the_stream_tells_what_the_feed_tells(net: Wire) -> None:
    first = net.post("@tidewing one")
    with net.brand.stream("GET", "/api/stream") as answer:
        lines = answer.iter_lines()
        told = json.loads(next(lines))
        assert told["post"] == first
        # An empty line says that the connection lives; the fixture asks for one every 0.2 s.
        assert next(lines) == ""
        second = net.post("@tidewing two")
        told = json.loads(next(line for line in lines if line))
        assert told["post"] == second
    assert net.feed(cursor=told["cursor"])["posts"] == []
    with net.brand.stream("GET", "/api/stream", params={"cursor": told["cursor"]}) as answer:
        third = net.post("@tidewing three")
        assert json.loads(next(line for line in answer.iter_lines() if line))["post"] == third


def test_the_stream_ends_with_its_token(net: Wire) -> None:
    with net.brand.stream("GET", "/api/stream") as answer:
        lines = answer.iter_lines()
        assert next(lines) == ""
        net.control.post("/control/token", json={"handle": "tidewing", "token": "fresh"})
        assert [line for line in lines if line] == []


def test_the_stream_doubles_drops_and_swaps_on_demand(net: Wire) -> None:
    one, two = net.post("@tidewing one"), net.post("@tidewing two")
    for faults, told in (
        ({"duplicate": 1}, [one, one, two, two]),
        ({"shuffle": 1}, [two, one]),
        ({"missing": 1}, []),
    ):
        net.control.put("/control/faults", json=faults)
        with net.brand.stream("GET", "/api/stream") as answer:
            lines = answer.iter_lines()
            until_silence = []
            while line := next(lines):
                until_silence.append(json.loads(line)["post"])
        assert until_silence == told

"""One simulator a test file, forgotten between its tests."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from simulator.running import Running, running_simulator

TOKEN = "tidewing-token"
CARE = "tidewingcare:Tidewing Care:care-token"


@dataclass(slots=True)
class Wire:
    """The network as seen through HTTP: `brand` carries the brand's token, `control` none."""

    running: Running
    brand: httpx2.Client
    care: httpx2.Client
    control: httpx2.Client

    def post(self, text: str, author: str = "mira_k", **more: Any) -> dict[str, Any]:
        answer = self.control.post("/control/posts", json={"author": author, "text": text, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def reply(self, to: dict[str, Any], text: str, key: str | None = None) -> httpx2.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.brand.post("/api/posts", json={"text": text, "in_reply_to": to["id"]}, headers=headers)

    def feed(self, **query: Any) -> dict[str, Any]:
        answer = self.brand.get("/api/feed", params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def truth(self, event: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.control.get("/control/truth").text.splitlines()]
        return [line for line in lines if line["event"] == event]

    def await_truth(self, event: str, count: int) -> None:
        """Ask until the truth log holds so many lines of `event`: what happens beside calls has no answer."""
        deadline = time.monotonic() + 20
        while len(self.truth(event)) < count:
            assert time.monotonic() < deadline, f"no {count} {event} in the truth log"

    def summary(self) -> dict[str, Any]:
        return dict(self.control.get("/control/truth/summary").json())

    def live(self, **day: Any) -> dict[str, Any]:
        """A day in a tenth of a second, to its end."""
        wanted = {"posts": 200, "speed": 1_000_000, "seed": 7, "start": "2026-03-02T00:00:00Z"} | day
        assert self.control.post("/control/day", json=wanted).status_code == 202
        return dict(self.control.get("/control/day", params={"wait": 60}).json())


def client(url: str, token: str | None = None) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.Client(base_url=url, headers=headers, trust_env=False, timeout=90)


def wire_to(running: Running) -> Wire:
    return Wire(running, client(running.url, TOKEN), client(running.url, "care-token"), client(running.url))


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_simulator(account=CARE, heartbeat=0.2, retry=0.01) as simulator:
        yield simulator


@pytest.fixture
def net(running: Running) -> Wire:
    wire = wire_to(running)
    assert wire.control.delete("/control/all").status_code == 200
    wire.control.put("/control/limits", json={"calls": 100_000, "seconds": 60})
    return wire

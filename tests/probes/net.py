"""The network, and what tests of mystery shopping do to it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import httpx2
from django.utils.timezone import now

from hearout.insight.probes import sending
from hearout.insight.probes.models import Plan, Probe
from hearout.insight.probes.plan_file import EXAMPLE
from hearout.replies.network import KilledError

TOKEN = "tidewing-token"
CARE = "tidewingcare:Tidewing Care:care-token"


class Net:
    """The network, and what a test does to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx2.Client(base_url=url, trust_env=False, timeout=30)

    def control(self, method: str, path: str, body=None):
        answer = self._http.request(method, f"/control/{path}", json=body)
        answer.raise_for_status()
        return answer

    def call(self, method: str, path: str, body=None, *, token: str = TOKEN):
        answer = self._http.request(
            method, f"/api/{path}", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        answer.raise_for_status()
        return answer.json()

    def faults(self, **shares) -> None:
        self.control("PUT", "faults", shares)

    def written_by(self, handle: str) -> Counter[str]:
        """How often each text arrived, by the network's own log."""
        lines = [json.loads(line) for line in self.control("GET", "truth").text.splitlines()]
        return Counter(
            line["text"] for line in lines if line["event"] == "posted" and line["author"] == handle
        )


def plan_text(net, *changes: tuple[str, str]) -> str:
    """The documented example, on this network and this week."""
    begin = now() - timedelta(hours=1)
    end = now() + timedelta(days=7)
    text = EXAMPLE.replace("http://127.0.0.1:8099", net.url).replace('zone = "Europe/Lisbon"', 'zone = "UTC"')
    text = text.replace("2026-03-02T00:00:00", f"{begin:%Y-%m-%dT%H:%M:%S}")
    text = text.replace("2026-03-09T00:00:00", f"{end:%Y-%m-%dT%H:%M:%S}")
    text = text.replace('"march"', '"blindfold"')
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def time_passes(due: bool = True) -> None:
    """All waits, leases and looks are over, and every probe is due."""
    ago = now() - timedelta(minutes=5)
    if due:
        Probe.objects.filter(due_at__isnull=False).update(due_at=ago)
    Probe.objects.filter(lease_until__isnull=False).update(lease_until=ago)
    Probe.objects.filter(uncertain_at__isnull=False).update(uncertain_at=ago)


def send(plan: Plan, rounds: int = 60) -> None:
    """Until nothing is due, over as many deaths of the process as it takes."""
    for _ in range(rounds):
        time_passes()
        try:
            if not sending.send_due([plan.pk]):
                return
        except KilledError:
            pass


def answer(net, probe: Probe, text: str, token: str = TOKEN) -> None:
    net.call("POST", "posts", {"text": text, "in_reply_to": probe.external_id}, token=token)

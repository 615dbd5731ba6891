"""Mystery shopping over real HTTP: sent once, blind at the desk, apart from customers' figures, and reported."""

from __future__ import annotations

import dataclasses
import json
import time
from collections import Counter
from datetime import timedelta

import httpx2
import pytest
from django.utils.timezone import now

from hearout import pipeline
from hearout.insight.probes import sending
from hearout.insight.probes.hearing import hear
from hearout.insight.probes.models import Plan, Probe, Shopper
from hearout.insight.probes.plan_file import EXAMPLE, parse_plan
from hearout.insight.probes.planning import lay
from hearout.insight.probes.reporting import report, reveal, standing
from hearout.listening.connecting import connect
from hearout.listening.models import Connection
from hearout.replies.network import KilledError
from simulator.running import running_simulator

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


@pytest.fixture(scope="module")
def urls():
    with (
        running_simulator(account=CARE) as keyed,
        running_simulator(account=CARE, no_idempotency=True) as keyless,
    ):
        yield {"keys": keyed.url, "no keys": keyless.url}


@pytest.fixture(params=["keys"])
def net(urls, request, cast, monkeypatch):
    net = Net(urls[request.param])
    net.control("DELETE", "all")
    for handle, token in (("jo_travels", "jo-token"), ("kim_flies", "kim-token")):
        net.control("POST", "accounts", {"handle": handle, "name": handle, "token": token})
        monkeypatch.setenv(f"{token[:2].upper()}_TOKEN", token)
    for handle, token in ((cast.main_handle, "tidewing-token"), (cast.care_handle, "care-token")):
        handle.external_id = net.call("GET", "me", token=token)["id"]
        handle.save()
    if request.param == "no keys":
        manifest = sending.registry.manifest("simulator")
        known = dataclasses.replace(manifest, idempotent=False)
        monkeypatch.setattr(sending.registry, "manifest", lambda name: known)
    return net


def plan_text(net, **changes: str) -> str:
    """The documented example, on this network and this week."""
    begin = now() - timedelta(hours=1)
    end = now() + timedelta(days=7)
    text = EXAMPLE.replace("http://127.0.0.1:8099", net.url).replace('zone = "Europe/Lisbon"', 'zone = "UTC"')
    text = text.replace("2026-03-02T00:00:00", f"{begin:%Y-%m-%dT%H:%M:%S}")
    text = text.replace("2026-03-09T00:00:00", f"{end:%Y-%m-%dT%H:%M:%S}")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def plan(net) -> Plan:
    return lay(parse_plan(plan_text(net)))


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


def test_a_plan_is_sent_through_the_channel_each_probe_once_and_where_it_belongs(net, plan, cast):
    send(plan)
    assert net.written_by("jo_travels") == Counter(plan.probes.values_list("text", flat=True))
    assert standing(plan) == {"planned": 9, "sent": 9, "waiting": 0, "failed": 0, "parked": 0}
    for probe in plan.probes.all():
        post = net.call("GET", f"posts/{probe.external_id}")
        assert post["page_of"] == (cast.main_handle.external_id if probe.own_page else None)
        assert ("@tidewing" in post["text"]) is (probe.directness == "direct" and not probe.own_page)


@pytest.mark.parametrize("net", ["keys", "no keys"], indirect=True)
@pytest.mark.parametrize("fault", ["drop_after_accept", "error_after_accept"])
def test_after_a_lost_answer_no_probe_is_posted_twice(net, plan, fault):
    net.faults(**{fault: 1.0})
    time_passes()
    sending.send_due([plan.pk])
    assert len(net.written_by("jo_travels")) > 3
    assert standing(plan)["sent"] == 0
    net.faults(**{fault: 0.4, "rate_limited": 0.2, "seed": 3})
    for _ in range(4):
        time_passes()
        sending.send_due([plan.pk])
    net.faults()
    send(plan)
    assert set(net.written_by("jo_travels").values()) == {1}
    assert standing(plan)["sent"] == 9


@pytest.mark.parametrize("net", ["keys", "no keys"], indirect=True)
def test_killed_between_the_networks_yes_and_ours_no_probe_is_posted_twice(net, plan, monkeypatch):
    real, deaths = sending._accepted, []

    def dies(probe, receipt):
        deaths.append(probe.pk)
        if len(deaths) % 2:
            raise KilledError
        real(probe, receipt)

    monkeypatch.setattr(sending, "_accepted", dies)
    send(plan)
    assert len(deaths) >= 9
    assert set(net.written_by("jo_travels").values()) == {1}
    assert standing(plan)["sent"] == 9


@pytest.mark.parametrize("net", ["keys", "no keys"], indirect=True)
def test_a_network_slower_than_our_patience_gets_no_probe_twice(net, plan, monkeypatch):
    from hearout.channels.simulator.calls import Calls

    defaults = Calls._answer.__wrapped__.__kwdefaults__
    patient = defaults["timeout"]
    monkeypatch.setitem(defaults, "timeout", httpx2.Timeout(0.05))
    net.faults(delay=1.0, delay_seconds=0.2)
    time_passes()
    sending.send_due([plan.pk], limit=3)
    assert plan.probes.filter(uncertain_at__isnull=False).count() == 3
    net.faults()
    monkeypatch.setitem(defaults, "timeout", patient)
    deadline = time.monotonic() + 20
    while len(net.written_by("jo_travels")) < 3:  # it takes effect after we gave up
        assert time.monotonic() < deadline
    send(plan)
    assert net.written_by("jo_travels") == Counter(plan.probes.values_list("text", flat=True))


def test_what_another_process_holds_is_left_to_it(net, plan, monkeypatch):
    def dies(probe, receipt):
        raise KilledError

    monkeypatch.setattr(sending, "_accepted", dies)
    time_passes()
    with pytest.raises(KilledError):
        sending.send_due([plan.pk], limit=1)
    held = Probe.objects.get(lease_until__isnull=False)
    monkeypatch.undo()
    assert sending.send_due([plan.pk]) == 8
    held.refresh_from_db()
    assert held.sent_at is None


def test_a_plan_nobody_ran_for_long_is_drawn_anew_and_not_sent_in_a_heap(net, plan):
    Probe.objects.update(due_at=now() - timedelta(hours=2))
    sending.send_due([plan.pk], limit=50)
    assert net.written_by("jo_travels") == {}
    assert {probe.due_at > now() for probe in plan.probes.all()} == {True}
    Plan.objects.update(starts_at=now() - timedelta(days=2), ends_at=now() - timedelta(days=1))
    Probe.objects.update(due_at=now() - timedelta(hours=2))
    sending.send_due([plan.pk], limit=50)
    assert net.written_by("jo_travels") == {}
    assert standing(plan)["failed"] == 9


def test_the_brake_holds_probes_too(net, plan, cast):
    from hearout.replies.brake import pull, release

    pull(cast.brand, by=cast.sol, reason="A wrong text went round.")
    time_passes()
    assert sending.send_due([plan.pk]) == 0
    release(cast.brand, by=cast.sol)
    send(plan)
    assert standing(plan)["sent"] == 9


def test_a_refused_token_ends_the_attempt_with_a_cause(net, plan):
    net.control("POST", "token", {"handle": "jo_travels", "token": "another"})
    send(plan)
    assert standing(plan)["failed"] == 9
    assert "renew the token" in plan.probes.first().cause

"""Probes over real HTTP: each is posted once, whatever breaks."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import httpx2
import pytest
from django.utils.timezone import now

from hearout.insight.probes import sending
from hearout.insight.probes.models import Plan, Probe
from hearout.insight.probes.reporting import standing
from hearout.replies.network import KilledError
from tests.probes.net import send, time_passes


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

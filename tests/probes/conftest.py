"""A network with two customers who have tokens, and a plan on it."""

from __future__ import annotations

import dataclasses

import pytest

from hearout.insight.probes import sending
from hearout.insight.probes.models import Plan
from hearout.insight.probes.plan_file import parse_plan
from hearout.insight.probes.planning import lay
from simulator.running import running_simulator
from tests.probes.net import CARE, Net, plan_text


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


@pytest.fixture
def plan(net) -> Plan:
    return lay(parse_plan(plan_text(net)))

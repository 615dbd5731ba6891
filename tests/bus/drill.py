"""Three listeners and a bus, any of which may die at any moment, judged by the log of what was published."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count

from tests.bus.server import NatsServer, running_nats
from tests.drill.day import ROOT, environment, wait_for

LISTENERS = 3
ACK_WAIT = 2.0
"""Seconds until what a dead listener took is given to another; thirty outside of drills."""

OURS = (
    "where is my bag @tidewing?",
    "Tidewing Go lost my booking",
    "never again #tidewing",
    "tidewing is late",
)
NOISE = (
    "coffee first",
    "what a day for the roadrunners",
    "tide and wing are two words",
    "@somebody else's plane",
)


@dataclass
class Outcome:
    """`published` and `concerning` count posts by the truth log; the lists hold ids and should be empty."""

    published: int = 0
    concerning: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    unclean: list[int] = field(default_factory=list)


def listen_through(*, kills: int, broken: str = "none", seed: int = 7) -> Outcome:
    """Publish posts until listeners and server were killed `kills` times, then let the rest be stored, then judge."""
    choose = random.Random(seed)
    outcome = Outcome()
    with ExitStack() as stack:
        server = stack.enter_context(running_nats())
        make_consumer(server.url)
        listeners = [start_listener(server, broken) for _ in range(LISTENERS)]
        stack.callback(lambda: [end(listener) for listener in listeners])
        with published(server, choose) as truth:
            wait_for(lambda: stored_rows() > 0, 240, "the first stored post")
            for number in range(kills):
                time.sleep(choose.uniform(0.2, 0.8))
                outcome.kills["server" if number % 4 == 2 else "listener"] += 1
                if number % 4 == 2:
                    server.kill()
                    server.start()
                else:
                    unlucky = choose.randrange(LISTENERS)
                    end(listeners[unlucky])
                    listeners[unlucky] = start_listener(server, broken)
        wait_for(lambda: server.waiting() == 0, 240, "the bus to be empty")
        wait_for(lambda: idle_listeners(server) >= LISTENERS, 240, "listeners that were just started")
        outcome.unclean = [code for listener in listeners if (code := stop(listener))]
    return judge(truth, outcome)


def make_consumer(url: str) -> None:
    """The listeners' consumer, impatient."""
    from hearout.listening.streams.bus import Bus

    bus = Bus(url, ack_wait=ACK_WAIT)
    bus.open()
    bus.take(1, 0.1)
    bus.close()


def idle_listeners(server: NatsServer) -> int:
    streams = server.told("jsz?consumers=true")["account_details"][0]["stream_detail"]
    return int(streams[0]["consumer_detail"][0]["num_waiting"])


def start_listener(server: NatsServer, broken: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bus.listener", server.url, broken], cwd=ROOT, env=environment()
    )


def end(listener: subprocess.Popen[bytes]) -> None:
    listener.kill()
    listener.wait()


def stop(listener: subprocess.Popen[bytes]) -> int:
    listener.send_signal(signal.SIGTERM)
    return listener.wait(60)


@contextmanager
def published(server: NatsServer, choose: random.Random) -> Iterator[list[dict]]:
    """`hearout listen --bus --stdin` is fed while the block runs. At its end the truth log is complete: the
    publisher ended well, so all that was told is on the bus."""
    command = [sys.executable, "-m", "hearout.cli", "listen", "--bus", server.url, "--stdin"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE)
    over, truth = threading.Event(), []

    def feed() -> None:
        posts = made_posts(choose)
        while not over.wait(0.02):
            some = [next(posts) for _ in range(20)]
            again = truth[-200:] and choose.sample(truth[-200:], 2)
            lines = [json.dumps(post) for post in [*some, *again]]
            process.stdin.write("".join(line + "\n" for line in lines).encode())
            process.stdin.flush()
            truth.extend(some)
        process.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        yield truth
    finally:
        over.set()
        feeder.join()
        code = process.wait(240)
    assert code == 0


def made_posts(choose: random.Random) -> Iterator[dict]:
    for number in count():
        ours = choose.random() < 0.5
        yield {
            "external_id": f"{'ours' if ours else 'noise'}-{number}",
            "network": "simulator",
            "posted_at": "2026-03-02T10:00:00Z",
            "author": {"external_id": f"u_{number % 50}", "handle": f"customer_{number % 50}"},
            "text": f"{choose.choice(OURS if ours else NOISE)} ({number})",
        }


def stored_rows() -> int:
    from hearout.listening.models import Received

    return Received.objects.filter(route="stream").count()


def judge(truth: list[dict], outcome: Outcome) -> Outcome:
    """Compare what was published with what the inbox holds, and with the posts that come of it."""
    from hearout import pipeline
    from hearout.listening.models import Post, Received

    told = {post["external_id"] for post in truth}
    wanted = {one for one in told if one.startswith("ours")}
    bodies = Received.objects.filter(route="stream").values_list("body", flat=True)
    held = Counter(json.loads(bytes(body))["external_id"] for body in bodies)
    pipeline.run_until_idle(pipeline.choose(names=["hear"]))
    posts = Counter(Post.objects.values_list("external_id", flat=True))
    outcome.published, outcome.concerning = len(told), len(wanted)
    outcome.lost = sorted((wanted - held.keys()) | (wanted - posts.keys()))
    outcome.needless = sorted((held.keys() | posts.keys()) - wanted)
    outcome.doubled = sorted({one for counts in (held, posts) for one, n in counts.items() if n > 1})
    return outcome

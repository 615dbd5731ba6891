"""A day on the simulated network against the real front and killable workers, judged by the log of the truth."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from django.db import connection

from simulator.running import running_simulator

ROOT = Path(__file__).resolve().parent.parent.parent
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
FAULTS = {
    "rate_limited": 0.1, "error_after_accept": 0.1, "drop_after_accept": 0.1, "delay": 0.1, "duplicate": 0.1,
    "shuffle": 0.1, "missing": 0.1, "delay_seconds": 0.05,
}  # fmt: skip


@dataclass
class Outcome:
    """What the truth log says happened. `lost` and `doubled` are external ids."""

    posted: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    answered_twice: list[object] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    sent: int = 0
    kills: int = 0
    webhooks: int = 0


@dataclass
class Workers:
    """The processes of the drill, some of which die."""

    broken: str
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: int = 0

    def start(self, part: str) -> None:
        self.parts[part] = subprocess.Popen(
            [sys.executable, "-m", "tests.drill.worker", part.rstrip("0123456789"), self.broken],
            cwd=ROOT,
            env=environment(),
        )

    def kill_one(self, choose: random.Random) -> None:
        """kill -9, and a new one in its place."""
        part = choose.choice(sorted(p for p in self.parts if not p.startswith("agent")))
        self.parts[part].kill()
        self.parts[part].wait()
        self.kills += 1
        self.start(part)

    def stop(self) -> None:
        for process in self.parts.values():
            process.kill()
            process.wait()


def environment() -> dict[str, str]:
    """That of the processes under test: our test database, reached by its own name."""
    settings = connection.settings_dict
    host, port, user = settings["HOST"], settings["PORT"], settings["USER"]
    url = f"host={host} port={port or 5432} user={user} dbname={settings['NAME']}"
    return {**os.environ, "HEAROUT_DATABASE_URL": url, "HEAROUT_LOG_LEVEL": "ERROR", "PYTHONPATH": str(ROOT)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_front() -> Iterator[str]:
    """`hearout serve` as a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "hearout.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: reachable(f"http://127.0.0.1:{port}/healthz"), 60, "the front")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(15)


def reachable(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False


def wait_for(ready, seconds: float, what: str) -> None:
    """Poll until `ready()`; there is nothing to listen to."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} was not ready within {seconds:.0f} s")
        time.sleep(0.1)


def live_through(cast, *, posts: int, kills: int, broken: str = "none", seed: int = 7) -> Outcome:
    """Let customers live for a day while everything fails at 10 % and workers are killed, then judge."""
    choose = random.Random(seed)
    with ExitStack() as stack:
        network = stack.enter_context(
            running_simulator(seed=seed, account=["tidewingcare:Tidewing Care:care-token"])
        )
        front = stack.enter_context(running_front())
        control = stack.enter_context(httpx2.Client(base_url=network.url, timeout=30, trust_env=False))
        connect(cast, network.url, front)
        workers = Workers(broken)
        stack.callback(workers.stop)
        for part in ("inside1", "inside2", "outside1", "agent"):
            workers.start(part)
        control.put("/control/faults", json={**FAULTS, "seed": seed}).raise_for_status()
        day = {"brand": "tidewing", "posts": posts, "speed": 10_000 if posts < 1_000 else 2_000, "seed": seed}
        control.post("/control/day", json=day).raise_for_status()
        for _ in range(kills):
            time.sleep(choose.uniform(0.3, 1.2))
            workers.kill_one(choose)
        wait_for(
            lambda: not control.get("/control/day", params={"wait": 5}).json()["running"], 600, "the day"
        )
        if broken == "forgetful_sender":  # on a busy machine the day may be over before much is answered
            wait_for(lambda: told_truth(control)["answered_twice"] or at_rest(), 120, "a second answer")
        control.put("/control/faults", json={}).raise_for_status()
        come_to_rest(broken)
        workers.stop()
        truth = [json.loads(line) for line in control.get("/control/truth").text.splitlines()]
        return judge(truth, told_truth(control), workers.kills)


def told_truth(control: httpx2.Client) -> dict:
    return control.get("/control/truth/summary").json()


def connect(cast, network: str, front: str) -> None:
    from hearout.listening.connecting import channel_of
    from hearout.listening.connecting import connect as connect_handle

    for handle, token in ((cast.main_handle, "tidewing-token"), (cast.care_handle, "care-token")):
        handle.external_id = ""
        handle.save(update_fields=["external_id"])
        link = connect_handle(
            handle, "simulator", {"base_url": network}, {"token": token, "webhook_secret": SECRET}
        )
        channel_of(link).prepare(
            webhook_url=f"{front}/hooks/{link.hook_id}/", words=[w.text for w in cast.brand.watchwords.all()]
        )


def come_to_rest(broken: str) -> None:
    """Until every handle has been swept since the faults ended and no stage has anything left to do."""
    quiet = 0
    begun = datetime.now(UTC)
    deadline = time.monotonic() + (240 if broken == "none" else 20)
    while quiet < 60 and time.monotonic() < deadline:
        quiet = quiet + 1 if at_rest(begun) else 0
        time.sleep(0.1)


WAITING = """
SELECT (SELECT count(*) FROM listening_received WHERE due_at IS NOT NULL)
     + (SELECT count(*) FROM listening_mention WHERE due_at IS NOT NULL)
     + (SELECT count(*) FROM triage_verdict WHERE due_at IS NOT NULL)
     + (SELECT count(*) FROM cases_case WHERE clocks_due_at IS NOT NULL)
     + (SELECT count(*) FROM replies_reply WHERE due_at IS NOT NULL)
     + (SELECT count(*) FROM listening_connection WHERE fetched_at IS NULL OR fetched_at < %s)
"""


def at_rest(since: datetime = ALWAYS) -> bool:
    """Whether nothing waits, and every handle has been swept since then."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [since])
        return cursor.fetchone()[0] == 0


def judge(truth: list[dict], summary: dict, kills: int) -> Outcome:
    """Compare what the network knows with what the database holds."""
    from hearout.cases.models import Case, CasePost
    from hearout.listening.models import Post, Received
    from hearout.replies.models import Reply
    from hearout.replies.state import State, state

    told = {line["id"] for line in truth if line["event"] == "posted" and line["feeds"]}
    gone = {line["id"] for line in truth if line["event"] == "deleted"}
    held = Counter(Post.objects.filter(network="simulator").values_list("external_id", flat=True))
    open_cases = Counter(Case.objects.filter(closure=None).values_list("customer_id", flat=True))
    places = Counter(CasePost.objects.values_list("post_id", flat=True))
    outcome = Outcome(posted=len(told), kills=kills, answered_twice=summary["answered_twice"])
    outcome.lost = sorted(told - held.keys() - gone)
    outcome.doubled = [str(k) for counts in (held, open_cases, places) for k, n in counts.items() if n > 1]
    finished = {State.SEEN, State.DRAFT, State.DISCARDED}
    outcome.unfinished = [
        f"{reply}: {state(reply)} {reply.cause}"
        for reply in Reply.objects.all()
        if state(reply) not in finished
    ]
    outcome.sent = Reply.objects.filter(seen_at__isnull=False).count()
    outcome.webhooks = Received.objects.filter(route="webhook").count()
    return outcome

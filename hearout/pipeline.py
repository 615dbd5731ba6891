"""The way of a post. Read this file first.

A post comes in from a network, is found to concern a brand, is read, gets a verdict, joins a case,
starts a clock, is answered, and the answer is seen on the network. Each stage pulls what the one
before has left in the database and leaves one noun behind; nobody pushes, nothing is signalled (a knock
may end a rest early, no more).
Every step takes a limit and the time, and says how many rows it did.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from django.db import DatabaseError, close_old_connections, connection

from hearout.cases import assigning, opening, snoozing
from hearout.clocks import reckoning, sweeping
from hearout.insight.trends import watching
from hearout.lib import doorbell
from hearout.listening import fetching, hearing, looking_out
from hearout.replies import reading_back, sending
from hearout.triage import deciding
from hearout.triage.learning import nightly

log = logging.getLogger(__name__)

Step = Callable[[int, datetime], int]


@dataclass(frozen=True)
class Stage:
    """One step of the way. `outside` steps talk to networks and may wait for them; `apart` ones take seconds
    now and then. Neither holds up the others: each has a thread of its own."""

    name: str
    step: Step
    leaves: str
    outside: bool = False
    batch: int = 300
    apart: bool = False


STAGES: tuple[Stage, ...] = (
    Stage("fetch", fetching.fetch_due, "Received", outside=True, batch=20),
    Stage("hear", hearing.hear, "Post, Mention"),
    Stage("look out", looking_out.look_out, "Impostor", batch=3000),
    Stage("decide", deciding.decide, "Verdict"),
    Stage("open", opening.open_cases, "Case"),
    Stage("hand out", assigning.hand_out, "Case with an assignee"),
    Stage("wake", snoozing.wake_due, "Case back in the inbox"),
    Stage("reckon", reckoning.reckon, "Clock"),
    Stage("sweep", sweeping.sweep, "warnings and breaches, each announced once"),
    Stage("learn", nightly.learn_due, "ReaderVersion, once a night", apart=True, batch=1),
    Stage("watch", watching.watch_due, "Alarm", apart=True, batch=20),
    Stage("send", sending.send_due, "Reply on its way", outside=True, batch=20),
    Stage("read back", reading_back.look_for, "Reply seen on the network", outside=True, batch=20),
)


def run_once(stages: Sequence[Stage] = STAGES, now: datetime | None = None) -> int:
    """One step of each stage, in order. Returns how many rows moved."""
    return sum(stage.step(stage.batch, now or datetime.now(UTC)) for stage in stages)


def run_until_idle(stages: Sequence[Stage] = STAGES, most_rounds: int = 100_000) -> int:
    """Repeat until no stage has anything left to do now. For tests, imports and benches."""
    total = 0
    for _ in range(most_rounds):
        moved = run_once(stages)
        total += moved
        if not moved:
            return total
    raise RuntimeError(f"the pipeline did not come to rest in {most_rounds} rounds")


def choose(*, outside: bool | None = None, names: Collection[str] = ()) -> tuple[Stage, ...]:
    """The stages that talk to networks, those that do not, or those named."""
    chosen = [stage for stage in STAGES if outside is None or stage.outside is outside]
    return tuple(stage for stage in chosen if not names or stage.name in names)


def run_forever(
    stages: Sequence[Stage],
    stop: Callable[[], bool],
    pause: float = 0.2,
    rest: Callable[[float], bool | None] = time.sleep,
) -> None:
    """Run until `stop()`, resting up to `pause` seconds when nothing is due; `rest` may end earlier, by
    being woken: True.

    An error in one stage is logged and does not keep the others from working.
    """
    troubles = idle = 0
    while not stop():
        moved = 0
        for stage in stages:
            try:
                moved += stage.step(stage.batch, datetime.now(UTC))
            except Exception:
                troubles += 1
                log.exception("stage %s failed; it is tried again", stage.name)
                connection.close()
                time.sleep(min(5.0, 0.2 * troubles))
            else:
                troubles = max(0, troubles - 1)
        idle = 0 if moved else idle + 1
        if idle:
            # briefly at first: another worker may be about to leave something
            idle = 0 if rest(min(pause, 0.005 * 2 ** min(idle, 10))) else idle
        if idle == IDLE_ROUNDS:
            close_old_connections()


def rest_by_the_door(seconds: float) -> bool:
    """Sleep until something has come in, which is True, or that long. Without the database, as any sleep."""
    try:
        connection.ensure_connection()
        return doorbell.rest(connection.connection, seconds)
    except (DatabaseError, psycopg.Error):
        connection.close()
        time.sleep(seconds)
        return False


IDLE_ROUNDS = 50
"""Rounds without work after which a connection that has grown old is given back."""

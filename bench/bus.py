"""How many posts of a firehose one, two and three listeners take off the bus: `python bench/bus.py [--quick]`.

A real nats-server (`sync_interval: always`) and the embedded database as shipped, on this machine with everything
else. The bus is filled while the listeners (`hearout listen --bus --only take`, a process each) wait; time is from
letting them begin until the bus is empty, which is when all they kept is committed. The rows are counted afterwards.
Reference, in the same run: one core that only parses and matches the same posts, with neither bus nor database.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from ground import NOISE, Ground, body_of, ground, openings, post_of, tidewing, wait_until
from measure import QUICK, print_head, print_line, print_machine

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.bus.server import NatsServer, running_nats

if TYPE_CHECKING:
    from hearout.listening.streams.bus import Bus

POSTS = 20_000 if QUICK else 200_000
RUNS = 1 if QUICK else 3
SHARE = 0.01
"""Of the posts, how many concern the brand. Of a whole network it is far less."""

LISTENERS = (1, 2, 3)
WARM = 2_000
"""Posts, not counted, by which what matching needs is loaded."""


def main() -> None:
    print_machine()
    with (
        ground() as here,
        running_nats() as server,
        psycopg.connect(here.url, autocommit=True) as database,
    ):
        connection_id, first = tidewing().pk, 0
        first += POSTS
        posts = firehose(POSTS, SHARE, first)
        print(f"\n{len(posts):,} posts, {ours(posts):,} of them about the brand")
        print_head("posts", "posts/s")
        read(posts[:WARM], connection_id)
        alone = [len(posts) / read(posts, connection_id) for _ in range(RUNS)]
        print_line(len(posts), "reference: parse and match", alone)
        filled: list[float] = []
        for count in LISTENERS:
            rates = []
            for _ in range(RUNS):
                first += POSTS
                posts = firehose(POSTS, SHARE, first)  # the bus and the database know what they had before
                database.execute("TRUNCATE listening_received CASCADE")
                rates.append(len(posts) / take(here, server, posts, connection_id, count, filled))
                row = database.execute("SELECT count(*) FROM listening_received").fetchone()
                if row != (ours(posts),):
                    raise RuntimeError(f"{row} rows stored, {ours(posts)} wanted")
            print_line(len(posts), f"{count} listener{'s' * (count > 1)}", rates, alone)
        print_line(len(posts), "put on the bus", filled, alone)


def ours(posts: Sequence[bytes]) -> int:
    return sum(b"@tidewing" in body for body in posts)


def firehose(count: int, share: float, first: int) -> list[bytes]:
    """`first`: no two calls with numbers `count` apart have a post in common."""
    dice = random.Random(7 + first)
    noise = [text for text in NOISE if "Tidewing" not in text]
    began = datetime.now(UTC) - timedelta(minutes=10)
    wanting = iter(openings(count, first))
    return [
        body_of(
            next(wanting)
            if dice.random() < share
            else post_of(
                1_000_000_000 + number,
                dice.choice(noise).format(n=number),
                f"passer_by_{number}",
                began + timedelta(milliseconds=number - first),
            )
        )
        for number in range(first, first + count)
    ]


def read(posts: Sequence[bytes], connection_id: int) -> float:
    """Seconds of one core, in batches as a listener has them."""
    from hearout.listening.streams.packets import packets_of
    from hearout.listening.streams.sieve import Sieve

    sieve = Sieve()
    packets = list(packets_of("simulator", connection_id, posts))
    began = time.perf_counter()
    for place in range(0, len(packets), 8):
        sieve(packets[place : place + 8])
    return time.perf_counter() - began


def take(
    here: Ground,
    server: NatsServer,
    posts: Sequence[bytes],
    connection_id: int,
    count: int,
    filled: list[float],
) -> float:
    """Seconds from letting `count` listeners begin until nothing is on the bus."""
    from hearout.listening.streams.bus import Bus
    from hearout.listening.streams.sharing import Onto
    from hearout.listening.streams.storing import Inbox, Tally, everything

    bus = Bus(server.url)
    bus.open()
    bus.take(1, 0.1)
    pause(bus, datetime.now(UTC) + timedelta(hours=1))
    for _ in range(count):
        here.start("listen", "--bus", server.url, "--only", "take", ready="listening over")
    onto = Onto(bus, Inbox(everything, Tally()), Tally(), lambda: False)
    began = time.perf_counter()
    onto.put("simulator", connection_id, posts, lambda: None)
    filled.append(len(posts) / (time.perf_counter() - began))
    wait_until(lambda: bus.waiting().idle_listeners >= count, 60, "the listeners")
    began = time.perf_counter()
    pause(bus, datetime.now(UTC) - timedelta(hours=1))
    wait_until(lambda: server.waiting() == 0, 600, "the listeners", pause=0.01)
    took = time.perf_counter() - began
    bus.close()
    if trouble := here.stop_programs():
        print(f"         {len(trouble)} errors in the listeners' logs, such as: {trouble[0][:120]}")
    return took


def pause(bus: Bus, until: datetime) -> None:
    """Let no listener have anything before that moment."""
    from hearout.listening.streams.bus import LISTENERS, STREAM

    when = until.isoformat().replace("+00:00", "Z")
    bus._do(bus._jetstream().pause_consumer(STREAM, LISTENERS, when), 10)


if __name__ == "__main__":
    main()

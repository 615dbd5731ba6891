"""How many signed webhooks a second the real front stores durably: `python bench/webhooks.py [--quick]`.

`hearout serve` on a free port with the embedded database as shipped (fsync on), and a load process
on the same machine that keeps its connections open and signs beforehand. After each run the rows in
the database are counted: what was acknowledged is there. Reference, in the same run: one connection
that stores the same payloads one INSERT and commit at a time.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from typing import Any

import psycopg
from ground import ground, openings, tidewing
from measure import QUICK, percentile, print_goal, print_head, print_line, print_machine
from wire import flood, pace, request_of

BODIES = {1: (600,), 10: (200,)} if QUICK else {1: (2_000, 10_000), 10: (500, 2_000)}
RUNS = 1 if QUICK else 3
CONNECTIONS = 32
RATE, SECONDS = 200, 3 if QUICK else 30
POSTS_PER_SECOND, P99_MS = 2_000, 50.0


def flooded(port: int, path: str, bodies: int, each: int, first: int) -> tuple[float, list[float]]:
    """In the load process: sign, then send."""
    return asyncio.run(flood(port, signed(path, bodies, each, first), CONNECTIONS))


def paced(port: int, path: str, bodies: int, first: int) -> list[float]:
    return asyncio.run(pace(port, signed(path, bodies, 1, first), RATE, CONNECTIONS))


def signed(path: str, bodies: int, each: int, first: int) -> list[bytes]:
    posts = openings(bodies * each, first)
    return [
        request_of(path, first + number, posts[number * each : (number + 1) * each])
        for number in range(bodies)
    ]


def one_by_one(url: str, connection_id: int, count: int, pause: float = 0.0) -> list[float]:
    """Reference: the seconds that each row takes, with a commit of its own, over one connection."""
    from hearout.listening.receiving import INSERT_MANY, as_parameters

    bodies = [request.partition(b"\r\n\r\n")[2] for request in signed("/", count, 1, 5_000_000)]
    took = []
    with psycopg.connect(url, autocommit=True) as database:
        for body in bodies:
            rows = [(body, "simulator", connection_id)]
            began = time.perf_counter()
            database.execute(INSERT_MANY, as_parameters(rows, route="webhook", archive_id=None))
            took.append(time.perf_counter() - began)
            time.sleep(pause)
    return took


def stored(database: psycopg.Connection[Any]) -> int:
    row = database.execute("SELECT count(*) FROM listening_received").fetchone()
    return int(row[0]) if row else 0


def main() -> None:
    print_machine()
    with (
        ground() as here,
        psycopg.connect(here.url, autocommit=True) as database,
        multiprocessing.get_context("spawn").Pool(1) as load,
    ):
        connection = tidewing()
        path = f"/hooks/{connection.hook_id}/"
        port = here.serve()
        load.apply(flooded, (port, path, 100, 1, 9_000_000))
        print(f"\n{CONNECTIONS} connections kept open, one server process")
        print_head("bodies", "posts/s")
        first = 0
        for each, sizes in BODIES.items():
            for bodies in sizes:
                reference, rates, took = [], [], []
                for _ in range(RUNS):
                    database.execute("TRUNCATE listening_received CASCADE")
                    count = min(bodies, 2_000)
                    reference.append(count / sum(one_by_one(here.url, connection.pk, count)))
                    database.execute("TRUNCATE listening_received CASCADE")
                    seconds, waits = load.apply(flooded, (port, path, bodies, each, first))
                    first += bodies * each
                    if stored(database) != bodies:
                        raise RuntimeError(f"{bodies} acknowledged, {stored(database)} stored")
                    rates.append(bodies * each / seconds)
                    took += waits
                print_line(bodies, "reference: INSERT and commit, one row", reference)
                print_line(bodies, f"webhooks, {each} a body", rates, reference)
                p50, p99 = (1_000 * percentile(took, share) for share in (0.5, 0.99))
                print(f"{'':>8} every body waited {p50:.1f} ms in the middle, p99 {p99:.1f} ms")
            if each == 1:
                rate = sorted(rates)[RUNS // 2]
                print_goal(f"{POSTS_PER_SECOND:,} durable posts/s", f"{rate:,.0f}", rate >= POSTS_PER_SECOND)
        database.execute("TRUNCATE listening_received CASCADE")
        sending = load.apply_async(paced, (port, path, RATE * SECONDS, first))
        meanwhile = 10 * SECONDS
        alone = [1_000 * one for one in one_by_one(here.url, connection.pk, meanwhile, pause=0.09)]
        waits = [1_000 * one for one in sending.get(10 * SECONDS)]
        if stored(database) != RATE * SECONDS + meanwhile:
            raise RuntimeError(f"{RATE * SECONDS} acknowledged, {stored(database) - meanwhile} stored")
        print(f"\n{RATE} a second for {SECONDS} s, each timed from the moment it was due")
        print_head("bodies", "ms")
        print_line(meanwhile, "reference: INSERT and commit meanwhile", alone, digits=1)
        print_line(RATE * SECONDS, "webhooks, 1 a body", waits, alone, digits=1)
        for name, took in (("reference", alone), ("webhooks", waits)):
            p95, p99 = percentile(took, 0.95), percentile(took, 0.99)
            print(f"{'':>8} {name}: p50 {percentile(took, 0.5):.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms")
        print_goal(f"p99 under {P99_MS:.0f} ms at {RATE}/s", f"{p99:.1f} ms", p99 < P99_MS)


if __name__ == "__main__":
    main()

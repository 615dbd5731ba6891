"""How fast posts become cases with clocks: `python bench/ingest.py [--quick] [--profile [POSTS]]`.

Payloads are stored as received; then two `hearout work --inside` processes hear, decide, open, hand
out and reckon until nothing is due. Time is the database's, from the moment the payloads are stored.

Reference, in the same run: the ceiling. The very rows that came out are kept aside, the tables
emptied, the payloads stored again, and the rows written again in batches of the same size over two
connections by INSERT ... SELECT and nothing else, as durably: one statement a table, doubles refused by
the constraints, and one that marks the payloads heard. Prints posts/s for both, and the ratio.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import psycopg
from ground import Ground, body_of, ground, life, openings, tidewing, wait_until
from measure import QUICK, print_goal, print_head, print_line, print_machine

SIZES = ((500, 1),) if QUICK else ((2_000, 3), (10_000, 3), (30_000, 1))
LIFE_SIZES = ((500, 1),) if QUICK else ((10_000, 3),)
WORKERS, CONNECTIONS, BATCH = 2, 2, 300
WARM = 200
"""Posts, not counted, by which the workers have loaded what they need."""
POSTS_PER_SECOND, OF_CEILING = 3_000, 0.35
SLOWEST = 100
"""Posts/s below which a run is given up: the bench ends in bounded time."""

RESULTS = {
    "customers_customer": "SELECT min(batch) FROM snap_author a WHERE a.customer_id = t.id",
    "customers_author": "SELECT min(batch) FROM snap_author a WHERE a.id = t.id",
    "listening_post": "SELECT batch FROM snap_batch b WHERE b.post_id = t.id",
    "listening_mention": "SELECT batch FROM snap_batch b WHERE b.post_id = t.post_id",
    "listening_mentionhit": "SELECT batch FROM snap_batch b JOIN listening_mention m USING (post_id)"
    " WHERE m.id = t.mention_id",
    "triage_verdict": "SELECT batch FROM snap_batch b WHERE b.post_id = t.post_id",
    "cases_case": "SELECT batch FROM snap_batch b WHERE b.post_id = t.opening_id",
    "cases_casepost": "SELECT batch FROM snap_batch b WHERE b.post_id = t.post_id",
    "clocks_clock": "SELECT batch FROM snap_batch b JOIN cases_case c ON c.opening_id = b.post_id"
    " WHERE c.id = t.case_id",
    "journal_entry": "SELECT batch FROM snap_batch b JOIN cases_case c ON c.opening_id = b.post_id"
    " WHERE t.noun = 'case' AND c.id = t.noun_id",
}
"""The tables that a post ends in, in the order of their references, and the batch of a row `t`."""

# All posts of threads begun by one person go together, so that no row waits for the other connection.
BATCHES = f"""
CREATE UNLOGGED TABLE snap_batch AS
WITH posts AS (
    SELECT p.id, coalesce(a.customer_id, -a.id) AS person FROM listening_post p
    JOIN listening_post r ON r.id = p.root_id JOIN customers_author a ON a.id = r.author_id
), people AS (
    SELECT person, min(id) AS first, count(*) AS posts FROM posts GROUP BY person
), placed AS (
    SELECT person, ((sum(posts) OVER (ORDER BY first) - posts) / {BATCH})::int AS batch FROM people
)
SELECT p.id AS post_id, batch FROM posts p JOIN placed USING (person);
CREATE UNIQUE INDEX ON snap_batch (post_id);
CREATE UNLOGGED TABLE snap_author AS
SELECT a.id, a.customer_id, CASE WHEN bool_or(p.handle_id IS NOT NULL) THEN -1 ELSE min(b.batch) END AS batch
FROM customers_author a JOIN listening_post p ON p.author_id = a.id JOIN snap_batch b ON b.post_id = p.id
GROUP BY a.id;
CREATE INDEX ON snap_author (id);
CREATE INDEX ON snap_author (customer_id);
ANALYZE snap_batch, snap_author;
"""
STILL_DUE = """
SELECT clock_timestamp(), EXISTS (SELECT 1 FROM listening_received WHERE due_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM listening_mention WHERE due_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM triage_verdict WHERE due_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM cases_case WHERE clocks_due_at IS NOT NULL)
"""
OUTCOME = """
SELECT (SELECT count(*) FROM listening_post), (SELECT count(*) FROM cases_case),
       (SELECT count(DISTINCT case_id) FROM clocks_clock),
       (SELECT count(*) FROM cases_case WHERE assignee_id IS NOT NULL),
       (SELECT count(*) FROM listening_received WHERE dead_at IS NOT NULL)
         + (SELECT count(*) FROM listening_mention WHERE dead_at IS NOT NULL)
         + (SELECT count(*) FROM triage_verdict WHERE dead_at IS NOT NULL)
"""

PAYLOADS_ASIDE = f"""
CREATE UNLOGGED TABLE snap_received AS
SELECT r.*, ((row_number() OVER (ORDER BY id) - 1) / {BATCH})::int AS batch FROM listening_received r;
UPDATE snap_received SET due_at = received_at;
CREATE INDEX ON snap_received (batch);
ANALYZE snap_received;
"""
MARK_HEARD = """
UPDATE listening_received SET due_at = NULL WHERE id = ANY(ARRAY(SELECT id FROM snap_received WHERE batch = %s))
"""

Posts = Callable[[int], list[dict[str, Any]]]


def main() -> None:
    print_machine()
    with ground() as here, psycopg.connect(here.url, autocommit=True) as database:
        connection_id = tidewing().pk
        if "--profile" in sys.argv:
            from profiling import profile

            profile(lambda posts: store(posts, connection_id), lambda: empty(database), quick=QUICK)
            return
        head = f"{WORKERS} workers, batches of {BATCH}; ceiling over {CONNECTIONS} connections"
        for title, posts, sizes in (
            ("every post opens a case", openings, SIZES),
            ("closer to life (4 openings, 2 follow-ups, 2 ours, 2 noise of 10)", life, LIFE_SIZES),
        ):
            print(f"\n{title}; {head}")
            print_head("posts", "posts/s")
            for size, runs in sizes:
                measure(here, database, posts(size), runs, connection_id, goal=posts is openings)


def measure(
    here: Ground,
    database: psycopg.Connection[Any],
    posts: list[dict[str, Any]],
    runs: int,
    connection_id: int,
    goal: bool,
) -> None:
    ours, ceiling = [], []
    for _ in range(runs):
        empty(database)
        ours.append(len(posts) / pipeline(here, database, posts, connection_id))
        rows = keep_aside(database)
        empty(database)
        ceiling.append((len(posts) + WARM) / write_again(here.url, database))
        if keep_count(database) != rows:
            raise RuntimeError("the ceiling did not write the same rows")
        drop_aside(database)
    print_line(len(posts), "ceiling: INSERT ... SELECT", ceiling)
    print_line(len(posts), "stored to case with clock", ours, ceiling)
    if goal:
        middle, share = sorted(ours)[runs // 2], sorted(ours)[runs // 2] / sorted(ceiling)[runs // 2]
        print_goal(f"{POSTS_PER_SECOND:,} posts/s", f"{middle:,.0f}", middle >= POSTS_PER_SECOND)
        print_goal(f"{OF_CEILING} of the ceiling", f"{share:.3f}", share >= OF_CEILING)


def pipeline(
    here: Ground, database: psycopg.Connection[Any], posts: list[dict[str, Any]], connection_id: int
) -> float:
    """Seconds from stored to nothing due, by workers that have worked before."""
    for _ in range(WORKERS):
        here.start("work", "--inside", ready="working:")
    for number in range(2):
        store(openings(WARM // 2, first=9_000_000 + number * WARM), connection_id)
        _wait_for_rest(database, WARM)
    began = store(posts, connection_id)
    ended = _wait_for_rest(database, len(posts))
    if trouble := here.stop_programs():
        print(f"         {len(trouble)} errors in the workers' logs, such as: {trouble[0][:120]}")
    told, cases, with_clock, with_owner, dead = database.execute(OUTCOME).fetchone() or (0,) * 5
    if told != len(posts) + WARM or cases != with_clock or dead:
        raise RuntimeError(
            f"{told} of {len(posts) + WARM} posts, {cases} cases, {with_clock} with clock, {dead} dead letters"
        )
    print(f"         {cases:,} cases with clock, {with_owner:,} handed out, in {ended - began}")
    return (ended - began).total_seconds()


def _wait_for_rest(database: psycopg.Connection[Any], posts: int) -> datetime:
    """When nothing was due any more."""
    ended: list[datetime] = []

    def at_rest() -> bool:
        now, due = database.execute(STILL_DUE).fetchone() or (datetime.min, True)
        ended.append(now)
        return not due

    wait_until(at_rest, 10 + posts / SLOWEST, "the pipeline", pause=0.02)
    return ended[-1]


def store(posts: Sequence[dict[str, Any]], connection_id: int) -> datetime:
    """Store each post as a payload of its own. Returns the database's time just before the commit."""
    from django.db import connection, transaction

    from hearout.listening.receiving import store as store_payloads

    bodies = [body_of(post) for post in posts]
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(bodies), 1_000):
            some = bodies[start : start + 1_000]
            store_payloads(some, channel="simulator", route="sweep", connection_id=connection_id)
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchall()[0][0]


def empty(database: psycopg.Connection[Any]) -> None:
    database.execute(f"TRUNCATE listening_received, {', '.join(RESULTS)} CASCADE")


def keep_aside(database: psycopg.Connection[Any]) -> int:
    database.execute(BATCHES)
    database.execute(PAYLOADS_ASIDE)
    for table, batch in RESULTS.items():
        snap = _snap(table)
        database.execute(f"CREATE UNLOGGED TABLE {snap} AS SELECT t.*, ({batch}) AS batch FROM {table} t")
        database.execute(f"CREATE INDEX ON {snap} (batch)")
        database.execute(f"ANALYZE {snap}")
    return keep_count(database)


def keep_count(database: psycopg.Connection[Any]) -> int:
    counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in RESULTS)
    row = database.execute(f"SELECT {counts}").fetchone()
    return int(row[0]) if row else 0


def drop_aside(database: psycopg.Connection[Any]) -> None:
    database.execute(f"DROP TABLE snap_batch, snap_author, snap_received, {', '.join(map(_snap, RESULTS))}")


def write_again(url: str, database: psycopg.Connection[Any]) -> float:
    """Seconds for the same rows by set-based SQL alone."""
    received = _columns(database, "listening_received")
    database.execute(f"INSERT INTO listening_received ({received}) SELECT {received} FROM snap_received")
    statements = [MARK_HEARD]
    for table in RESULTS:
        columns = _columns(database, table)
        statements.append(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_snap(table)} WHERE batch = %s"
            " ON CONFLICT DO NOTHING"
        )
    row = database.execute("SELECT max(batch) FROM snap_batch").fetchone()
    batches = range((row[0] if row else 0) + 1)
    write_batches(url, statements, [-1])  # our own account, which wrote in many batches
    connections = [psycopg.connect(url) for _ in range(CONNECTIONS)]
    writers = [
        threading.Thread(target=write_batches, args=(connection, statements, batches[number::CONNECTIONS]))
        for number, connection in enumerate(connections)
    ]
    began = _now(database)
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    ended = _now(database)
    for connection in connections:
        connection.close()
    return (ended - began).total_seconds()


def write_batches(
    to: str | psycopg.Connection[Any], statements: Sequence[str], batches: Sequence[int]
) -> None:
    """One transaction a batch, one statement a table."""
    connection = psycopg.connect(to) if isinstance(to, str) else to
    for batch in batches:
        for statement in statements:
            connection.execute(statement, [batch])
        connection.commit()
    if isinstance(to, str):
        connection.close()


def _columns(database: psycopg.Connection[Any], table: str) -> str:
    names = database.execute(f"SELECT * FROM {table} LIMIT 0").description or []
    return ", ".join(f'"{name.name}"' for name in names)


def _snap(table: str) -> str:
    return f"snap_{table}"


def _now(database: psycopg.Connection[Any]) -> datetime:
    row = database.execute("SELECT clock_timestamp()").fetchone()
    assert row
    return row[0]


if __name__ == "__main__":
    main()

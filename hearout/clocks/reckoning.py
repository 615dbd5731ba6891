"""The stage that keeps clocks true: whenever a case changed, its clocks are worked out anew from its facts."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from hearout.clocks import facts
from hearout.clocks.book import Book, book
from hearout.clocks.facts import Closed, Matter, Reckoned, Said
from hearout.lib.calendar import EPOCH
from hearout.lib.rows import as_array, as_json

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(minutes=10)

# Held until the clocks are written, so that no post can join in between. Times are microseconds since
# 1970: Django's driver reads a number ten times as fast as a time, and these are most rows.
CLAIM = """
SELECT id, brand_id, (extract(epoch FROM opened_at) * 1000000)::bigint, kind, network, priority, team_id FROM cases_case
WHERE clocks_due_at IS NOT NULL AND clocks_due_at <= greatest(%s, clock_timestamp())
ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""
SAID = """
SELECT case_id, (extract(epoch FROM posted_at) * 1000000)::bigint, ours, automatic, wants_answer FROM cases_casepost
WHERE case_id = ANY(%s::bigint[]) AND NOT deleted
"""
CLOSED = "SELECT case_id, at, reopened_at FROM cases_closure WHERE case_id = ANY(%s::bigint[])"
CLOCKS = """
SELECT case_id, id, measure, started_at, standard_id, stopped_at, warned_at, breached_at FROM clocks_clock
WHERE case_id = ANY(%s::bigint[])
"""
WRITE = """
INSERT INTO clocks_clock AS k (case_id, brand_id, measure, standard_id, started_at, due_at, at_risk_at, paused_at,
                               stopped_at, customer_seconds, staffed_seconds)
SELECT case_id, brand, measure, standard, started_at, due_at, at_risk_at, paused_at, stopped_at,
       customer_seconds, staffed_seconds
FROM json_to_recordset(%s::json) AS t(
    case_id bigint, brand bigint, measure text, standard bigint, started_at timestamptz, due_at timestamptz,
    at_risk_at timestamptz, paused_at timestamptz, stopped_at timestamptz,
    customer_seconds float8, staffed_seconds float8)
ON CONFLICT (case_id, measure, started_at) DO UPDATE
SET standard_id = excluded.standard_id, due_at = excluded.due_at, at_risk_at = excluded.at_risk_at,
    paused_at = excluded.paused_at, stopped_at = excluded.stopped_at,
    customer_seconds = excluded.customer_seconds, staffed_seconds = excluded.staffed_seconds
WHERE (k.standard_id, k.due_at, k.at_risk_at, k.paused_at, k.stopped_at, k.customer_seconds, k.staffed_seconds)
   IS DISTINCT FROM (excluded.standard_id, excluded.due_at, excluded.at_risk_at, excluded.paused_at,
                     excluded.stopped_at, excluded.customer_seconds, excluded.staffed_seconds)
"""
# What was announced happened: such a clock stays, stopped when it was announced.
DROP = """
WITH gone AS (
    DELETE FROM clocks_clock WHERE id = ANY(%s::bigint[]) AND warned_at IS NULL AND breached_at IS NULL
)
UPDATE clocks_clock SET stopped_at = greatest(started_at, coalesce(breached_at, warned_at)), paused_at = NULL
WHERE id = ANY(%s::bigint[]) AND coalesce(breached_at, warned_at) IS NOT NULL AND stopped_at IS NULL
"""


@dataclass(slots=True)
class Known:
    """What the database holds on one case. `clocks`: measure and start to id."""

    brand: int
    matter: Matter
    said: list[Said] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    clocks: dict[tuple[str, datetime], int] = field(default_factory=dict)
    kept: dict[tuple[str, datetime], int] = field(default_factory=dict)


def reckon(limit: int, now: datetime) -> int:
    """Work out the clocks of up to `limit` cases that changed. Returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cases = _claim(cursor, limit, now)
        if not cases:
            return 0
        # A power cut may undo the last moments of this stage, whole and with their claims: it is done again.
        cursor.execute("SET LOCAL synchronous_commit = off")
        _load(cursor, cases)
        written, dropped, failed = _work_out(cases, book())
        if written:
            cursor.execute(WRITE, [as_json(written)])
        if dropped:
            cursor.execute(DROP, [as_array(dropped), as_array(dropped)])
        cursor.execute(
            "UPDATE cases_case SET clocks_due_at = CASE WHEN id = ANY(%s::bigint[]) THEN %s::timestamptz END "
            "WHERE id = ANY(%s::bigint[])",
            [as_array(failed), now + AGAIN_AFTER, as_array(cases)],
        )
    return len(cases)


def _claim(cursor: CursorWrapper, limit: int, now: datetime) -> dict[int, Known]:
    cursor.execute(CLAIM, [now, limit])
    return {
        case: Known(brand, Matter(_time(opened), kind, network, priority, team))
        for case, brand, opened, kind, network, priority, team in cursor.fetchall()
    }


def _load(cursor: CursorWrapper, cases: dict[int, Known]) -> None:
    ids = as_array(cases)
    cursor.execute(SAID, [ids])
    for case, moment, ours, automatic, wants in cursor.fetchall():
        cases[case].said.append((_time(moment), ours, automatic, wants))
    cursor.execute(CLOSED, [ids])
    for case, at, reopened_at in cursor.fetchall():
        cases[case].closed.append((at, reopened_at))
    cursor.execute(CLOCKS, [ids])
    for case, clock, measure, started_at, standard, stopped_at, _, breached_at in cursor.fetchall():
        cases[case].clocks[measure, started_at] = clock
        if stopped_at or breached_at:
            cases[case].kept[measure, started_at] = standard


def _time(microseconds: int) -> datetime:
    return EPOCH + timedelta(0, 0, microseconds)


def _work_out(cases: dict[int, Known], promises: Book) -> tuple[list[dict[str, Any]], list[int], list[int]]:
    """Rows to write, clocks to drop, and cases on which the reckoning failed: one must not hold up all."""
    written: list[dict[str, Any]] = []
    dropped: list[int] = []
    failed: list[int] = []
    for case, known in cases.items():
        try:
            clocks = facts.reckon(
                known.matter, known.said, known.closed, promises.promises.get(known.brand, {}),
                promises.calendars, known.kept,
            )  # fmt: skip
        except Exception:
            log.exception("the clocks of case %s could not be worked out", case)
            failed.append(case)
            continue
        written += [_row(case, known.brand, clock) for clock in clocks]
        justified = {(clock.measure, clock.started_at) for clock in clocks}
        dropped += [clock for key, clock in known.clocks.items() if key not in justified]
    return written, dropped, failed


def _row(case: int, brand: int, clock: Reckoned) -> dict[str, Any]:
    # A time that is not there is null.
    row: dict[str, Any] = {
        "case_id": case, "brand": brand, "measure": clock.measure, "standard": clock.standard,
        "started_at": clock.started_at,
    }  # fmt: skip
    if clock.due_at:
        row["due_at"] = clock.due_at
    if clock.at_risk_at:
        row["at_risk_at"] = clock.at_risk_at
    if clock.paused_at:
        row["paused_at"] = clock.paused_at
    if clock.stopped_at:
        row["stopped_at"] = clock.stopped_at
    if clock.staffed_seconds is not None:
        row["customer_seconds"], row["staffed_seconds"] = clock.customer_seconds, clock.staffed_seconds
    return row

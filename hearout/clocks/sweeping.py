"""The stage that announces what time has done: a promise at risk, a promise broken, each told once.

Announcing is a compare-and-swap on the clock inside one transaction with its journal entry and its
escalation, so that neither a second sweeper nor a kill can double or lose one. A clock whose case
has changed since is left until it has been reckoned: the answer may be there already.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from hearout.journal.writing import note_many
from hearout.lib.doorbell import ring
from hearout.triage.models import Priority

# The case is locked before its clocks, as the reckoning does, so that the two cannot wait for each other.
BREACHES = """
WITH due AS (
    SELECT k.id FROM clocks_clock k JOIN cases_case c ON c.id = k.case_id
    WHERE k.stopped_at IS NULL AND k.breached_at IS NULL AND k.due_at < %s AND c.clocks_due_at IS NULL
    ORDER BY k.due_at LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED
)
UPDATE clocks_clock k SET breached_at = %s, warned_at = coalesce(k.warned_at, %s)
FROM due, clocks_standard s
WHERE k.id = due.id AND s.id = k.standard_id
  AND k.stopped_at IS NULL AND k.breached_at IS NULL AND k.due_at < %s
RETURNING k.brand_id, k.case_id, k.measure, k.standard_id, k.due_at, s.escalate_to_id
"""
WARNINGS = """
WITH due AS (
    SELECT k.id FROM clocks_clock k JOIN cases_case c ON c.id = k.case_id
    WHERE k.stopped_at IS NULL AND k.warned_at IS NULL AND k.at_risk_at <= %s AND k.paused_at IS NULL
      AND c.clocks_due_at IS NULL
    ORDER BY k.at_risk_at LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED
)
UPDATE clocks_clock k SET warned_at = %s FROM due
WHERE k.id = due.id AND k.stopped_at IS NULL AND k.warned_at IS NULL AND k.at_risk_at <= %s
RETURNING k.brand_id, k.case_id, k.measure, k.standard_id, k.due_at, NULL::bigint
"""
ESCALATE = """
UPDATE cases_case c
SET priority = least(c.priority + 1, %s), team_id = coalesce(t.team, c.team_id), clocks_due_at = %s
FROM unnest(%s::bigint[], %s::bigint[]) AS t(id, team) WHERE c.id = t.id
"""


def sweep(limit: int, now: datetime) -> int:
    """Announce up to `limit` broken promises, then as many at risk. Returns how many were announced.

    A clock that is already past due is announced as broken only. A broken promise raises its case's
    priority by one and gives it to the standard's team for that, where there is one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BREACHES, [now, limit, now, now, now])
        breaches = cursor.fetchall()
        cursor.execute(WARNINGS, [now, limit, now, now])
        warnings = cursor.fetchall()
        _escalate(cursor, breaches, now)
        _tell(cursor, "clock.breached", breaches)
        _tell(cursor, "clock.warned", warnings)
    return len(breaches) + len(warnings)


def _escalate(cursor: CursorWrapper, breaches: Sequence[Any], now: datetime) -> None:
    teams: dict[int, int | None] = {}
    for _, case, _, _, _, team in breaches:
        teams[case] = team or teams.get(case)
    if teams:
        cursor.execute(ESCALATE, [Priority.URGENT.value, now, list(teams), list(teams.values())])


def _tell(cursor: CursorWrapper, verb: str, clocks: Sequence[Any]) -> None:
    facts = [
        {"measure": measure, "standard": standard, "due_at": due_at.isoformat() if due_at else None}
        | ({"escalated_to": team} if team else {})
        for _, _, measure, standard, due_at, team in clocks
    ]
    note_many(verb, "case", [(brand, case) for brand, case, *_ in clocks], facts)
    topics = {f"brand:{row[0]}" for row in clocks} | {f"case:{row[1]}" for row in clocks}
    ring(cursor, topics)

"""The stage that turns verdicts into cases: posts join a case, reopen one, open one, or are left.

One runner at a time, in batches, each a handful of statements whatever its size. What a verdict
says can come back (an edit, an overruling, a parent that arrived late): a post is placed once, and
seen anew when it changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from hearout.cases import finding, making
from hearout.cases.placing import Due, Plan, place
from hearout.cases.threads import OPENING_LOCK, refresh
from hearout.journal.writing import note_many
from hearout.lib.claiming import claim, done, work_through
from hearout.lib.doorbell import ring

TABLE = "triage_verdict"


def open_cases(limit: int, now: datetime) -> int:
    """Take up to `limit` verdicts that are due. Returns how many; 0 also while another runner is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [OPENING_LOCK])
        if not cursor.fetchall()[0][0]:
            return 0
        # A power cut may undo the last moments of this stage, whole and with their claims: it is done again.
        # What leaves the house is committed durably first, and that makes durable all that came before it.
        cursor.execute("SET LOCAL synchronous_commit = off")
        ids = [row[0] for row in claim(cursor, TABLE, limit)]
        work_through(cursor, TABLE, ids, int, lambda some: _open(some, now), transaction.atomic)
    return len(ids)


def _open(verdicts: Sequence[int], now: datetime) -> None:
    dues = finding.dues(verdicts)
    plan = place(dues, finding.town(dues))
    with connection.cursor() as cursor:
        done(cursor, TABLE, verdicts)
        if not plan.placed:
            return
        ids = making.make(plan, now)
        placed = [(due, ids.get(case, case)) for due, case in plan.placed]
        making.put_in_place(placed)
        touched = _refresh(plan, placed, ids, now)
        finding.ask_again(plan)
        topics = {f"case:{case}" for case, _ in touched} | {f"brand:{brand}" for _, brand in touched}
        ring(cursor, topics)


def _refresh(
    plan: Plan, placed: Sequence[tuple[Due, int]], ids: dict[int, int], now: datetime
) -> list[tuple[int, int]]:
    """Derive the touched cases anew, wake the sleeping ones, and write the journal. Returns (case, brand)."""
    brands = {case: due.brand for due, case in placed} | plan.left_case
    grown = Counter(case for _, case in placed)
    grown.update(plan.left_case.keys())
    for case in ids.values():  # made with version 1 and all that follows from its first post
        grown[case] -= 1
        if not grown[case]:
            del grown[case]
    priorities: dict[int, int] = {}
    joined = {due.verdict for due in plan.joined}
    for due, case in placed:
        if due.wants and due.verdict in joined:
            priorities[case] = max(due.priority, priorities.get(case, 0))
    sleeping = {case for case, snooze in refresh(grown, priorities, now) if snooze}
    woken = sorted(sleeping & {ids.get(case, case) for case in plan.woken_by_customer})
    making.wake(woken, now)
    note_many("case.opened", "case", [(brands[case], case) for case in ids.values()])
    note_many("case.reopened", "case", [(brands[case], case) for case in plan.reopened])
    note_many("case.woken", "case", [(brands[case], case) for case in woken])
    return list(brands.items())

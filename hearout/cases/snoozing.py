"""The stage that brings cases back into the inbox when the time of their snooze has come."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from hearout.cases.making import wake
from hearout.journal.writing import note_many
from hearout.lib.doorbell import ring

# The case is locked first, as its verbs do.
DUE = """
SELECT c.brand_id, c.id FROM cases_snooze s JOIN cases_case c ON c.snoozed_id = s.id
WHERE s.woken_at IS NULL AND s.until <= %s
ORDER BY s.until LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED
"""


def wake_due(limit: int, now: datetime) -> int:
    """Wake up to `limit` cases. Returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DUE, [now, limit])
        rows = [(brand, case) for brand, case in cursor.fetchall()]
        wake([case for _, case in rows], now)
        note_many("case.woken", "case", rows)
        ring(cursor, {topic for brand, case in rows for topic in (f"brand:{brand}", f"case:{case}")})
    return len(rows)

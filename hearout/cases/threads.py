"""What a case derives from its thread: who waits since when, answered when, the newest post.

All of it is computed anew from the posts whenever one joins, changes or leaves, so it cannot
depend on the order in which posts arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

OPENING_LOCK = 7_240_914
"""The advisory lock of whoever moves posts between cases: the opening stage, merging, splitting."""

# An automatic acknowledgement answers nobody, and neither does what we have deleted.
REFRESH = """
WITH touched AS (
    SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS t(id, grown, priority)
), facts AS (
    SELECT t.*, c.opened_at, whole.last_post_at, whole.last_answer
    FROM touched t
    JOIN cases_case c ON c.id = t.id
    CROSS JOIN LATERAL (
        SELECT max(posted_at) AS last_post_at,
               max(posted_at) FILTER (WHERE ours AND NOT automatic AND NOT deleted) AS last_answer
        FROM cases_casepost WHERE case_id = t.id
    ) whole
)
UPDATE cases_case c
SET last_post_at = coalesce(f.last_post_at, c.last_post_at),
    waiting_since = (
        SELECT min(posted_at) FROM cases_casepost
        WHERE case_id = f.id AND wants_answer AND (f.last_answer IS NULL OR posted_at > f.last_answer)
    ),
    answered_at = CASE WHEN f.last_answer >= f.opened_at THEN (
        SELECT min(posted_at) FROM cases_casepost
        WHERE case_id = f.id AND ours AND NOT automatic AND NOT deleted AND posted_at >= f.opened_at
    ) END,
    priority = greatest(c.priority, f.priority),
    thread_version = c.thread_version + f.grown,
    clocks_due_at = %s
FROM facts f WHERE c.id = f.id
RETURNING c.id, c.snoozed_id
"""


def refresh(
    grown: Mapping[int, int], priorities: Mapping[int, int], now: datetime
) -> list[tuple[int, int | None]]:
    """Derive anew. `grown`: case to how many of its posts changed; `priorities`: case to the least it gets.

    Returns (case, snooze) of each, and has its clocks reckoned.
    """
    if not grown:
        return []
    ids = sorted(grown)
    with connection.cursor() as cursor:
        lowest = [priorities.get(case, 0) for case in ids]
        cursor.execute(REFRESH, [ids, [grown[case] for case in ids], lowest, now])
        return [(case, snooze) for case, snooze in cursor.fetchall()]

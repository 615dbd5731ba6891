"""Writing what the opening stage has decided, each kind of thing in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from hearout.cases.placing import Due, Plan
from hearout.cases.subject import subject_of
from hearout.lib.rows import as_array, as_json

NEW_CUSTOMERS = """
WITH fresh AS (
    SELECT id AS author, left(coalesce(nullif(name, ''), handle), 200) AS name,
           nextval((SELECT pg_get_serial_sequence('customers_customer', 'id')::regclass)) AS customer
    FROM customers_author WHERE id = ANY(%s::bigint[]) AND customer_id IS NULL
), made AS (
    INSERT INTO customers_customer (id, name, note, created_at) SELECT customer, name, '', now() FROM fresh
)
UPDATE customers_author a SET customer_id = f.customer FROM fresh f WHERE a.id = f.author
RETURNING a.id, a.customer_id
"""

NEW_CASES = """
INSERT INTO cases_case (brand_id, customer_id, opening_id, network, kind, how, subject, team_id, priority,
                        opened_at, last_post_at, waiting_since, thread_version, clocks_due_at)
SELECT brand, customer, post, network, kind, how, subject, team, priority, at, at, at, 1, %s
FROM json_to_recordset(%s::json) AS t(
    brand bigint, customer bigint, post bigint, network text, kind text, how text, subject text, team bigint,
    priority int, at timestamptz)
RETURNING id, opening_id, brand_id
"""

# Late posts are older than the closure they undo; the case was closed until then all the same.
REOPEN = """
WITH back AS (
    SELECT c.id, c.closure_id, t.at
    FROM unnest(%s::bigint[], %s::timestamptz[]) AS t(id, at) JOIN cases_case c ON c.id = t.id
), history AS (
    UPDATE cases_closure k SET reopened_at = greatest(k.at, back.at) FROM back WHERE k.id = back.closure_id
)
UPDATE cases_case c SET closure_id = NULL FROM back WHERE c.id = back.id
"""

# The team is the opening's unless a person has chosen another or has the case in hand.
MOVE_OPENING = """
UPDATE cases_case c
SET opening_id = t.post, network = t.network, kind = t.kind, how = t.how, subject = t.subject, opened_at = t.at,
    team_id = CASE WHEN c.assignee_id IS NULL AND c.team_id IS NOT DISTINCT FROM (
        SELECT v.team_id FROM triage_verdict v WHERE v.post_id = c.opening_id AND v.brand_id = c.brand_id LIMIT 1
    ) THEN t.team ELSE c.team_id END
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::bigint[], %s::timestamptz[]) AS t(id, post, network, kind, how, subject, team, at)
WHERE c.id = t.id
"""

PUT_IN_PLACE = """
INSERT INTO cases_casepost
    (case_id, post_id, brand_id, posted_at, ours, automatic, wants_answer, revision, deleted, version)
SELECT t.*, c.thread_version + CASE WHEN c.thread_version = 1 AND c.opening_id = t.post THEN 0 ELSE 1 END
FROM json_to_recordset(%s::json) AS t(
    in_case bigint, post bigint, brand bigint, posted_at timestamptz, ours bool, automatic bool, wants_answer bool,
    revision int, deleted bool)
JOIN cases_case c ON c.id = t.in_case
ON CONFLICT (post_id, brand_id) DO UPDATE
SET case_id = excluded.case_id, version = excluded.version, automatic = excluded.automatic,
    wants_answer = excluded.wants_answer, revision = excluded.revision, deleted = excluded.deleted
"""

WAKE = """
WITH awake AS (
    UPDATE cases_snooze s SET woken_at = %s FROM cases_case c
    WHERE c.id = ANY(%s::bigint[]) AND s.id = c.snoozed_id
)
UPDATE cases_case SET snoozed_id = NULL WHERE id = ANY(%s::bigint[])
"""


def make(plan: Plan, now: datetime) -> dict[int, int]:
    """Open, reopen and re-date cases. Returns the ids of the new ones by their negative stand-ins."""
    ids = _new_cases(plan.opened, now)
    with connection.cursor() as cursor:
        if plan.reopened:
            cursor.execute(REOPEN, [list(plan.reopened), list(plan.reopened.values())])
        if plan.moved:
            rows = [
                (
                    ids.get(case, case),
                    due.post,
                    due.network,
                    due.kind,
                    due.how,
                    subject_of(due.text or ""),
                    due.team,
                    due.posted_at,
                )
                for case, due in plan.moved.items()
            ]
            cursor.execute(MOVE_OPENING, _columns(rows))
    return ids


def put_in_place(placed: Sequence[tuple[Due, int]]) -> None:
    """Write where each post is and how the case has seen it."""
    rows = [
        {
            "in_case": case, "post": due.post, "brand": due.brand, "posted_at": due.posted_at,
            "ours": due.ours, "automatic": due.automatic, "wants_answer": due.wants, "revision": due.revision,
            "deleted": due.deleted,
        }
        for due, case in placed
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(PUT_IN_PLACE, [as_json(rows)])


def wake(cases: Sequence[int], now: datetime) -> None:
    """End the snoozes of these cases."""
    if cases:
        with connection.cursor() as cursor:
            cursor.execute(WAKE, [now, list(cases), list(cases)])


def _new_cases(opened: dict[int, Due], now: datetime) -> dict[int, int]:
    if not opened:
        return {}
    customers = _customers([due.author for due in opened.values() if due.customer is None])
    rows = [
        {
            "brand": due.brand, "customer": due.customer or customers[due.author], "post": due.post,
            "network": due.network, "kind": due.kind, "how": due.how, "subject": subject_of(due.text or ""),
            "team": due.team, "priority": due.priority, "at": due.posted_at,
        }
        for due in opened.values()
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(NEW_CASES, [now, as_json(rows)])
        made = {(post, brand): case for case, post, brand in cursor.fetchall()}
    return {stand_in: made[due.post, due.brand] for stand_in, due in opened.items()}


def _customers(authors: Sequence[int]) -> dict[int, int]:
    """Customers for authors who have none yet; an author with cases at two brands is one customer."""
    if not authors:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(NEW_CUSTOMERS, [as_array(authors)])
        return dict(cursor.fetchall())


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]

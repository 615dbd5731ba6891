"""Reading what the opening stage decides on, for a whole batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from hearout.cases.placing import Due, Key, Known, Plan, Town
from hearout.lib.rows import as_array

DUES = """
SELECT v.id, v.post_id, v.brand_id, v.needs_answer AND p.deleted_at IS NULL AND m.how <> 'ours',
       v.kind, v.priority, v.team_id, m.how, p.author_id, a.customer_id, p.recipient_id, r.customer_id,
       p.parent_id, p.root_id, p.conversation_id, p.private, p.posted_at, p.automatic, p.revision,
       p.deleted_at IS NOT NULL, p.network, b.served AND p.archive_id IS NULL,
       CASE WHEN v.needs_answer THEN left(p.text, 600) END,
       cp.case_id, c.closure_id IS NULL, c.opened_at, cp.wants_answer,
       cp.revision = p.revision AND cp.deleted = (p.deleted_at IS NOT NULL) AND cp.automatic = p.automatic
           AND cp.wants_answer = (v.needs_answer AND p.deleted_at IS NULL AND m.how <> 'ours')
FROM triage_verdict v
JOIN listening_mention m ON m.id = v.mention_id
JOIN listening_post p ON p.id = v.post_id
JOIN customers_author a ON a.id = p.author_id
JOIN people_brand b ON b.id = v.brand_id
LEFT JOIN customers_author r ON r.id = p.recipient_id
LEFT JOIN cases_casepost cp ON cp.post_id = v.post_id AND cp.brand_id = v.brand_id
LEFT JOIN cases_case c ON c.id = cp.case_id
WHERE v.id = ANY(%s::bigint[])
ORDER BY p.posted_at, p.external_id
"""

OPEN = """
SELECT id, customer_id, brand_id, opened_at FROM cases_case
WHERE customer_id = ANY(%s::bigint[]) AND closure_id IS NULL
ORDER BY id FOR NO KEY UPDATE
"""

# A case can hold the posts of a customer other than its own once another case was merged into it.
# A closed case of somebody who has an open one cannot be opened again.
PAST = """
SELECT DISTINCT ON (t.verdict) t.verdict, c.id, c.customer_id, c.brand_id, c.opened_at, c.closure_id IS NULL
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bool[], %s::text[], %s::text[],
            %s::timestamptz[]) AS t(verdict, customer, brand, root, private, network, conversation, at)
CROSS JOIN LATERAL (
    SELECT id FROM cases_case WHERE customer_id = t.customer AND brand_id = t.brand
    UNION
    SELECT k.merged_into_id FROM cases_case m JOIN cases_closure k ON k.id = m.closure_id
    WHERE m.customer_id = t.customer AND m.brand_id = t.brand AND k.merged_into_id IS NOT NULL
) mine
JOIN cases_case c ON c.id = mine.id
LEFT JOIN cases_closure k ON k.id = c.closure_id
WHERE k.merged_into_id IS NULL
  AND (c.closure_id IS NULL OR NOT EXISTS (
      SELECT 1 FROM cases_case o
      WHERE o.customer_id = c.customer_id AND o.brand_id = c.brand_id AND o.closure_id IS NULL))
  AND EXISTS (
      SELECT 1 FROM cases_casepost cp JOIN listening_post p ON p.id = cp.post_id
      WHERE cp.case_id = c.id AND (
          p.root_id = t.root
          OR (t.private AND p.private AND p.network = t.network AND (
              (p.conversation_id = t.conversation AND t.conversation <> '')
              OR p.posted_at BETWEEN t.at - interval '7 days' AND t.at))))
ORDER BY t.verdict, c.opened_at DESC, c.id DESC
"""

HOMES = "SELECT post_id, brand_id, case_id FROM cases_casepost WHERE post_id = ANY(%s::bigint[])"

TALKS = """
SELECT t.verdict, c.id
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[]) AS t(verdict, customer, brand, at)
CROSS JOIN LATERAL (
    SELECT id FROM cases_case
    WHERE customer_id = t.customer AND brand_id = t.brand AND opened_at <= t.at
    ORDER BY opened_at DESC, id DESC LIMIT 1
) c
"""

# Verdicts whose posts have no case yet, or are not in the case of what they answer.
AGAIN = """
WITH posts AS MATERIALIZED ({posts})
UPDATE triage_verdict v SET due_at = now()
FROM posts p
WHERE v.post_id = p.id AND v.due_at IS NULL AND v.dead_at IS NULL AND p.archive_id IS NULL
  AND NOT EXISTS (
      SELECT 1 FROM cases_casepost cp
      LEFT JOIN cases_casepost above ON above.post_id = p.parent_id AND above.brand_id = v.brand_id
      WHERE cp.post_id = p.id AND cp.brand_id = v.brand_id
        AND (p.handle_id IS NULL OR above.case_id IS NULL OR above.case_id = cp.case_id))
"""
# Our answers to what has just found its case, and answers in a thread whose beginning has.
ANSWERS_AGAIN = AGAIN.format(
    posts="""
    SELECT id, parent_id, handle_id, archive_id FROM listening_post
    WHERE root_id = ANY(%s::bigint[]) AND handle_id IS NOT NULL
      AND (parent_id = ANY(%s::bigint[]) OR root_id = ANY(%s::bigint[]))
"""
)
MESSAGES_AGAIN = AGAIN.format(
    posts="""
    SELECT o.id, o.parent_id, o.handle_id, o.archive_id FROM listening_post o
    JOIN unnest(%s::text[], %s::text[]) AS t(network, conversation)
      ON o.network = t.network AND o.conversation_id = t.conversation AND o.conversation_id <> ''
    WHERE o.handle_id IS NOT NULL
"""
)
# What the customer said after the opening, and had nowhere to go before there was a case.
SAYINGS_AGAIN = AGAIN.format(
    posts="""
    SELECT s.id, s.parent_id, s.handle_id, s.archive_id
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[]) AS t(author, since, opening)
    JOIN customers_author x ON x.id = t.author
    JOIN customers_author a ON a.customer_id = x.customer_id
    JOIN listening_post s ON s.author_id = a.id AND s.posted_at >= t.since AND s.id <> t.opening
"""
)


def dues(verdicts: Sequence[int]) -> list[Due]:
    """The verdicts with all that placing needs, in network time."""
    with connection.cursor() as cursor:
        cursor.execute(DUES, [as_array(verdicts)])
        return [Due(*row) for row in cursor.fetchall()]


def town(dues: Sequence[Due]) -> Town:
    """What is known before the batch. Open cases of its customers are locked: nobody closes them meanwhile."""
    customers = {due.customer for due in dues if due.customer}
    customers |= {due.recipient_customer for due in dues if due.ours and due.recipient_customer}
    known = _open(customers)
    ours = [due for due in dues if due.ours]
    theirs = [due for due in dues if not due.ours and due.customer and due.key not in known]
    return Town(
        known, _homes(ours), _past(theirs), _talks([due for due in ours if due.private and due.case is None])
    )


def ask_again(plan: Plan) -> None:
    """Make those verdicts due again whose posts were left and may belong now."""
    talks = {(due.network, due.conversation) for due in plan.joined if due.private and due.conversation}
    began: dict[int, tuple[datetime, int]] = {}
    for due in (*plan.opened.values(), *plan.moved.values()):
        began[due.author] = min((due.posted_at, due.post), began.get(due.author, (due.posted_at, due.post)))
    with connection.cursor() as cursor:
        if plan.joined:
            posts = as_array(due.post for due in plan.joined)
            roots = {due.root for due in plan.joined if due.root is not None}
            cursor.execute(ANSWERS_AGAIN, [as_array(roots), posts, posts])
        if talks:
            cursor.execute(MESSAGES_AGAIN, [list(column) for column in zip(*talks, strict=True)])
        if began:
            since, openings = zip(*began.values(), strict=True)
            cursor.execute(SAYINGS_AGAIN, [as_array(began), list(since), as_array(openings)])


def _open(customers: set[int]) -> dict[Key, Known]:
    if not customers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [as_array(customers)])
        return {(who, brand): Known(case, (who, brand), at) for case, who, brand, at in cursor.fetchall()}


def _past(dues: Sequence[Due]) -> dict[int, Known]:
    if not dues:
        return {}
    rows = [
        (
            due.verdict,
            due.customer,
            due.brand,
            due.root,
            due.private,
            due.network,
            due.conversation,
            due.posted_at,
        )
        for due in dues
    ]
    with connection.cursor() as cursor:
        cursor.execute(PAST, [list(column) for column in zip(*rows, strict=True)])
        return {row[0]: Known(row[1], (row[2], row[3]), row[4], row[5]) for row in cursor.fetchall()}


def _homes(ours: Sequence[Due]) -> dict[Key, int]:
    posts = {post for due in ours for post in (due.parent, due.root) if post is not None}
    if not posts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(HOMES, [as_array(posts)])
        return {(post, brand): case for post, brand, case in cursor.fetchall()}


def _talks(messages: Sequence[Due]) -> dict[int, int]:
    rows = [
        (due.verdict, due.recipient_customer, due.brand, due.posted_at)
        for due in messages
        if due.recipient_customer
    ]
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(TALKS, [list(column) for column in zip(*rows, strict=True)])
        return dict(cursor.fetchall())

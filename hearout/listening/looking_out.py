"""The look-out: accounts that resemble ours and answer our customers raise an alarm, once each.

Answers heard since the last look are gone through by the names of their authors. Who resembles us is written
down; the alarm waits until the account has answered a customer of ours, which may turn out later, as posts and
their parents come in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from hearout.journal.writing import note_many
from hearout.lib.claiming import Cursor
from hearout.lib.doorbell import ring
from hearout.lib.rows import as_json
from hearout.listening.likeness import Known, Likeness, OurNames

BACK_AT_FIRST = 200_000
"""Posts that an installation's first look goes back."""
AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 360, 1440))
"""When a noticed account is looked at again that has not talked to customers; after these only when it writes."""
MOST_PROOFS = 30
MOST_JUDGED = 100

# Null authors: posts that nobody writes to customers with, which only move the place on.
_ANSWERS = """
WITH heard AS (SELECT * FROM listening_post WHERE id > %s ORDER BY id LIMIT %s)
SELECT h.id, a.id, a.network, a.external_id, a.handle, a.name
FROM heard h LEFT JOIN customers_author a ON a.id = h.author_id AND h.handle_id IS NULL
    AND h.archive_id IS NULL AND NOT h.private AND h.parent_external_id <> ''
ORDER BY h.id
"""
_PLACE = "SELECT post_id FROM listening_lookout WHERE id = 1 FOR UPDATE SKIP LOCKED"
_FIRST_PLACE = """
INSERT INTO listening_lookout (id, post_id)
SELECT 1, greatest(0, coalesce(max(id), 0) - %s) FROM listening_post ON CONFLICT DO NOTHING
"""
_FINGERPRINT = """
SELECT md5(concat_ws('/',
    (SELECT string_agg(concat_ws(' ', b.id, b.served, b.name), ',' ORDER BY b.id) FROM people_brand b),
    (SELECT string_agg(concat_ws(' ', h::text, a.name), ',' ORDER BY h.id) FROM listening_handle h
     LEFT JOIN customers_author a ON a.network = h.network AND a.external_id = h.external_id
         AND h.external_id <> '')))
"""
_KNOWN = """
SELECT h.id, h.brand_id, h.network, h.handle, h.external_id, h.role <> 'watched' AND b.served, a.name
FROM listening_handle h JOIN people_brand b ON b.id = h.brand_id
LEFT JOIN customers_author a ON a.network = h.network AND a.external_id = h.external_id AND h.external_id <> ''
ORDER BY h.id
"""
_BRANDS = "SELECT id, NULL, name FROM people_brand WHERE served ORDER BY id"
_NOTICE = """
INSERT INTO listening_impostor AS i (brand_id, author_id, handle_id, ours, "where", how, shown_handle, shown_name,
    found_at, due_at, looks, outcome, why)
SELECT brand_id, author_id, handle_id, ours, place, how, shown_handle, shown_name, %s, %s, 0, '', ''
FROM json_to_recordset(%s) AS v(brand_id bigint, author_id bigint, handle_id bigint, ours text, place text,
    how text, shown_handle text, shown_name text)
ON CONFLICT (brand_id, author_id) DO UPDATE SET due_at = EXCLUDED.due_at, looks = 0,
    shown_handle = EXCLUDED.shown_handle, shown_name = EXCLUDED.shown_name
WHERE i.settled_at IS NULL
"""
_DUE = """
SELECT id, brand_id, author_id, looks, alarmed_at IS NOT NULL FROM listening_impostor
WHERE due_at <= %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
"""
# A customer is who has spoken of the brand; an answer to them counts whatever it answers.
_PROVE = """
WITH proofs AS (
    SELECT p.id FROM listening_post p JOIN listening_post q ON q.id = p.parent_id
    WHERE p.author_id = %s AND p.handle_id IS NULL AND p.archive_id IS NULL AND NOT p.private
      AND q.author_id <> p.author_id AND q.handle_id IS NULL AND EXISTS (
          SELECT 1 FROM listening_post o JOIN listening_mention m ON m.post_id = o.id
          WHERE o.author_id = q.author_id AND o.archive_id IS NULL AND m.brand_id = %s
            AND m.how <> 'ours')
    ORDER BY p.id DESC LIMIT %s)
INSERT INTO listening_impostorpost (impostor_id, post_id, at)
SELECT %s, id, %s FROM proofs ORDER BY id ON CONFLICT DO NOTHING RETURNING post_id
"""
_LOOKED = """
UPDATE listening_impostor SET due_at = %s, looks = looks + 1, alarmed_at = coalesce(alarmed_at, %s) WHERE id = %s
"""


def look_out(limit: int, now: datetime) -> int:
    """Go through up to `limit` posts, and through the accounts that are due. Returns how many; 0 while another does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLACE)
        place = cursor.fetchone()
        if place is None:
            cursor.execute(_FIRST_PLACE, [BACK_AT_FIRST])
            return int(cursor.rowcount)  # 0 when another holds it
        heard = _hear(cursor, place[0], limit, now)
        return heard + _judge(cursor, now)


def _hear(cursor: Cursor, place: int, limit: int, now: datetime) -> int:
    cursor.execute(_ANSWERS, [place, limit])
    rows = cursor.fetchall()
    if not rows:
        return 0
    authors = {row[1]: row[2:] for row in rows if row[1] is not None}
    if authors:
        _notice(cursor, authors, now)
    cursor.execute("UPDATE listening_lookout SET post_id = %s WHERE id = 1", [rows[-1][0]])
    return len(rows)


def _notice(cursor: Cursor, authors: dict[int, Sequence[str]], now: datetime) -> None:
    names = our_names(cursor)
    noticed = [
        _row(author_id, told, one)
        for author_id, told in sorted(authors.items())
        for one in names.resembled(told[0], told[1], told[2], told[3])
    ]
    if noticed:
        cursor.execute(_NOTICE, [now, now, as_json(noticed)])


def _row(author_id: int, told: Sequence[str], one: Likeness) -> dict[str, Any]:
    return {
        "brand_id": one.brand_id,
        "author_id": author_id,
        "handle_id": one.handle_id,
        "ours": one.ours,
        "place": one.where.value,
        "how": one.how.value,
        "shown_handle": told[2],
        "shown_name": told[3],
    }


def _judge(cursor: Cursor, now: datetime) -> int:
    cursor.execute(_DUE, [now, MOST_JUDGED])
    due = cursor.fetchall()
    alarms, rung = [], set()
    for pk, brand_id, author_id, looks, alarmed in due:
        cursor.execute(_PROVE, [author_id, brand_id, MOST_PROOFS, pk, now])
        proofs = [row[0] for row in cursor.fetchall()]
        if proofs:
            rung.add(f"brand:{brand_id}")
        if proofs and not alarmed:
            alarms.append((brand_id, pk, {"author": author_id, "posts": proofs}))
        again = now + AGAIN[looks] if not (proofs or alarmed) and looks < len(AGAIN) else None
        cursor.execute(_LOOKED, [again, now if proofs else None, pk])
    note_many("impostor.spotted", "impostor", [one[:2] for one in alarms], [one[2] for one in alarms])
    ring(cursor, rung)
    return len(due)


_kept: tuple[str, OurNames] | None = None


def our_names(cursor: Cursor) -> OurNames:
    """Who we are, built anew when handles or brands have changed, which one small query tells."""
    global _kept  # one for each process, as it is costly to make
    cursor.execute(_FINGERPRINT)
    fingerprint = str(cursor.fetchall()[0][0])
    if _kept is None or _kept[0] != fingerprint:
        cursor.execute(_KNOWN)
        rows = cursor.fetchall()
        cursor.execute(_BRANDS)
        names = [(row[1], row[0], row[6]) for row in rows if row[5] and row[6]]
        _kept = fingerprint, OurNames([Known(*row[:6]) for row in rows], [*cursor.fetchall(), *names])
    return _kept[1]

"""The set-based statements with which `hearing` writes: one for each table and batch, whatever its size."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, cast

from hearout.channels.base import IncomingAuthor
from hearout.lib.claiming import Cursor
from hearout.lib.rows import as_json
from hearout.listening.found import Hit, MentionFound
from hearout.listening.news import Key

Row = dict[str, Any]


def author_ids(cursor: Cursor, told: Mapping[Key, IncomingAuthor | None]) -> dict[Key, int]:
    """The ids of these authors, made or brought up to date. None: nothing but the id is known."""
    keys = sorted(told)
    cursor.execute(
        """SELECT a.id, network, external_id, handle, name, followers
           FROM json_to_recordset(%s) AS k(network text, external_id text)
           JOIN customers_author a USING (network, external_id)""",
        [as_json([{"network": network, "external_id": external_id} for network, external_id in keys])],
    )
    ids: dict[Key, int] = {}
    changed: list[Row] = []
    for pk, network, external_id, handle, name, followers in cursor.fetchall():
        key = (network, external_id)
        ids[key] = pk
        now = told[key]
        if now and (update := _update(now, handle, name, followers)) != (handle, name, followers):
            changed.append({"id": pk, "handle": update[0], "name": update[1], "followers": update[2]})
    if changed:
        cursor.execute(
            """UPDATE customers_author a SET handle = v.handle, name = v.name, followers = v.followers
               FROM json_to_recordset(%s) AS v(id bigint, handle text, name text, followers bigint)
               WHERE a.id = v.id""",
            [as_json(changed)],
        )
    if len(ids) < len(keys):
        ids |= _new_authors(cursor, [(key, told[key]) for key in keys if key not in ids])
    return ids


def _update(
    now: IncomingAuthor, handle: str, name: str, followers: int | None
) -> tuple[str, str, int | None]:
    return now.handle or handle, now.name or name, followers if now.followers is None else now.followers


def _new_authors(cursor: Cursor, authors: Sequence[tuple[Key, IncomingAuthor | None]]) -> dict[Key, int]:
    rows = [
        {
            "network": network,
            "external_id": external_id,
            "handle": author.handle if author else "",
            "name": author.name if author else "",
            "followers": author.followers if author else None,
        }
        for (network, external_id), author in authors
    ]
    cursor.execute(
        """INSERT INTO customers_author (network, external_id, handle, name, followers, first_seen_at)
           SELECT network, external_id, handle, name, followers, now()
           FROM json_to_recordset(%s)
                AS v(network text, external_id text, handle text, name text, followers bigint)
           ON CONFLICT (network, external_id) DO UPDATE SET handle = EXCLUDED.handle
           RETURNING id, network, external_id""",
        [as_json(rows)],
    )
    return {(network, external_id): pk for pk, network, external_id in cursor.fetchall()}


def new_ids(cursor: Cursor, count: int) -> list[int]:
    """Ids for posts to come, so that parents and roots are known before the first is written."""
    if not count:
        return []
    cursor.execute("SELECT nextval('listening_post_id_seq') FROM generate_series(1, %s)", [count])
    return [row[0] for row in cursor.fetchall()]


_COLUMNS = {
    "author_id": "bigint",
    "handle_id": "bigint",
    "parent_external_id": "text",
    "parent_id": "bigint",
    "root_id": "bigint",
    "conversation_id": "text",
    "page_id": "bigint",
    "recipient_id": "bigint",
    "private": "boolean",
    "text": "text",
    "language": "text",
    "url": "text",
    "automatic": "boolean",
    "revision": "integer",
    "posted_at": "timestamptz",
    "edited_at": "timestamptz",
    "deleted_at": "timestamptz",
}
_IDENTITY = {
    "id": "bigint",
    "network": "text",
    "external_id": "text",
    "received_at": "timestamptz",
    "archive_id": "bigint",
}
_TYPES = ", ".join(f"{name} {kind}" for name, kind in {**_IDENTITY, **_COLUMNS}.items())
_COPY = f"COPY listening_post ({', '.join([*_IDENTITY, *_COLUMNS])}) FROM STDIN"
_in_order = itemgetter(*_IDENTITY, *_COLUMNS)
_FILL_IN = f"""
UPDATE listening_post p SET {", ".join(f"{name} = v.{name}" for name in _COLUMNS)}
FROM json_to_recordset(%s) AS v({_TYPES}) WHERE p.id = v.id
"""  # noqa: S608


def insert_posts(cursor: Cursor, rows: Sequence[Row]) -> None:
    """Posts that are certainly new, so COPY will do, which is a third cheaper than an INSERT on both sides."""
    if rows:
        with cast(Any, cursor).copy(_COPY) as table:
            for row in rows:
                table.write_row(_in_order(row))


def fill_in(cursor: Cursor, rows: Sequence[Row]) -> None:
    """Describe posts of which only the deletion was known."""
    if rows:
        cursor.execute(_FILL_IN, [as_json(rows)])


def edit_posts(cursor: Cursor, rows: Sequence[Row]) -> None:
    """New texts in place of the old, which are kept as versions. Rows: id, revision, text, language, edited_at."""
    if not rows:
        return
    cursor.execute(
        """INSERT INTO listening_postversion (post_id, revision, text, replaced_at)
           SELECT p.id, p.revision, p.text, coalesce(v.edited_at, now())
           FROM json_to_recordset(%s) AS v(id bigint, edited_at timestamptz)
           JOIN listening_post p USING (id) ON CONFLICT DO NOTHING""",
        [as_json([{"id": row["id"], "edited_at": row["edited_at"]} for row in rows])],
    )
    cursor.execute(
        """UPDATE listening_post p SET revision = v.revision, text = v.text, edited_at = v.edited_at,
                  language = CASE WHEN v.language = '' THEN p.language ELSE v.language END
           FROM json_to_recordset(%s)
                AS v(id bigint, revision integer, text text, language text, edited_at timestamptz)
           WHERE p.id = v.id""",
        [as_json(rows)],
    )


def add_versions(cursor: Cursor, rows: Sequence[Row]) -> None:
    """Older texts that arrived after newer ones. Rows: post_id, revision, text, replaced_at."""
    if rows:
        cursor.execute(
            """INSERT INTO listening_postversion (post_id, revision, text, replaced_at)
               SELECT post_id, revision, text, coalesce(replaced_at, now())
               FROM json_to_recordset(%s)
                    AS v(post_id bigint, revision integer, text text, replaced_at timestamptz)
               ON CONFLICT DO NOTHING""",
            [as_json(rows)],
        )


def delete_posts(cursor: Cursor, rows: Sequence[Row]) -> None:
    """Follow deletions: the texts go, the post stays as the thread's joint. Rows: id, deleted_at."""
    if rows:
        cursor.execute(
            """UPDATE listening_post p SET text = '', deleted_at = least(p.deleted_at, v.deleted_at)
               FROM json_to_recordset(%s) AS v(id bigint, deleted_at timestamptz) WHERE p.id = v.id""",
            [as_json(rows)],
        )
        ids = [row["id"] for row in rows]
        cursor.execute("DELETE FROM listening_postversion WHERE post_id = ANY(%s)", [ids])


def raise_revisions(cursor: Cursor, rows: Sequence[Row]) -> None:
    """A deleted post's edit came late: only its number is kept. Rows: id, revision, edited_at."""
    if rows:
        cursor.execute(
            """UPDATE listening_post p SET revision = v.revision, edited_at = v.edited_at
               FROM json_to_recordset(%s) AS v(id bigint, revision integer, edited_at timestamptz)
               WHERE p.id = v.id AND p.revision < v.revision""",
            [as_json(rows)],
        )


_RANK = "array_position(ARRAY['ours', 'direct', 'hashtag', 'indirect'], {}::text)"
_ORDER = f"({_RANK.format('{0}.how')}, coalesce({{0}}.handle_id, {2**62}))"
_STRONGER = f"{_ORDER.format('EXCLUDED')} < {_ORDER.format('m')}"
_UPSERT_MENTIONS = f"""
INSERT INTO listening_mention AS m (post_id, brand_id, handle_id, how, own_page, words, chance, due_at, tries, fault)
SELECT post_id, brand_id, handle_id, how, own_page, words, chance, now(), 0, ''
FROM json_to_recordset(%s)
     AS v(post_id bigint, brand_id bigint, handle_id bigint, how text, own_page boolean, words jsonb,
          chance double precision)
ON CONFLICT (post_id, brand_id) DO UPDATE SET
    how = CASE WHEN {_STRONGER} THEN EXCLUDED.how ELSE m.how END,
    handle_id = CASE WHEN {_STRONGER} THEN EXCLUDED.handle_id ELSE m.handle_id END,
    own_page = m.own_page OR EXCLUDED.own_page,
    words = (SELECT coalesce(jsonb_agg(DISTINCT word), '[]')
             FROM jsonb_array_elements(m.words || EXCLUDED.words) AS w(word)),
    chance = CASE WHEN EXISTS (SELECT 1 FROM listening_relevance r WHERE r.mention_id = m.id) THEN m.chance
                  ELSE EXCLUDED.chance END,
    due_at = now(), tries = 0, fault = '', dead_at = NULL
WHERE {_STRONGER} OR (EXCLUDED.own_page AND NOT m.own_page) OR NOT m.words @> EXCLUDED.words
"""  # noqa: S608


_WITH_HITS = f"""
WITH told AS ({_UPSERT_MENTIONS} RETURNING m.id, m.post_id, m.brand_id)
INSERT INTO listening_mentionhit (mention_id, brand_id, query_id, route, term, words, distance, variant, at)
SELECT told.id, brand_id, query_id, route, term, words, distance, variant, now()
FROM told JOIN json_to_recordset(%s)
     AS h(post_id bigint, brand_id bigint, query_id bigint, route text, term text, words text,
          distance smallint, variant text) USING (post_id, brand_id)
ON CONFLICT DO NOTHING
"""  # noqa: S608
LONGEST_WORDS = 120
"""Characters of what was looked for and of what stood there that a hit keeps."""


def upsert_mentions(
    cursor: Cursor, mentions: Iterable[tuple[int, MentionFound]], archived: Collection[int] = ()
) -> None:
    """Mentions as (post id, mention), one for each post and brand, with the ways in which they were found.

    What adds nothing changes nothing. Of `archived` posts the mentions alone are kept.
    """
    rows: list[Row] = []
    hits: list[Row] = []
    for post_id, found in mentions:
        rows.append(
            {
                "post_id": post_id,
                "brand_id": found.brand_id,
                "handle_id": found.handle_id,
                "how": found.how,
                "own_page": found.own_page,
                "words": found.words,
                "chance": found.chance,
            }
        )
        if found.how != "ours" and post_id not in archived:
            hits += [_hit_row(post_id, found.brand_id, hit) for hit in found.hits]
    if hits:
        cursor.execute(_WITH_HITS, [as_json(rows), as_json(hits)])
    elif rows:
        cursor.execute(_UPSERT_MENTIONS, [as_json(rows)])


def _hit_row(post_id: int, brand_id: int, hit: Hit) -> Row:
    return {
        "post_id": post_id,
        "brand_id": brand_id,
        "query_id": hit.query_id,
        "route": hit.route,
        "term": hit.term[:LONGEST_WORDS],
        "words": hit.words[:LONGEST_WORDS],
        "distance": hit.distance,
        "variant": hit.variant,
    }


def reconsider(cursor: Cursor, post_ids: Collection[int]) -> None:
    """The posts changed: triage decides about their mentions again."""
    if post_ids:
        cursor.execute(
            """UPDATE listening_mention SET due_at = now(), tries = 0, fault = '', dead_at = NULL
               WHERE post_id = ANY(%s)""",
            [sorted(post_ids)],
        )


def learn_ids(cursor: Cursor, handles: Mapping[int, str]) -> None:
    """Write down the networks' ids of handles of ours that were known by name only."""
    if handles:
        cursor.execute(
            """UPDATE listening_handle h SET external_id = v.external_id
               FROM unnest(%s::bigint[], %s::text[]) AS v(id, external_id)
               WHERE h.id = v.id AND h.external_id = ''""",
            [list(handles), list(handles.values())],
        )

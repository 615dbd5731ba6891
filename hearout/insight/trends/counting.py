"""How many posts a brand had in each bucket: in all, by tone, by topic and by query. From the facts, each time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from hearout.lib.rows import as_array
from hearout.triage.ruling import NOT_ABOUT_US

BUCKET = timedelta(minutes=5)
SECONDS = 300

Key = tuple[str, str]
"""By what, and which: ("tone", "complaint"); ("brand", "") is all."""

_HEARD = """
    SELECT m.id, m.post_id, p.posted_at, p.received_at, v.kind, v.topics
    FROM listening_mention m
    JOIN listening_post p ON p.id = m.post_id
    LEFT JOIN triage_verdict v ON v.mention_id = m.id
    WHERE m.brand_id = %(brand)s AND p.id > %(after)s AND m.how <> 'ours' AND NOT p.automatic
      AND p.archive_id IS NULL AND p.deleted_at IS NULL AND coalesce(v.set_aside, '') <> %(not_us)s
      AND p.posted_at >= %(since)s AND p.posted_at < %(until)s
"""
_EACH = """
    SELECT id, post_id, posted_at, 'brand' AS by, '' AS name FROM heard
    UNION ALL SELECT id, post_id, posted_at, 'tone', kind FROM heard WHERE kind IS NOT NULL
    UNION ALL SELECT id, post_id, posted_at, 'topic', left(t.name, 80)
        FROM heard, jsonb_array_elements_text(coalesce(topics, '[]')) AS t(name)
    UNION ALL SELECT DISTINCT heard.id, post_id, posted_at, 'query', q.name FROM heard
        JOIN listening_mentionhit h ON h.mention_id = heard.id
        JOIN listening_query q ON q.id = h.query_id AND q.off_at IS NULL
"""
_COUNT = f"""
WITH heard AS MATERIALIZED ({_HEARD}), each AS ({_EACH})
SELECT by, name, floor(extract(epoch FROM posted_at) / {SECONDS})::bigint AS bucket, count(*)
FROM each GROUP BY 1, 2, 3
"""  # noqa: S608
_POSTS = f"""
WITH heard AS MATERIALIZED ({_HEARD}), each AS ({_EACH})
SELECT post_id FROM each WHERE by = %(by)s AND name = %(name)s ORDER BY posted_at DESC, post_id DESC LIMIT %(most)s
"""  # noqa: S608


@dataclass(frozen=True)
class Span:
    """Buckets of a brand from `since` up to `until`; of posts up to the id `after` nothing lies in it."""

    brand_id: int
    since: datetime
    until: datetime
    after: int = 0

    @property
    def buckets(self) -> range:
        return range(number_of(self.since), number_of(self.until))

    def _as_parameters(self, **more: Any) -> dict[str, Any]:
        asked = {"brand": self.brand_id, "after": self.after, "since": self.since, "until": self.until}
        return asked | {"not_us": NOT_ABOUT_US} | more


def count(span: Span) -> dict[Key, dict[int, int]]:
    """The counts by series and number of the bucket; where nothing was, nothing is told."""
    found: defaultdict[Key, dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, span._as_parameters())
        for by, name, bucket, posts in cursor.fetchall():
            found[by, name][bucket] = posts
    return dict(found)


def posts_of(span: Span, key: Key, most: int) -> list[int]:
    """The ids of the newest posts of a series in a span."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, span._as_parameters(by=key[0], name=key[1], most=most))
        return [row[0] for row in cursor.fetchall()]


def texts_of(posts: Sequence[int]) -> list[tuple[int, str]]:
    """Author and text of these posts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT author_id, text FROM listening_post WHERE id = ANY(%s::bigint[]) AND deleted_at IS NULL",
            [as_array(posts)],
        )
        return list(cursor.fetchall())


def first_posted(span: Span) -> tuple[datetime, datetime] | None:
    """When the first post was posted that would be counted; and when the first of them was received."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(posted_at), min(received_at) FROM ({_HEARD}) AS h", span._as_parameters())  # noqa: S608
        posted, received = cursor.fetchone()
        return (posted, received) if posted else None


def number_of(at: datetime) -> int:
    """The number of the bucket in which a moment lies, counted from 1970."""
    return int(at.timestamp() // SECONDS)


def start_of(bucket: int) -> datetime:
    return datetime.fromtimestamp(bucket * SECONDS, UTC)

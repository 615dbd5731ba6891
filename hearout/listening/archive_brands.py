"""The brands of an archive: every author of whom the archive says that it is a brand becomes one that is
watched, not served, so that the figures know it and the inbox does not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from hearout.channels.base import IncomingPost
from hearout.lib.claiming import Cursor
from hearout.listening.matching import OurHandle
from hearout.listening.news import Key, News

_NOT_IN_SLUGS = re.compile(r"[^a-z0-9_]+")


def make_brands(cursor: Cursor, news: Iterable[News]) -> list[OurHandle]:
    """Make a brand with a main handle for each brand that wrote and is not known. Returns the new handles."""
    writers: dict[Key, tuple[str, str]] = {}
    for one in news:
        post = one.latest
        if one.archive_id and post and post.by_brand and post.author and post.author.handle:
            writers[post.network, post.author.handle.lower()] = (post.author.external_id, post.author.handle)
    if not writers:
        return []
    new = _unknown(cursor, writers)
    return [_make(cursor, network, name, *writers[network, name]) for network, name in new]


def _unknown(cursor: Cursor, writers: dict[Key, tuple[str, str]]) -> list[Key]:
    keys = sorted(writers)
    cursor.execute(
        """SELECT k.network, k.name FROM unnest(%s::text[], %s::text[], %s::text[]) AS k(network, name, external_id)
           WHERE NOT EXISTS (SELECT 1 FROM listening_handle h WHERE h.network = k.network
                             AND (lower(h.handle) = k.name OR h.external_id = k.external_id))
           ORDER BY 1, 2""",
        [[network for network, _ in keys], [name for _, name in keys], [writers[key][0] for key in keys]],
    )
    return [(network, name) for network, name in cursor.fetchall()]


def _make(cursor: Cursor, network: str, name: str, external_id: str, spelt: str) -> OurHandle:
    cursor.execute(
        """INSERT INTO people_brand (slug, name, timezone, served, created_at)
           VALUES (%s, %s, 'UTC', false, now()) RETURNING id""",
        [_free_slug(cursor, network, name), spelt[:200]],
    )
    brand_id = cursor.fetchall()[0][0]
    cursor.execute(
        """INSERT INTO listening_handle (brand_id, network, handle, external_id, role)
           VALUES (%s, %s, %s, %s, 'main') RETURNING id""",
        [brand_id, network, spelt, external_id],
    )
    return OurHandle(cursor.fetchall()[0][0], brand_id, network, name, external_id)


def _free_slug(cursor: Cursor, network: str, name: str) -> str:
    """The handle's name, or where that is taken by somebody else's brand, with the network and a number."""
    base = _NOT_IN_SLUGS.sub("-", name).strip("-")[:50] or "brand"
    cursor.execute("SELECT slug FROM people_brand WHERE slug LIKE %s", [base.replace("_", r"\_") + "%"])
    taken = {slug for (slug,) in cursor.fetchall()}
    tries = [base, f"{base}-{_NOT_IN_SLUGS.sub('-', network.lower())[:20]}"]
    tries += [f"{base}-{number}" for number in range(2, len(taken) + 3)]
    return next(slug for slug in tries if slug not in taken)


def earlier_posts(
    cursor: Cursor, archive_ids: Collection[int], handles: Collection[OurHandle]
) -> list[tuple[int, IncomingPost]]:
    """Posts heard before their archive told that these handles are brands, and that may speak to them."""
    names = ["%@" + re.sub(r"([\\%_])", r"\\\1", handle.name) + "%" for handle in handles]
    cursor.execute(
        """SELECT p.id, p.network, p.external_id, p.posted_at, p.text FROM listening_post p
           WHERE p.archive_id = ANY(%s) AND p.text ILIKE ANY(%s) ORDER BY p.id""",
        [sorted(archive_ids), names],
    )
    return [
        (pk, IncomingPost(network, external_id, posted_at, None, text))
        for pk, network, external_id, posted_at, text in cursor.fetchall()
    ]


WHO_ANSWERED = """
INSERT INTO listening_mention (post_id, brand_id, handle_id, how, own_page, words, due_at, tries, fault)
SELECT o.id, h.brand_id, h.id, 'indirect', false, '[]', now(), 0, ''
FROM listening_post o
CROSS JOIN LATERAL (
    SELECT p.handle_id FROM listening_post p
    WHERE p.root_id = o.id AND p.handle_id IS NOT NULL AND p.posted_at >= o.posted_at
    ORDER BY p.posted_at, p.id LIMIT 1
) AS first
JOIN listening_handle h ON h.id = first.handle_id
WHERE o.archive_id = %s AND o.parent_external_id = '' AND o.handle_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM listening_mention m WHERE m.post_id = o.id)
ON CONFLICT (post_id, brand_id) DO NOTHING
"""


def mention_who_answered(cursor: Cursor, archive_id: int) -> None:
    """An opening that names no known handle concerns the brand that answered it first: it found the post."""
    cursor.execute(WHO_ANSWERED, [archive_id])

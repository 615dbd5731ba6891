"""Which post answers which, and which stands at the top of a thread, in whatever order posts arrive.

A post waits for a parent that is not known yet as the root of what hangs below it. So a subtree is
exactly the posts whose root is its top, and when the parent comes one update moves them all.
A private message hangs under the first message of its conversation, by network time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hearout.lib.claiming import Cursor
from hearout.lib.rows import as_json
from hearout.listening.news import Key


@dataclass(frozen=True, slots=True)
class Stored:
    """A post in the database. `told` is false while all we know is that it was deleted."""

    id: int
    key: Key
    root_id: int
    handle_id: int | None
    revision: int
    deleted_at: datetime | None
    told: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored post whose parent was unknown. `moves`: it is the root of its subtree, not of a conversation."""

    id: int
    parent: Key
    moves: bool


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first message known of a conversation."""

    id: int
    posted_at: datetime
    external_id: str


def roots_of(above: Mapping[int, int], new: Collection[int]) -> tuple[dict[int, int], set[int]]:
    """The root of every post in `above`, which maps a post to the one above it, and the posts cut loose.

    Hostile data may make a post its own ancestor. Each such circle is cut at the smallest of its
    links in `new` (a circle always has one), and that post keeps itself as root.
    """
    roots: dict[int, int] = {}
    cut: set[int] = set()
    for start in above:
        path: list[int] = []
        place: dict[int, int] = {}
        at = start
        while at not in roots and at in above and at not in cut:
            if at in place:
                circle = path[place[at] :]
                at = min((post for post in circle if post in new), default=min(circle))
                cut.add(at)
                break
            place[at] = len(path)
            path.append(at)
            at = above[at]
        root = roots.get(at, at)
        for post in path:
            roots[post] = root
    return roots, cut


def stored(cursor: Cursor, keys: Iterable[Key]) -> dict[Key, Stored]:
    """Those of the posts that are in the database."""
    cursor.execute(
        """SELECT p.id, p.network, p.external_id, p.root_id, p.handle_id, p.revision, p.deleted_at,
                  a.external_id <> ''
           FROM json_to_recordset(%s) AS k(network text, external_id text)
           JOIN listening_post p USING (network, external_id)
           JOIN customers_author a ON a.id = p.author_id""",
        [_as_rows(keys)],
    )
    return {
        (row[1], row[2]): Stored(row[0], (row[1], row[2]), row[3] or row[0], *row[4:])
        for row in cursor.fetchall()
    }


def waiting_for(cursor: Cursor, keys: Iterable[Key]) -> list[Waiting]:
    """The stored posts that wait for one of these posts."""
    cursor.execute(
        """SELECT p.id, p.network, p.parent_external_id,
                  p.root_id = p.id AND NOT (p.private AND p.conversation_id <> '')
           FROM json_to_recordset(%s) AS k(network text, external_id text)
           JOIN listening_post p ON p.network = k.network AND p.parent_external_id = k.external_id
           WHERE p.parent_id IS NULL AND p.parent_external_id <> '' ORDER BY p.id""",
        [_as_rows(keys)],
    )
    return [Waiting(row[0], (row[1], row[2]), row[3]) for row in cursor.fetchall()]


def beginnings(cursor: Cursor, conversations: Iterable[Key]) -> dict[Key, Beginning]:
    """The first stored message of each conversation."""
    networks, ids = _columns(conversations)
    if not networks:
        return {}
    cursor.execute(
        """SELECT DISTINCT ON (p.network, p.conversation_id)
                  p.network, p.conversation_id, p.id, p.posted_at, p.external_id
           FROM unnest(%s::text[], %s::text[]) AS k(network, conversation_id)
           JOIN listening_post p USING (network, conversation_id)
           WHERE p.conversation_id <> '' AND p.private
           ORDER BY p.network, p.conversation_id, p.posted_at, p.external_id COLLATE "C" """,
        [networks, ids],
    )
    return {(row[0], row[1]): Beginning(*row[2:]) for row in cursor.fetchall()}


def answers_to(cursor: Cursor, post_id: int, root_id: int) -> list[int]:
    """The stored answers to a post of this thread."""
    cursor.execute(
        "SELECT id FROM listening_post WHERE root_id = %s AND parent_id = %s ORDER BY id", [root_id, post_id]
    )
    return [row[0] for row in cursor.fetchall()]


def hang(cursor: Cursor, parents: Sequence[tuple[int, int]], roots: Sequence[tuple[int, int]]) -> None:
    """Give waiting posts their parents, and move whole subtrees from an old root to a new one.

    Their mentions come due again, because whose thread a post stands in bears on its case.
    """
    if parents:
        cursor.execute(
            """UPDATE listening_post p SET parent_id = v.parent
               FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, parent) WHERE p.id = v.id""",
            _pairs(parents),
        )
    if roots:
        cursor.execute(
            """WITH moved AS (
                   UPDATE listening_post p SET root_id = v.new
                   FROM unnest(%s::bigint[], %s::bigint[]) AS v(old, new) WHERE p.root_id = v.old
                   RETURNING p.id)
               UPDATE listening_mention m SET due_at = now(), tries = 0, fault = '', dead_at = NULL
               FROM moved WHERE m.post_id = moved.id""",
            _pairs(roots),
        )


def _pairs(rows: Sequence[tuple[int, int]]) -> list[list[int]]:
    return [[first for first, _ in rows], [second for _, second in rows]]


def _as_rows(keys: Iterable[Key]) -> str:
    return as_json(
        [{"network": network, "external_id": external_id} for network, external_id in sorted(set(keys))]
    )


def _columns(keys: Iterable[Key]) -> tuple[list[str], list[str]]:
    ordered = sorted(set(keys))
    return [network for network, _ in ordered], [external_id for _, external_id in ordered]

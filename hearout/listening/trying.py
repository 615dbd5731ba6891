"""A query tried on the posts of the last days before it is saved: what it would find, gain and lose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from hearout.listening.engine.compiled import Match, compile
from hearout.listening.query.text import Text
from hearout.listening.revising import Wording
from hearout.people.models import Brand

MOST_POSTS = 50_000
BATCH = 2_000
EXAMPLES = 6
LONGEST = 280
SHOWN = {
    "lost": "No longer found",
    "gained": "Found in addition",
    "fresh": "Heard by nothing else",
    "heard": "Heard by something else too",
}


class Stored(NamedTuple):
    """A post as it is stored. `heard`: it has a mention of the brand already."""

    id: int
    text: str
    author: str
    network: str
    language: str
    posted_at: datetime
    heard: bool

    def seen(self) -> Text:
        return Text(self.id, self.text, self.author, self.network, self.language, created_at=self.posted_at)


@dataclass(frozen=True, slots=True)
class Example:
    """A post that was found, by which words (with `distance` edits), or that no longer would be."""

    post_id: int
    text: str
    author: str
    network: str
    words: tuple[str, ...]
    distance: int
    heard: bool


@dataclass(slots=True)
class Tried:
    """`found` of `looked_at` posts; `fresh` of them are heard by nothing else. `gained` and `lost` compare with
    what the query asks now (None: it is new). `cut`: there were more posts, and only the newest were asked."""

    looked_at: int = 0
    found: int = 0
    fresh: int = 0
    gained: int | None = None
    lost: int | None = None
    cut: bool = False
    by_network: Counter[str] = field(default_factory=Counter)
    by_language: Counter[str] = field(default_factory=Counter)
    by_words: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return self.found / self.looked_at if self.looked_at else 0.0

    @property
    def networks(self) -> list[tuple[str, int]]:
        return self.by_network.most_common(5)

    @property
    def words(self) -> list[tuple[str, int]]:
        return self.by_words.most_common(8)

    @property
    def shown(self) -> list[tuple[str, list[Example]]]:
        """Examples under headings, the most telling first."""
        return [(label, self.examples[kind]) for kind, label in SHOWN.items() if kind in self.examples]

    def show(self, kind: str, example: Example) -> None:
        shown = self.examples.setdefault(kind, [])
        if len(shown) < EXAMPLES and all(one.text != example.text for one in shown):
            shown.append(example)


def tried(
    brand: Brand,
    wording: Wording,
    now: datetime,
    *,
    before: Wording | None = None,
    query_id: int = 0,
    days: int = 7,
) -> Tried:
    """What the wording would have found among the posts stored in the last `days`. Raises QueryError.

    `before`: what the query (`query_id`) asks now.
    """
    asked = [wording.asked("tried")] + ([before.asked("before")] if before else [])
    compiled, result = compile(asked), Tried()
    if before:
        result.gained = result.lost = 0
    for posts in stored(brand, now - timedelta(days=days), query_id=query_id):
        posts = posts[: MOST_POSTS - result.looked_at]
        for post, matches in zip(posts, compiled.match([post.seen() for post in posts]), strict=True):
            held = {match.query: match for match in matches}
            _count(result, post, held.get(0), held.get(1), compares=before is not None)
        result.looked_at += len(posts)
        if result.looked_at >= MOST_POSTS:
            result.cut = True
            break
    return result


def _count(result: Tried, post: Stored, match: Match | None, old: Match | None, *, compares: bool) -> None:
    if match:
        result.found += 1
        result.fresh += not post.heard
        result.by_network[post.network] += 1
        result.by_language[post.language or "?"] += 1
        result.by_words.update({word.lower() for word in match.words})
        result.show("heard" if post.heard else "fresh", _example(post, match))
    if compares and match and not old:
        result.gained = (result.gained or 0) + 1
        result.show("gained", _example(post, match))
    if old and not match:
        result.lost = (result.lost or 0) + 1
        result.show("lost", _example(post, old))


def _example(post: Stored, match: Match) -> Example:
    return Example(
        post.id, post.text[:LONGEST], post.author, post.network, match.words, match.distance, post.heard
    )


_STORED = """
SELECT p.id, p.text, a.handle, p.network, p.language, p.posted_at,
       EXISTS (SELECT 1 FROM listening_mention m WHERE m.post_id = p.id AND m.brand_id = %(brand)s
               AND NOT coalesce((SELECT bool_and(h.query_id IS NOT DISTINCT FROM %(query)s)
                                 FROM listening_mentionhit h WHERE h.mention_id = m.id), false))
FROM listening_post p JOIN customers_author a ON a.id = p.author_id
LEFT JOIN listening_handle h ON h.id = p.handle_id
WHERE p.id < %(below)s AND p.received_at >= %(since)s AND p.archive_id IS NULL AND NOT p.private AND p.text <> ''
  AND h.brand_id IS DISTINCT FROM %(brand)s
  {unheard}
ORDER BY p.id DESC LIMIT %(most)s
"""
_UNHEARD = (
    "AND NOT EXISTS (SELECT 1 FROM listening_mention m WHERE m.post_id = p.id AND m.brand_id = %(brand)s)"
)


def stored(
    brand: Brand, since: datetime, *, unheard: bool = False, query_id: int = 0, most: int = MOST_POSTS
) -> Iterator[list[Stored]]:
    """Public posts received since then that the brand did not write, the newest first, in batches;
    with `unheard` only those that nothing has found to concern it. What only query `query_id` found counts as
    not heard."""
    sql = _STORED.format(unheard=_UNHEARD if unheard else "")
    below, told = 2**62, 0
    with connection.cursor() as cursor:
        while told < most:
            limits: dict[str, Any] = {"below": below, "since": since, "most": min(BATCH, most - told)}
            cursor.execute(sql, {"brand": brand.pk, "query": query_id, **limits})
            rows = [Stored(*row) for row in cursor.fetchall()]
            if not rows:
                return
            yield rows
            below, told = rows[-1].id, told + len(rows)

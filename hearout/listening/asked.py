"""The brands' queries, and their watchwords as people misspell them, asked of many posts at once."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from hearout.channels.base import IncomingPost
from hearout.lib.claiming import Cursor
from hearout.listening.engine.anchors import rarest_anchors
from hearout.listening.engine.compiled import Match, compile
from hearout.listening.found import Hit, Reason
from hearout.listening.models import Watchword
from hearout.listening.query.errors import QueryError
from hearout.listening.query.phrases import phrase
from hearout.listening.query.printer import printed
from hearout.listening.query.text import Text
from hearout.listening.query.toml import Query
from hearout.listening.query.tree import Leaf, Tag, Term
from hearout.listening.revising import Wording, current_versions
from hearout.listening.words import words_of
from hearout.people.models import Brand

log = logging.getLogger(__name__)

ROUTES = {"handle": "tag", "tag": "hashtag", "word": "name"}
"""By how a post wrote what was looked for."""


class Meaning(NamedTuple):
    """Whose query it is. `query_id` None: a watchword, whose own spelling is found elsewhere."""

    brand_id: int
    query_id: int | None
    term: str = ""


class Asked:
    """Queries as (meaning, query), compiled. None of them costs nothing. `known`: names that are others'."""

    def __init__(self, queries: Iterable[tuple[Meaning, Query]], known: Iterable[str] = ()) -> None:
        pairs = list(queries)
        self._meanings = [meaning for meaning, _ in pairs]
        self._compiled = compile([query for _, query in pairs], known) if pairs else None

    def __bool__(self) -> bool:
        return self._compiled is not None

    def match(self, posts: Sequence[IncomingPost]) -> list[list[Reason]]:
        """For each post the brands it concerns, how, and by what."""
        if self._compiled is None:
            return [[] for _ in posts]
        found = self._compiled.match([text_of(post) for post in posts])
        return [[reason for match in matches for reason in self._reasons(match)] for matches in found]

    def _reasons(self, match: Match) -> Iterator[Reason]:
        brand_id, query_id, term = self._meanings[match.query]
        how = match.directness
        for kind, words, leaf, distance, variant in {
            (one.kind, one.words, one.leaf, one.distance, one.variant): None for one in match.reasons
        }:
            if query_id is None and not variant:
                continue
            name = term if query_id is None else said(leaf)
            yield brand_id, how, None, Hit(ROUTES[kind], name, words, distance, variant, query_id)
        if query_id is not None and not match.reasons:
            yield brand_id, how, None, Hit("name", "", "", 0, "", query_id)


def text_of(post: IncomingPost) -> Text:
    """A post as queries see it."""
    author = post.author.handle if post.author else ""
    return Text(
        post.external_id, post.text, author, post.network, post.language or "", created_at=post.posted_at
    )


def said(leaf: Leaf) -> str:
    """What was looked for, as a person reads it."""
    return " ".join(leaf.words) if isinstance(leaf, Term) else printed(leaf).removeprefix("=")


_QUERIES = """
SELECT q.brand_id, q.id, q.name, v.expression, v.languages::text, v.networks::text, v.tolerance
FROM listening_query q JOIN listening_queryversion v ON v.query_id = q.id AND v.number = q.version
JOIN people_brand b ON b.id = q.brand_id
WHERE q.off_at IS NULL AND b.served ORDER BY q.id
"""


def listening(cursor: Cursor) -> Iterator[tuple[Meaning, Query]]:
    """All queries that listen. One that can no longer be read is left out, and logged."""
    cursor.execute(_QUERIES)
    for brand_id, pk, name, expression, languages, networks, tolerance in cursor.fetchall():
        wording = Wording(expression, tuple(json.loads(languages)), tuple(json.loads(networks)), tolerance)
        try:
            yield Meaning(brand_id, pk), wording.asked(name)
        except QueryError as error:
            log.error("query %d (%s) cannot be read, and is not listened for: %s", pk, name, error)


MOST_SOUGHT = 1_000
"""Words that a network is asked to search for; none takes more."""


def sought(brand: Brand) -> list[str]:
    """What a network that sends only what it is asked for must be asked for: the brand's watchwords, and of each
    query that listens the rarest words without which it never holds."""
    words = [word.text for word in Watchword.objects.filter(brand=brand).order_by("pk")]
    nodes = []
    for query, version in current_versions(brand, listening=True):
        try:
            nodes.append(Wording.of(version).asked(query.name).condition)
        except QueryError as error:
            log.error("query %d (%s) cannot be read: %s", query.pk, query.name, error)
    for needed in rarest_anchors(nodes):
        words += sorted(said(leaf) for leaf in needed or ())
    return list(dict.fromkeys(words))[:MOST_SOUGHT]


_KNOWN = """
SELECT name FROM people_brand
UNION SELECT h.handle FROM listening_handle h JOIN people_brand b ON b.id = h.brand_id
WHERE h.role = 'watched' OR NOT b.served
"""


def known(cursor: Cursor, watchwords: Iterable[tuple[int, str, str]]) -> list[str]:
    """Names of brands that nobody listens for, never to be taken for a misspelt one that somebody does."""
    cursor.execute(_KNOWN)
    sought_for = {"".join(words_of(text)) for _, _, text in watchwords}
    names = [str(row[0]) for row in cursor.fetchall()]
    return [name for name in names if "".join(words_of(name)) not in sought_for]


def misspelt(watchwords: Iterable[tuple[int, str, str]]) -> Iterator[tuple[Meaning, Query]]:
    """Watchwords (brand, kind, text) as queries that find what people write for them."""
    for brand_id, kind, text in watchwords:
        node = _leaf(kind, text)
        if node:
            yield Meaning(brand_id, None, text), Query(text, text, node, tolerance=True)


def _leaf(kind: str, text: str) -> Leaf | None:
    if kind == "link":
        return None
    if kind == "hashtag":
        name = "".join(text.split()).lstrip("#＃")
        return Tag(name) if name else None
    words = phrase(text.replace("*", " ").replace("?", " "))
    return Term(words) if words else None

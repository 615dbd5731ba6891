"""Thousands of queries as one matcher for batches of posts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from hearout.listening.engine.anchors import Glance, Look, is_plain, look, rarest_anchors
from hearout.listening.engine.buffer import buffer, is_straight
from hearout.listening.engine.judging import Alike, Judge, Reason
from hearout.listening.engine.places import begins_token, ends_token
from hearout.listening.engine.scan import scanner
from hearout.listening.engine.strings import bears_edits, clues
from hearout.listening.query.reference import MOST_OCCURRENCES
from hearout.listening.query.text import Seen, Text, seen
from hearout.listening.query.toml import Query
from hearout.listening.query.tree import Leaf

if TYPE_CHECKING:
    from hearout.listening.engine.alike import Tolerance

BATCH = 1_000
"""Posts of one scan: enough to share its cost and that of looking for words not seen before."""


class Match(NamedTuple):
    """A query that holds for a post. `query` is its place among those compiled.

    `directness` is direct (a handle was hit), hashtag (nothing but tags) or indirect; `words` are the hits
    as the post wrote them, each once; `distance` is the fewest edits within which the query holds.
    """

    query: int
    directness: str
    words: tuple[str, ...]
    distance: int
    reasons: tuple[Reason, ...]


Matches = tuple[Match, ...]


class _Lead(NamedTuple):
    """What it means that a string was found: the leaf of a query; `kind` is set where that is all it needs."""

    query: int
    leaf: Leaf
    kind: str


Found = tuple[int, int]
"""A string's number, and where in the buffer it ends."""
Place = tuple[int, int]
Places = dict[tuple[int, int, str], Leaf]
"""Leaves by start, end and kind of the word in the text."""
UNKNOWN, NOWHERE = (-1, -1), (0, 0)
NOTHING: frozenset[Leaf] = frozenset()
_LETTER = re.compile(r"\w")


class Compiled:
    """Made by `compile`. Threads may share it."""

    def __init__(self, queries: Sequence[Query], known: Iterable[str] = ()) -> None:
        self._nodes = [query.condition for query in queries]
        self._most = [query.most_edits for query in queries]
        self._looks: list[Look | None] = [None if is_plain(node) else look(node) for node in self._nodes]
        self._always: list[int] = []
        self._near_leads: dict[Leaf, list[int]] = {}
        leads: dict[bytes, list[_Lead]] = {}
        for number, needed in enumerate(rarest_anchors(self._nodes)):
            if needed is None:
                self._always.append(number)
            for leaf in needed or ():
                for string, kind in clues(leaf) or ():
                    alone = self._looks[number] is None
                    leads.setdefault(string, []).append(_Lead(number, leaf, kind if alone else ""))
                if self._most[number] and bears_edits(leaf):
                    self._near_leads.setdefault(leaf, []).append(number)
        self._leads = [tuple(of_string) for of_string in leads.values()]
        self._spelt = [(string.strip().decode(), not string.endswith(b" ")) for string in leads]
        self._scan = scanner(list(leads))
        self._tolerance = self._tolerant(known) if any(self._most) else None

    def _tolerant(self, known: Iterable[str]) -> Tolerance:
        from hearout.listening.engine.alike import Tolerance  # its dictionaries take a second to load

        return Tolerance(zip(self._nodes, self._most, strict=True), self._near_leads.keys(), known)

    def match(self, posts: Sequence[Text]) -> list[Matches]:
        """The matches of each post, by the order of the queries. Quick by batches: give many posts at once."""
        return [
            matches
            for first in range(0, len(posts), BATCH)
            for matches in self._batch(posts[first : first + BATCH])
        ]

    def _batch(self, posts: Sequence[Text]) -> list[Matches]:
        data = buffer([post.text for post in posts])
        found = _by_post(data, self._scan(data))
        alike = self._tolerance.perhaps([post.text for post in posts], data) if self._tolerance else {}
        parts = data.split(b"\n")
        matches: list[Matches] = [()] * len(posts)
        looked_at = range(len(posts)) if self._always else sorted(found.keys() | alike.keys())
        beside = self._beside(posts, parts, looked_at)
        for number in looked_at:
            hits, near = found.get(number, []), alike.get(number, NOTHING)
            glance = Glance(posts[number], parts[number], near | beside.get(number, NOTHING))
            matches[number] = self._judged(glance, data, hits, near)
        return matches

    def _beside(
        self, posts: Sequence[Text], parts: Sequence[bytes], numbers: Sequence[int]
    ) -> dict[int, frozenset[Leaf]]:
        """What is only looked for where others were found, with tolerance."""
        if not self._tolerance or not numbers:
            return {}
        texts = [posts[number].text for number in numbers]
        found = self._tolerance.beside(texts, b"\n".join([parts[number] for number in numbers]))
        return {numbers[place]: leaves for place, leaves in found.items()}

    def _judged(self, glance: Glance, data: bytes, hits: list[Found], near: frozenset[Leaf]) -> Matches:
        text = glance.post.text
        sure, unsure = self._settled(text, data, hits) if hits else ({}, set())
        unsure.update(self._always)
        for leaf in near:
            unsure.update(query for query in self._near_leads.get(leaf, ()) if query not in sure)
        matches = [_plain_match(text, query, sure[query]) for query in sure.keys() - unsure]
        if unsure:
            matches += self._verdicts(glance, unsure)
        return tuple(sorted(matches, key=_query_of))

    def _settled(self, text: str, data: bytes, hits: list[Found]) -> tuple[dict[int, Places], set[int]]:
        """The queries that surely hold, by what; and those to be looked at more closely."""
        sure: dict[int, Places] = {}
        unsure: set[int] = set()
        straight = len(hits) <= MOST_OCCURRENCES and is_straight(text)
        begin = data.rfind(b"\n", 0, hits[0][1]) + 2 if straight else 0
        for which, end in hits:
            start, stop = self._place(text, data, begin, which, end) if straight else UNKNOWN
            for query, leaf, kind in self._leads[which]:
                if not kind or start < 0:
                    unsure.add(query)
                elif stop:
                    sure.setdefault(query, {}).setdefault((start, stop, kind), leaf)
        return sure, unsure

    def _place(self, text: str, data: bytes, begin: int, which: int, end: int) -> Place:
        """Where in a plain text a string was found, if that surely is a token or some; else UNKNOWN or NOWHERE."""
        string, open_ended = self._spelt[which]
        stop = end if open_ended else end - 1
        stop -= begin + data.count(b"#", begin, stop) + data.count(b"@", begin, stop)
        start = stop - len(string)
        if open_ended and _LETTER.match(text, stop):
            return NOWHERE  # another handle, that begins like ours
        if text[start:stop].lower() == string and begins_token(text, start) and ends_token(text, stop):
            return start, stop
        return UNKNOWN

    def _verdicts(self, glance: Glance, queries: Iterable[int]) -> Iterator[Match]:
        judge = None
        for query in queries:
            quick = self._looks[query]
            if quick and not quick(glance):
                continue
            judge = judge or Judge(glance.post, seen(glance.post.text), self._alike)
            verdict = judge.verdict(self._nodes[query], self._most[query])
            if verdict:
                distance, reasons = verdict
                yield _match(query, distance, reasons)

    def _alike(self, view: Seen) -> Mapping[Leaf, list[Alike]]:
        return self._tolerance.found(view) if self._tolerance else {}


def _by_post(data: bytes, hits: Iterable[Found]) -> dict[int, list[Found]]:
    """The hits of each post that has some."""
    found: dict[int, list[Found]] = {}
    number = counted = 0
    for hit in hits:
        number += data.count(b"\n", counted, hit[1])
        counted = hit[1]
        found.setdefault(number, []).append(hit)
    return found


def compile(queries: Sequence[Query], known: Iterable[str] = ()) -> Compiled:
    """A matcher for these queries. Ten thousand take about a second, several with tolerance.

    `known`: names that are not ours, never to be taken for a misspelt one of the queries.
    """
    return Compiled(queries, known)


def _plain_match(text: str, query: int, places: Places) -> Match:
    reasons = [Reason(start, end, kind, text[start:end], leaf) for (start, end, kind), leaf in places.items()]
    return _match(query, 0, tuple(sorted(reasons, key=_place_of)))


def _match(query: int, distance: int, reasons: tuple[Reason, ...]) -> Match:
    kinds = {reason.kind for reason in reasons}
    directness = "direct" if "handle" in kinds else "hashtag" if kinds == {"tag"} else "indirect"
    return Match(
        query, directness, tuple(dict.fromkeys(reason.words for reason in reasons)), distance, reasons
    )


def _query_of(match: Match) -> int:
    return match.query


def _place_of(reason: Reason) -> tuple[int, int, str]:
    return reason[:3]

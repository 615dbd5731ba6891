"""What of a post is taken for a word, tag or handle of a query though it is spelt otherwise."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from hearout.listening.engine.judging import Alike
from hearout.listening.engine.spaced import Spaced
from hearout.listening.engine.strings import bears_edits
from hearout.listening.query.reference import Hit
from hearout.listening.query.text import DOT, MARKS, SPACE, Seen, Token, folded, handle_names
from hearout.listening.query.tree import Leaf, Node, Tag, Term, leaves
from hearout.listening.tolerance import Entry, Found, Told, Tolerant
from hearout.listening.words import WORD

KEPT = 200_000
"""Words that are remembered; most words of real posts come again."""

_TAG = re.compile(rf"[#＃]({WORD}+)")
_HANDLE = re.compile(rf"[@＠]({WORD}++(?:[.\-]{WORD}++){{0,8}}+(?:@[\w.\-]++)?)")
_DOTTED = re.compile(r"@\w++[.\-@]\w")
_SIGN = re.compile("[#＃@＠]")
_TIGHT = frozenset("-‐‑'’")
"""What alone parts two words that may be one."""
_AFTER_TIGHT = re.compile(rf"[\-‐‑'’]({WORD}+)")


class _Heard(NamedTuple):
    """The tokens of buffers so far; what words have to do with names, and which of them name or begin one; the
    tags and handles that may name something."""

    tokens: set[str]
    told: dict[str, Told]
    loud: set[str]
    signs: set[str]


SILENT = Told(frozenset(), frozenset(), frozenset())


class Lookalikes:
    """Looks for leaves in other spellings. `leaves`: with the edits that each bears at most."""

    def __init__(self, leaves: Mapping[Leaf, int], known: Iterable[str] = ()) -> None:
        self._leaves = list(leaves)
        entries = [_entry(number, leaf, leaves[leaf]) for number, leaf in enumerate(self._leaves)]
        self._tolerant = Tolerant(entries, known)
        kinds = {entry.kind for entry in entries}
        self._tags = not kinds.isdisjoint(("name", "hashtag"))
        self._handles = "handle" in kinds

        self._spaced = Spaced(self._tolerant.spaced)
        self._heard = _Heard(set(), {}, set(), set())

    def perhaps(self, texts: Sequence[str], data: bytes) -> dict[int, frozenset[Leaf]]:
        """For posts by their numbers in a buffer: all that `found` will find, and perhaps more."""
        rows = [part.split() for part in data.decode().split("\n")]
        heard, spaced = self._read(rows), self._spaced.posts(data)
        found = {}
        for number, (text, row) in enumerate(zip(texts, rows, strict=True)):
            numbers: set[object] = set()
            if not heard.signs.isdisjoint(row) or self._hides_names(text):
                numbers.update(self._named(text, heard))
            if number in spaced or not heard.loud.isdisjoint(row):
                numbers.update(self._of_row(text, row, heard, number in spaced))
            if numbers:
                found[number] = frozenset(self._leaves[one] for one in numbers if isinstance(one, int))
        return found

    def _named(self, text: str, heard: _Heard) -> Iterator[object]:
        """What the tags and handles of a text may name."""
        for tag in _TAG.findall(text) if self._tags else ():
            token = "#" + tag.lower()
            if token in heard.signs or token not in heard.tokens or not tag.isascii():
                yield from (found.key for found in self._of_tag(tag))
        for written in _HANDLE.findall(text) if self._handles else ():
            yield from (found.key for found in self._of_handle(written))

    def _of_row(self, text: str, row: Sequence[str], heard: _Heard, spaced: bool) -> Iterator[object]:
        """What the words of a post's part of the buffer may name."""
        told, follows = heard.told, False
        for word in heard.loud.intersection(row):
            yield from told[word].keys
            follows = follows or bool(told[word].further)
        if follows and not spaced:
            openings = [told.get(word, SILENT) for word in row]
            spaced = any(
                one.further and not one.further.isdisjoint(next_one.follows)
                for one, next_one in pairwise(openings)
            )
        if spaced:
            words = [word for word in row if word[0] not in "#@"]
            after = {folded(word) for word in _AFTER_TIGHT.findall(text)}
            tight = [number for number, word in enumerate(words) if word in after]
            yield from (hit.key for hit in self._tolerant.of_words(words, tight))

    def _read(self, rows: Sequence[Sequence[str]]) -> _Heard:
        """What was heard, with the words, tags and handles of a buffer."""
        heard = self._heard
        if len(heard.tokens) >= KEPT:
            heard = self._heard = _Heard(set(), {}, set(), set())
        new = set[str]().union(*rows).difference(heard.tokens)
        tags = [token[1:] for token in new if token[0] == "#"] if self._tags else ()
        handles = [token[1:] for token in new if token[0] == "@"] if self._handles else ()
        told = self._tolerant.telling([token for token in new if token[0] not in "#@"])
        heard.told.update(told)
        heard.loud.update(word for word, of_word in told.items() if of_word.keys or of_word.further)
        heard.signs.update("#" + tag for tag in self._tolerant.naming(tags, "hashtag"))
        heard.signs.update("@" + handle for handle in self._tolerant.naming(handles, "handle"))
        heard.tokens.update(new)  # last, for other threads share it
        return heard

    def _hides_names(self, text: str) -> bool:
        """Whether the buffer may hold other tags or handles than the text has."""
        if text.isascii():
            return self._handles and "@" in text and _DOTTED.search(text) is not None
        return _SIGN.search(text) is not None

    def found(self, view: Seen) -> dict[Leaf, list[Alike]]:
        """The spellings of each leaf in a post, its own among them."""
        found: dict[Leaf, list[Alike]] = {}
        for token in view.tokens:
            if token.kind in ("tag", "handle"):
                written = view.text[token.start + 1 : token.end]
                named = self._of_tag(written) if token.kind == "tag" else self._of_handle(written)
                for key, distance, variant in named:
                    self._note(found, key, Alike(_hit(view, token, token), distance, variant))
        for run in _runs(view):
            tight = [n for n in range(1, len(run)) if view.text[run[n - 1].end : run[n].start] in _TIGHT]
            for hit in self._tolerant.of_words([token.key.replace(DOT, ".") for token in run], tight):
                place = _hit(view, run[hit.start], run[hit.stop - 1])
                self._note(found, hit.key, Alike(place, hit.distance, hit.variant))
        return found

    def _note(self, found: dict[Leaf, list[Alike]], key: object, alike: Alike) -> None:
        if isinstance(key, int):
            found.setdefault(self._leaves[key], []).append(alike)

    def _of_tag(self, written: str) -> tuple[Found, ...]:
        return self._tolerant.of_token(written, "hashtag")

    def _of_handle(self, written: str) -> tuple[Found, ...]:
        names = (written,) if written.isalnum() and written.isascii() else handle_names(written)
        return tuple(found for name in names for found in self._tolerant.of_token(name, "handle"))


class Tolerance:
    """The leaves of queries that bear edits: those that give a query away apart from all others.

    Only the first are looked for in every post. Words such as `late`, which many queries have beside a name, are
    looked for where a name was found; so they do not slow down the rest, nor are they taken for rivals of names.
    """

    def __init__(
        self, queries: Iterable[tuple[Node, int]], first: Collection[Leaf], known: Iterable[str]
    ) -> None:
        bearing: dict[Leaf, int] = {}
        for node, most in queries:
            for leaf in leaves(node) if most else ():
                if bears_edits(leaf):
                    bearing[leaf] = max(most, bearing.get(leaf, 0))
        known = tuple(known)
        groups = ({}, {})  # type: tuple[dict[Leaf, int], dict[Leaf, int]]
        for leaf, most in bearing.items():
            groups[leaf not in first][leaf] = most
        self._first, self._rest = (Lookalikes(group, known) if group else None for group in groups)

    def perhaps(self, texts: Sequence[str], data: bytes) -> Mapping[int, frozenset[Leaf]]:
        return self._first.perhaps(texts, data) if self._first else {}

    def beside(self, texts: Sequence[str], data: bytes) -> Mapping[int, frozenset[Leaf]]:
        """As `perhaps`, of the leaves that are not first."""
        return self._rest.perhaps(texts, data) if self._rest else {}

    def found(self, view: Seen) -> dict[Leaf, list[Alike]]:
        of_first = self._first.found(view) if self._first else {}
        return of_first | (self._rest.found(view) if self._rest else {})


def _entry(number: int, leaf: Leaf, most: int) -> Entry:
    if isinstance(leaf, Term):
        return Entry(number, "name", " ".join(word.rstrip(MARKS) for word in leaf.words), most)
    return Entry(number, "hashtag" if isinstance(leaf, Tag) else "handle", leaf.name, most)


def _runs(view: Seen) -> list[list[Token]]:
    """Words with nothing between them that ends a phrase."""
    runs: list[list[Token]] = []
    for token in view.tokens:
        if token.kind != "word":
            continue
        if runs and view.line[token.place - 1] == SPACE:
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs


def _hit(view: Seen, first: Token, last: Token) -> Hit:
    written = view.text[first.start : last.end]
    return Hit(first.start, last.end, first.place, last.place + last.size, first.kind, written)

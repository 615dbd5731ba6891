"""What of a post is taken for a word, tag or handle of a query though it is spelt otherwise."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from hearout.listening.engine.judging import Alike
from hearout.listening.engine.strings import bears_edits
from hearout.listening.query.reference import Hit
from hearout.listening.query.text import DOT, MARKS, SPACE, Seen, Token, folded, handle_names
from hearout.listening.query.tree import Leaf, Node, Tag, Term, leaves
from hearout.listening.tolerance import Entry, Found, Tolerant
from hearout.listening.words import WORD

_TAG = re.compile(rf"[#＃]({WORD}+)")
_HANDLE = re.compile(rf"[@＠]({WORD}++(?:[.\-]{WORD}++){{0,8}}+(?:@[\w.\-]++)?)")
_TIGHT = frozenset("-‐‑'’")
"""What alone parts two words that may be one."""
_AFTER_TIGHT = re.compile(rf"[\-‐‑'’]({WORD}+)")


class Lookalikes:
    """Looks for leaves in other spellings. `leaves`: with the edits that each bears at most."""

    def __init__(self, leaves: Mapping[Leaf, int], known: Iterable[str] = ()) -> None:
        self._leaves = list(leaves)
        entries = [_entry(number, leaf, leaves[leaf]) for number, leaf in enumerate(self._leaves)]
        self._tolerant = Tolerant(entries, known)
        kinds = {entry.kind for entry in entries}
        self._tags = not kinds.isdisjoint(("name", "hashtag"))
        self._handles = "handle" in kinds

    def perhaps(self, text: str, part: bytes) -> frozenset[Leaf]:
        """All that `found` will find, and perhaps more: told by the post's part of the buffer."""
        words = part.decode().split()
        numbers: set[object] = set()
        if b"#" in part or b"@" in part:
            words = [word for word in words if word[0] not in "#@"]
            if self._tags and b"#" in part:
                for tag in _TAG.findall(text):
                    numbers.update(found.key for found in self._tolerant.of_token(tag, "hashtag"))
            if self._handles and b"@" in part:
                for written in _HANDLE.findall(text):
                    numbers.update(found.key for found in self._of_handle(written))
        hits = self._tolerant.of_words(words, range(len(words)))
        if any(hit.stop - hit.start > 1 for hit in hits):
            after = {folded(word) for word in _AFTER_TIGHT.findall(text)}
            hits = self._tolerant.of_words(words, [n for n, word in enumerate(words) if word in after])
        if not hits and not numbers:
            return NOTHING
        numbers.update(hit.key for hit in hits)
        return frozenset(self._leaves[number] for number in numbers if isinstance(number, int))

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


NOTHING: frozenset[Leaf] = frozenset()


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

    def perhaps(self, text: str, part: bytes) -> frozenset[Leaf]:
        return self._first.perhaps(text, part) if self._first else NOTHING

    def near(self, text: str, part: bytes) -> frozenset[Leaf]:
        return self._rest.perhaps(text, part) if self._rest else NOTHING

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

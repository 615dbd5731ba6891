"""Where a word, phrase, tag or handle occurs in a post: as `query.reference.occurrences`, without a regular
expression for each, which would take milliseconds to compile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice

from hearout.listening.engine.strings import pieces
from hearout.listening.query import reference
from hearout.listening.query.patterns import has_wildcard, is_unspaced, without_bars
from hearout.listening.query.reference import Hit
from hearout.listening.query.text import BREAK, MARK, SPACE, Seen, Token, folded, handle_names
from hearout.listening.query.tree import At, Leaf, Tag, Term
from hearout.listening.words import UNSPACED

_SOLID = re.compile(f"[^{SPACE}{BREAK}{MARK}{UNSPACED.pattern[1:-1]}]")
"""What may not stand directly before or after a word in a line."""


def occurrences(leaf: Leaf, view: Seen) -> list[Hit]:
    """The places of a leaf in a post, at most reference.MOST_OCCURRENCES."""
    if isinstance(leaf, Term):
        plain = _spelling(leaf)
        if plain is None:
            return list(reference.occurrences(leaf, view))
        in_line, in_tag = plain
        found: Iterator[Hit] = chain(_in_line(in_line, view), _in_tags(in_tag, view))
    elif has_wildcard(leaf.name):
        return list(reference.occurrences(leaf, view))
    else:
        found = _named(leaf, view)
    return list(islice(found, reference.MOST_OCCURRENCES))


@lru_cache(maxsize=65536)
def _spelling(term: Term) -> tuple[str, str] | None:
    """A term as it stands in the line and in a tag; None where it has more than one spelling."""
    words = pieces(term)
    if len(words) > len(term.words) or any(word[-1:] in ".,;:!" for word in term.words):
        return None
    if any(has_wildcard(word) or is_unspaced(word) for word in words):
        return None
    return SPACE.join(map(folded, words)), "".join(folded(without_bars(word)) for word in words)


def _in_line(key: str, view: Seen) -> Iterator[Hit]:
    for first in _places(key, view.line):
        last = first + len(key)
        start, end = view.span(first, last)
        yield Hit(start, end, first, last, "word", view.text[start:end])


def _in_tags(key: str, view: Seen) -> Iterator[Hit]:
    for token in view.tokens:
        if token.kind == "tag" and any(True for _ in _places(key, without_bars(token.key))):
            yield _whole(token, view)


def _named(leaf: Tag | At, view: Seen) -> Iterator[Hit]:
    key, kind = folded(leaf.name), "tag" if isinstance(leaf, Tag) else "handle"
    for token in view.tokens:
        if token.kind == kind:
            hit = _whole(token, view)
            if key in ((token.key,) if kind == "tag" else handle_names(hit.written[1:])):
                yield hit


def _places(key: str, line: str) -> Iterator[int]:
    """Where a key begins whose neighbours are no letters."""
    first = line.find(key)
    while first >= 0:
        before = first > 0 and _SOLID.match(line, first - 1)
        if not before and not _SOLID.match(line, first + len(key)):
            yield first
        first = line.find(key, first + 1)


def _whole(token: Token, view: Seen) -> Hit:
    written = view.text[token.start : token.end]
    return Hit(token.start, token.end, token.place, token.place + 1, token.kind, written)

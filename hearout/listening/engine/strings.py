"""For each word, phrase, tag and handle of a query the strings of which one is in the buffer of any post with it.

A `Clue` is such a string. Where its string is the whole of what is looked for, its `kind` says how a post
wrote it (word, tag or handle) and the place may be taken for the hit (`places.py`); else the post is only
a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from hearout.listening.engine.buffer import string
from hearout.listening.query.patterns import has_wildcard, literal, without_bars
from hearout.listening.query.text import MARKS, folded
from hearout.listening.query.tree import At, Leaf, Tag, Term
from hearout.listening.words import UNSPACED

MOST_WHOLE = 3
"""Words of a phrase up to which all its spellings (one to three spaces between words) are strings."""

_WILD = re.compile(r"[*?]")


class Clue(NamedTuple):
    string: bytes
    kind: str = ""


@lru_cache(maxsize=65536)
def clues(leaf: Leaf) -> tuple[Clue, ...] | None:
    """One of these is in the buffer of each post in which the leaf occurs; None where nothing can be said."""
    if isinstance(leaf, Tag):
        found = [_named(leaf.name, "#", "tag")]
    elif isinstance(leaf, At):
        found = [_named(leaf.name, "@", "handle")]
    else:
        found = [*_in_line(leaf), *_in_tags(leaf)]
    if any(not clue.string.strip() for clue in found):
        return None
    # a string that is sure for one reason is only looked for in other scripts for another
    return tuple(Clue(*one) for one in dict(sorted(found)).items())


def bears_edits(leaf: Leaf) -> bool:
    """Whether other spellings of a leaf may count: not where its query says `=`, nor with wildcards."""
    words = leaf.words if isinstance(leaf, Term) else (leaf.name,)
    return not leaf.exact and not any(map(has_wildcard, words))


def pieces(term: Term) -> list[str]:
    """The words of a term, those with full stops cut there."""
    return [piece for word in term.words for piece in word.rstrip(MARKS).split(".")]


def _named(name: str, sign: str, kind: str) -> Clue:
    if has_wildcard(name):
        chunk, first, last = _longest_chunk(name)
    else:
        chunk, first, last = name, True, True
    core = string(sign + folded(chunk)) if first else string(folded(chunk))
    before = b" " if first else b""
    after = b" " if last and sign == "#" else b""  # what follows a handle may be a title: @tidewingさん
    whole = first and last and chunk.isascii() and not set(name) & set("@.-")
    return Clue(before + core + after, kind if whole else "")


def _in_line(term: Term) -> Iterator[Clue]:
    words = pieces(term)
    marked = any(word != word.rstrip(MARKS) for word in term.words) or len(words) > len(term.words)
    if any(map(has_wildcard, words)) or any(UNSPACED.search(folded(word)) for word in words):
        yield Clue(max(map(_word, words), key=len))
        return
    keys = [string(folded(word)) for word in words]
    whole = len(keys) <= MOST_WHOLE and not marked
    if not whole:  # the two neighbours that are the longest
        start = max(
            range(len(keys)), key=lambda n: len(b"".join(keys[n : n + 2])) if n + 1 < len(keys) else 0
        )
        keys = keys[start : start + 2]
    sure = "word" if whole and all(word.isascii() for word in words) else ""
    for gaps in product((b" ", b"  ", b"   "), repeat=len(keys) - 1):
        between = b"".join(key + gap for key, gap in zip(keys, (*gaps, b" "), strict=True))
        yield Clue(b" " + between, sure)


def _in_tags(term: Term) -> Iterator[Clue]:
    name = "".join(without_bars(piece) for piece in pieces(term))
    core = _word(name)
    yield Clue(core)  # behind letters of a script without spaces
    if core.startswith(b" "):
        sure = "tag" if name.isascii() and not has_wildcard(name) else ""
        yield Clue(b" #" + core[1:], sure)


def _word(piece: str) -> bytes:
    """The longest chunk of a word without wildcards; with a space where the word must begin or end."""
    chunk, first, last = _longest_chunk(piece)
    key = folded(chunk)
    before = b" " if first and not UNSPACED.match(key) else b""
    after = b" " if last and not UNSPACED.match(key[-1:]) else b""
    return before + string(key) + after


def _longest_chunk(piece: str) -> tuple[str, bool, bool]:
    """A chunk, whether the piece begins with it, and whether it ends with it."""
    chunks = _WILD.split(piece)
    best = max(range(len(chunks)), key=lambda n: len(literal(chunks[n])))
    return chunks[best], best == 0, best == len(chunks) - 1

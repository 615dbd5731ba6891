"""A post as queries see it: cut into words, tags, handles and links, folded, in one line.

This is the definition of what matches; faster ways must find the same. The tokens are those of
`hearout.listening.words.TOKEN`. In the line each token stands in its turn:

* a word is its key (`folded`); a tag, handle or link is one BREAK;
* a name with a dot that may be a web address (`booking.com`) is its words with DOT between them;
* between neighbouring words stands one sign: SPACE for up to three of space, hyphen, apostrophe,
  `& + /`; MARK for up to three of the same with a full stop, comma, colon, semicolon or
  exclamation mark among them; else BREAK. Keys never hold these signs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from hearout.lib.clean import INVISIBLE, fold
from hearout.listening.words import TOKEN, WORD, handle_keys

SPACE, BREAK, MARK, DOT = "\x01", "\x02", "\x03", "\x04"

MARKS = ".,;:!"
"""What a phrase must itself have between two words for a post to have it there."""

_PLAIN_GAP = re.compile(r"[\s\-‐‑–'’_&+/]{0,3}")
_MARKED_GAP = re.compile(rf"[\s\-‐‑–'’_&+/{MARKS}]{{0,3}}")
_LETTERS = re.compile(rf"{WORD}+")
_ENDINGS = frozenset(
    ("aero", "app", "biz", "com", "dev", "edu", "gov", "info", "jobs", "mobi", "museum", "net", "org", "xyz")
)
"""Of web addresses, beside those of two letters. Others are words: people forget the space after a full stop."""


@dataclass(frozen=True, slots=True)
class Text:
    """A post to match. What the network does not tell stays "" or None."""

    id: str | float | None
    text: str
    author: str = ""
    network: str = ""
    language: str = ""
    place: str = ""
    created_at: datetime | None = None


class Token(NamedTuple):  # twice as quick to make as a frozen dataclass; a post has twenty
    """`kind` is word, tag, handle or link. `start` and `end` lie in the text, `place` and `size` in the line."""

    kind: str
    key: str
    start: int
    end: int
    place: int
    size: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A text and its tokens in order."""

    text: str
    line: str
    tokens: tuple[Token, ...]
    places: tuple[int, ...]

    def token_at(self, place: int) -> int:
        """The number of the token that a place of the line belongs to."""
        return bisect_right(self.places, place) - 1

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where in the text the places `first` to `last` (not included) of the line were written.

        A token that folding lengthened or shortened is given whole.
        """
        head, tail = self.tokens[self.token_at(first)], self.tokens[self.token_at(last - 1)]
        start, end = head.start, tail.end
        if head.size == head.end - head.start:
            start += first - head.place
        if tail.size == tail.end - tail.start:
            end = tail.start + last - tail.place
        return start, end


_LONGEST_KEPT = 40
"""Letters of what is kept for the next time: posts of long nonsense shall not fill the memory."""


@lru_cache(maxsize=65536)
def _folded(word: str) -> str:
    return fold(word, accents=False)


def folded(word: str) -> str:
    """The key of a word: the same for all cases, widths, styles and accents (`Café` is `cafe`)."""
    if word.isascii():
        return word.lower()
    return _folded(word) if len(word) <= _LONGEST_KEPT else fold(word, accents=False)


def handle_names(written: str) -> tuple[str, ...]:
    """The keys that `@written` may stand for, the longest first: `@tidewing.` ends a sentence."""
    return tuple(dict.fromkeys(folded(name) for name in handle_keys(written)))


def seen(text: str) -> Seen:
    """The tokens of a text and its line. Never raises."""
    parts: list[str] = []
    tokens: list[Token] = []
    place, end, before = 0, 0, ""
    for kind, key, start, stop in _tokens(text):
        body = key if kind == "word" else BREAK
        parts.append(_between(text[end:start]) if before == kind == "word" else BREAK)
        parts.append(body)
        size = len(body)
        tokens.append(Token(kind, key, start, stop, place + 1, size))
        place += 1 + size
        end, before = stop, kind
    return Seen(text, "".join(parts) + BREAK, tuple(tokens), tuple([token.place for token in tokens]))


def _tokens(text: str) -> Iterator[tuple[str, str, int, int]]:
    for token in TOKEN.finditer(text):
        kind, (start, end) = token.lastgroup or "", token.span()
        if kind == "domain":
            yield from _dotted(token[0], start)
            continue
        if kind == "word":
            key = folded(token[0])
        elif kind in ("tag", "handle"):
            key = folded(token[kind])
        else:
            kind, key = "link", token[0]
        if key:
            yield kind, key, start, end


def _dotted(written: str, start: int) -> list[tuple[str, str, int, int]]:
    """`booking.com` is one word, `booking.com/help` a link, `delayed.please` two words without a space."""
    ending = written.rpartition(".")[2]
    if "/" in written:
        return [("link", written, start, start + len(written))]
    pieces = [(folded(one[0]), *one.span()) for one in _LETTERS.finditer(written)]
    pieces = [piece for piece in pieces if piece[0]]
    if len(ending) > 2 and ending not in _ENDINGS:
        return [("word", key, start + first, start + last) for key, first, last in pieces]
    return [("word", DOT.join(key for key, *_ in pieces), start, start + len(written))]


def _between(gap: str) -> str:
    if gap == " ":
        return SPACE
    return _sign(gap) if len(gap) <= _LONGEST_KEPT else _sign.__wrapped__(gap)


@lru_cache(maxsize=4096)
def _sign(gap: str) -> str:
    gap = INVISIBLE.sub("", gap)
    if _PLAIN_GAP.fullmatch(gap):
        return SPACE
    return MARK if _MARKED_GAP.fullmatch(gap) else BREAK

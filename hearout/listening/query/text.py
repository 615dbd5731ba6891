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
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

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


@dataclass(frozen=True, slots=True)
class Token:
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


@lru_cache(maxsize=65536)
def _folded(word: str) -> str:
    return fold(word, accents=False)


def folded(word: str) -> str:
    """The key of a word: the same for all cases, widths, styles and accents (`Café` is `cafe`)."""
    return word.lower() if word.isascii() else _folded(word)


def handle_names(written: str) -> tuple[str, ...]:
    """The keys that `@written` may stand for, the longest first: `@tidewing.` ends a sentence."""
    return tuple(dict.fromkeys(folded(name) for name in handle_keys(written)))


def seen(text: str) -> Seen:
    """The tokens of a text and its line. Never raises."""
    parts: list[str] = []
    tokens: list[Token] = []
    place, end = 0, 0
    for kind, key, start, stop in _tokens(text):
        body = key if kind == "word" else BREAK
        between = _between(text[end:start]) if tokens and tokens[-1].kind == kind == "word" else BREAK
        parts += (between, body)
        tokens.append(Token(kind, key, start, stop, place + 1, len(body)))
        place += 1 + len(body)
        end = stop
    return Seen(text, "".join(parts) + BREAK, tuple(tokens), tuple(token.place for token in tokens))


def _tokens(text: str) -> list[tuple[str, str, int, int]]:
    found = []
    for token in TOKEN.finditer(text):
        kind, start, end = token.lastgroup or "", token.start(), token.end()
        if kind == "word":
            found.append(("word", folded(token[0]), start, end))
        elif kind in ("tag", "handle"):
            found.append((kind, folded(token[kind]), start, end))
        elif kind == "domain":
            found += _dotted(token[0], start)
        else:
            found.append(("link", token[0], start, end))
    return [one for one in found if one[1]]


def _dotted(written: str, start: int) -> list[tuple[str, str, int, int]]:
    """`booking.com` is one word, `booking.com/help` a link, `delayed.please` two words without a space."""
    ending = written.rpartition(".")[2]
    if "/" in written:
        return [("link", written, start, start + len(written))]
    pieces = list(_LETTERS.finditer(written))
    if len(ending) > 2 and ending not in _ENDINGS:
        return [("word", folded(one[0]), start + one.start(), start + one.end()) for one in pieces]
    key = DOT.join(filter(None, (folded(one[0]) for one in pieces)))
    return [("word", key, start, start + len(written))]


def _between(gap: str) -> str:
    if gap == " ":
        return SPACE
    gap = INVISIBLE.sub("", gap)
    if _PLAIN_GAP.fullmatch(gap):
        return SPACE
    return MARK if _MARKED_GAP.fullmatch(gap) else BREAK

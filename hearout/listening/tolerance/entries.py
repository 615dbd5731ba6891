"""What is looked for and what is found: names with their allowed distance, and hits with theirs."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from hearout.lib.clean import fold
from hearout.listening.words import UNSPACED, WORD

Kind = Literal["name", "hashtag", "handle"]
Variant = Literal[
    "exact", "plural", "possessive", "joined", "split", "look-alike", "stretched", "swapped", "misspelt"
]

TWO_FROM, ONE_FROM = 8, 4
"""Letters from which two edits are allowed, and one; shorter names are only found as they are."""

_WORDS = re.compile(rf"{WORD}+")
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Za-z][0-9]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A name to look for. `key` comes back with each hit and means nothing here.

    `text` is the name as its owner writes it ("Acme Care", "JetBlue"; with or without # and @).
    `most` is the largest distance allowed, at most what its length allows; None: by its length; 0: as it is.
    """

    key: Hashable
    kind: Kind
    text: str
    most: int | None = None


class Found(NamedTuple):
    """One word names this. `distance`: edits, of which plurals, possessives and hashtags' joining are none."""

    key: Hashable
    distance: int
    variant: Variant


class Hit(NamedTuple):
    """The words from `start` to before `stop` name this."""

    key: Hashable
    start: int
    stop: int
    distance: int
    variant: Variant


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """An entry made ready: `words` folded, `compact` all of them in one, `coined`: its capitals or digits
    say that it is no ordinary word (JetBlue, iPhone)."""

    key: Hashable
    kind: Kind
    words: tuple[str, ...]
    compact: str
    most: int
    coined: bool


def plain(text: str) -> str:
    """What is compared: without case, width, style and accents."""
    return fold(text, accents=False)


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a text; an underscore parts words as a hyphen does."""
    return tuple(word for word in plain(" ".join(_WORDS.findall(text))).replace("_", " ").split() if word)


def allowed(compact: str) -> int:
    """Edits that a name of this length bears: at two on six letters a third of unrelated tags would match."""
    if UNSPACED.search(compact):
        return 0
    letters = len(compact)
    return 2 if letters >= TWO_FROM else 1 if letters >= ONE_FROM else 0


def name_of(entry: Entry) -> Name | None:
    """The entry made ready; None when it has no word."""
    words = words_of(entry.text)
    if not words:
        return None
    compact = "".join(words)
    most = allowed(compact)
    if entry.most is not None:
        most = max(0, min(most, entry.most))
    return Name(entry.key, entry.kind, words, compact, most, bool(_CAMEL.search(entry.text)))

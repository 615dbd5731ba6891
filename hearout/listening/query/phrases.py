"""How the words of a query are cut out of what an admin wrote, and which of them can be looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hearout.listening.query.patterns import has_wildcard, literal
from hearout.listening.query.text import MARKS
from hearout.listening.words import WORD

MOST_WORDS = 20
"""Of one phrase."""

FEWEST_LETTERS = 2
"""Of a word with a wildcard: `*` alone would match everything."""

LETTER = rf"(?:{WORD}|[*?])"
_WORD = re.compile(rf"{LETTER}++(?:\.{LETTER}++)*+")


def phrase(written: str) -> tuple[str, ...]:
    """The words of a phrase; a word before a full stop, comma or the like keeps it (`Dr. Oetker`)."""
    return tuple(word for word, _ in words_in(written))


def words_in(written: str) -> Iterator[tuple[str, int]]:
    """The words of a phrase and where each begins."""
    found = list(_WORD.finditer(written))
    for number, word in enumerate(found, 1):
        between = written[word.end() : found[number].start()] if number < len(found) else ""
        mark = next((sign for sign in between if sign in MARKS), "")
        yield word[0] + mark, word.start()


def complaint(word: str) -> tuple[str, str] | None:
    """Why a word cannot be looked for, and what was expected; None where it can."""
    if has_wildcard(word) and len(literal(word)) < FEWEST_LETTERS:
        return f"“{word}” would match nearly every word", f"at least {FEWEST_LETTERS} letters beside * and ?"
    pieces = word.rstrip(MARKS).split(".")
    if not all(literal(piece) or has_wildcard(piece) for piece in pieces):
        return "this word has no letter that can be seen", "a word"
    return None

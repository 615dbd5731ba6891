"""Regular expressions that say where a word, phrase, tag or handle occurs in a `Seen` text.

Whole words: no letter may stand directly before or after, except where one of the two is of a script
that writes no spaces, so that `Tidewing` is found in `昨日Tidewingに乗った`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from hearout.listening.query.text import BREAK, DOT, MARK, MARKS, SPACE, folded
from hearout.listening.query.tree import Term
from hearout.listening.words import UNSPACED

# Of what a line holds. As classes of a few ranges, since those of all letters take 50 ms a pattern to compile.
_SOLID = f"[^{SPACE}{BREAK}{MARK}{UNSPACED.pattern[1:-1]}]"
_LETTER = f"[^{SPACE}{BREAK}{MARK}{DOT}{UNSPACED.pattern[1:-1]}]"
_ANY_LETTER = f"[^{SPACE}{BREAK}{MARK}{DOT}]"
_STARTS = rf"(?<!{_SOLID})"
_ENDS = rf"(?!{_SOLID})"
_PIECES = re.compile(r"[*?]|[^*?]+")

Pattern = re.Pattern[str]


def literal(word: str) -> str:
    """The letters of a word's key without its wildcards and marks."""
    return "".join(folded(part) for part in re.split(r"[*?]", word.rstrip(MARKS)))


def has_wildcard(word: str) -> bool:
    return "*" in word or "?" in word


def is_unspaced(word: str) -> bool:
    """Whether letters of the word are of a script without spaces, which may be found inside of longer runs."""
    return bool(UNSPACED.search(literal(word)))


@lru_cache(maxsize=65536)
def in_line(term: Term) -> Pattern:
    """Finds a term in `Seen.line`."""
    pieces = pieces_of(term)
    pattern = _word(pieces[0][0])
    for (left, mark), (right, _) in pairwise(pieces):
        between = f"[{SPACE}{MARK}{DOT}]" if mark else SPACE
        open_ended = UNSPACED.fullmatch(_edge(left, -1)) or UNSPACED.fullmatch(_edge(right, 0))
        pattern += between + ("?" if open_ended else "") + _word(right)
    return re.compile(_bounded(pattern, pieces[0][0], pieces[-1][0]))


@lru_cache(maxsize=65536)
def in_tag(term: Term) -> Pattern:
    """Finds a term in the key of a tag that spells it, underscores taken out of both (`without_bars`)."""
    pieces = [without_bars(piece) for piece, _ in pieces_of(term)]
    return re.compile(_bounded("".join(map(_word, pieces)), pieces[0], pieces[-1]))


def without_bars(key: str) -> str:
    return key.replace("_", "")


@lru_cache(maxsize=65536)
def whole(name: str) -> Pattern:
    """For `fullmatch` with the key of a tag, a handle or an author."""
    return re.compile(_glob(name, "."), re.DOTALL)


def pieces_of(term: Term) -> list[tuple[str, bool]]:
    """A term's words, as written, cut at their full stops; True where a mark may follow the piece in a post."""
    pieces: list[tuple[str, bool]] = []
    for word in term.words:
        stripped = word.rstrip(MARKS)
        *inner, last = stripped.split(".")
        pieces += [(piece, True) for piece in inner] + [(last, stripped != word)]
    return pieces


def _bounded(pattern: str, first: str, last: str) -> str:
    start = "" if UNSPACED.fullmatch(_edge(first, 0)) else _STARTS
    end = "" if UNSPACED.fullmatch(_edge(last, -1)) else _ENDS
    return start + pattern + end


def _edge(piece: str, side: int) -> str:
    """The outermost letter of a piece's key: "" where a wildcard stands there."""
    if piece[side : side + 1 or None] in ("*", "?"):
        return ""
    key = literal(piece)
    return key[side] if key else ""


def _word(piece: str) -> str:
    return _glob(piece, _ANY_LETTER if is_unspaced(piece) else _LETTER)


def _glob(piece: str, letter: str) -> str:
    """Linear in the text: as shell patterns, the first place of each part but the last is the right one."""
    parts = [_part(part, letter) for part in re.sub(r"\*+", "*", piece).split("*")]
    # where a word may start anywhere, a star without an end would cost the square of the text
    any_letters = f"{letter}{{0,20}}" if letter == _ANY_LETTER else f"{letter}*"
    if len(parts) == 1:
        return parts[0]
    first, *middle, last = parts
    return first + "".join(f"(?>{any_letters}?{part})" for part in middle) + any_letters + last


def _part(part: str, letter: str) -> str:
    return "".join(letter if one == "?" else re.escape(folded(one)) for one in _PIECES.findall(part))

"""A hashtag's words: `#AcmeCares` is acme cares, `#acmehelp` is acme help."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import pairwise

from hearout.listening.tolerance.dictionary import frequencies
from hearout.listening.tolerance.entries import plain

_PARTS = re.compile(r"[^\W\d_]+|\d+")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")

# Costs in powers of ten, chosen on the training part of the labelled set; see docs/tolerance.md
_LEAST = 2.0
_UNKNOWN, _UNKNOWN_LETTER = 2.0, 1.2
_WORD = 9.5
_ONE_LETTER, _TWO_LETTERS = 3.0, 0.5
_NAME = 4.0

LONGEST, LONGEST_WORD = 80, 24


def segment(hashtag: str, languages: tuple[str, ...] = ("en",), names: Collection[str] = ()) -> list[str]:
    """The folded words that a hashtag joins, by its capitals and by the likeliest row of words.

    `names` are further words, folded. Words are the likelier the more frequent they are in one of the
    languages. With # or without; one of more than 80 letters comes back whole.
    """
    written = hashtag.lstrip("#＃")
    if len(written) > LONGEST:
        return [plain(written)]
    letters = [letter for letter in written if letter.isalpha()]
    mixed = any(map(str.isupper, letters)) and any(map(str.islower, letters))
    known = frequencies(languages, _LEAST, _LEAST)
    found: list[str] = []
    for part in (_HUMPS if mixed else _PARTS).findall(written):
        found += [part] if part.isdigit() else _divided(plain(part), known, names)
    return _numbered(found)


def _divided(letters: str, known: Mapping[str, float], names: Collection[str]) -> list[str]:
    """The cheapest row of words (Viterbi over single words' frequencies)."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(letters) + 1):
        starts = range(max(0, end - LONGEST_WORD), end)
        best.append(min((best[at][0] + _cost(letters[at:end], known, names), at) for at in starts))
    cuts = [len(letters)]
    while cuts[-1] > 0:
        cuts.append(best[cuts[-1]][1])
    return [letters[start:stop] for start, stop in pairwise(reversed(cuts))]


def _cost(word: str, known: Mapping[str, float], names: Collection[str]) -> float:
    if word in names:
        return _NAME
    zipf = known.get(word)
    if zipf is None:
        return _UNKNOWN + _UNKNOWN_LETTER * len(word)
    if len(word) > 2:
        return _WORD - zipf
    if len(word) == 2:
        return _WORD - zipf + _TWO_LETTERS
    return _WORD - zipf + (0.0 if word in "ai" else _ONE_LETTER)


def _numbered(words: list[str]) -> list[str]:
    """Single letters belong to the number beside them: g1, 3g, s1e6."""
    found: list[str] = []
    for word in words:
        before = found[-1] if found else ""
        if (word.isdigit() and len(before) == 1 and before.isalpha()) or (
            len(word) == 1 and word.isalpha() and before.isdigit()
        ):
            found[-1] += word
        else:
            found.append(word)
    return found

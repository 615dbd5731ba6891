"""A hashtag's words: `#AcmeCares` is acme cares, `#acmehelp` is acme help."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise

from hearout.listening.tolerance.dictionary import frequencies
from hearout.listening.tolerance.entries import plain

_PARTS = re.compile(r"[^\W\d_]+|\d+")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\d]+|\d+")
_LEAST = 1.0
_TOTAL = 9.0
_NAME = 5.5
LONGEST = 80


def segment(hashtag: str, languages: tuple[str, ...] = ("en",), names: Collection[str] = ()) -> list[str]:
    """The folded words that a hashtag joins, by capitals and by the likeliest row of words.

    `names` are further words, folded. Words are likelier the more frequent they are in the languages.
    Without # or with; of more than 80 letters the whole comes back as one.
    """
    written = hashtag.lstrip("#＃")
    if len(written) > LONGEST:
        return [plain(written)]
    humps = _PARTS.findall(written)
    found: list[str] = []
    for hump in humps:
        found.extend(_divided(plain(hump), languages, names))
    return found


def _divided(letters: str, languages: tuple[str, ...], names: Collection[str]) -> list[str]:
    """Viterbi over unigrams; an unknown word costs the more the longer it is."""
    if letters.isdigit() or not letters:
        return [letters] if letters else []
    known = frequencies(languages, _LEAST, _LEAST)
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(letters) + 1):
        choices = []
        for start in range(max(0, end - 24), end):
            word = letters[start:end]
            zipf = _NAME if word in names else known.get(word)
            cost = _TOTAL - zipf if zipf is not None else _TOTAL - 1.0 + 1.5 * len(word)
            choices.append((best[start][0] + cost, start))
        best.append(min(choices))
    cuts = [len(letters)]
    while cuts[-1] > 0:
        cuts.append(best[cuts[-1]][1])
    cuts.reverse()
    return [letters[a:b] for a, b in pairwise(cuts)]

"""Which words are words: a misspelling that is a word of its own is not taken for a name.

Frequencies are wordfreq's (Robyn Speer; https://github.com/rspeer/wordfreq), on the Zipf scale:
3 is once in a million words, 6 once in a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import wordfreq

from hearout.listening.tolerance.entries import plain

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ar", "hi")
LEAST, LEAST_SHORT, SHORT = 2.5, 2.0, 5
"""Zipf frequency from which a word counts as one, and from which one of up to five letters does: below, lists
from the web hold misspellings themselves, but short names have so many neighbours that rarer words count."""


_SCRIPTS = {"ar": re.compile(r"[\u0600-\u06ff]"), "hi": re.compile(r"[\u0900-\u097f]")}
"""Languages whose words can only be taken for names in their own letters."""


@lru_cache(maxsize=8)
def frequencies(languages: tuple[str, ...], least: float, least_short: float) -> Mapping[str, float]:
    """The folded words of these languages and the highest frequency that each has in one of them.

    A language that wordfreq does not have is left out.
    """
    found: dict[str, float] = {}
    for language in languages:
        try:
            buckets = wordfreq.get_frequency_list(language, wordlist="best")
        except LookupError:
            continue
        for place, bucket in enumerate(buckets[: int((9 - min(least, least_short)) * 100) + 1]):
            zipf = 9 - place / 100
            # one fold for hundreds of words: folding each by itself takes ten times as long
            for word in plain("\n".join(bucket)).split("\n"):
                if (zipf >= least or len(word) <= SHORT) and found.get(word, 0.0) < zipf:
                    found[word] = zipf
        wordfreq.get_frequency_list.cache_clear()  # whole lists, of which we keep the upper part
    found.pop("", None)
    return found


def known_words(languages: Iterable[str], names: Iterable[str]) -> Mapping[str, float]:
    """Words that count as such, with their frequency, of the languages that these names could be taken for words of."""
    letters = "".join(names)
    wanted = {one for one in languages if one not in _SCRIPTS or _SCRIPTS[one].search(letters)}
    return frequencies(tuple(sorted(wanted)), LEAST, LEAST_SHORT)

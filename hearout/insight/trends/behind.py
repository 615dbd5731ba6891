"""The words behind an alarm: those that far more people wrote than on other days."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from hearout.listening.words import TOKEN, key_of

MOST_WORDS = 12
LEAST_AUTHORS = 2
LONGEST = 40
LONGEST_TEXT = 2_000
PRIOR = 0.5


def words_behind(now: Iterable[tuple[int, str]], before: Iterable[tuple[int, str]]) -> list[str]:
    """The words that set the first posts (author, text) apart from the second, the most telling first.

    By authors, not by posts, so that one loud account does not speak for all. Ranked by how surprising it is that
    so many of now wrote it, were they as those of before: n * ln(share / share before), Kullback's measure.
    """
    here, many = _authors(now)
    there, few = _authors(before)
    found = []
    for word, who in here.items():
        if len(who) < LEAST_AUTHORS:
            continue
        share = (len(who) + PRIOR) / (many + 2 * PRIOR)
        usual = (len(there.get(word, ())) + PRIOR) / (few + 2 * PRIOR)
        if share > 1.5 * usual:
            found.append((len(who) * math.log(share / usual), word))
    return [word for _, word in sorted(found, key=lambda one: (-one[0], one[1]))[:MOST_WORDS]]


def _authors(posts: Iterable[tuple[int, str]]) -> tuple[dict[str, set[int]], int]:
    """Who wrote each word, and how many wrote at all."""
    words: defaultdict[str, set[int]] = defaultdict(set)
    everybody = set()
    for author, text in posts:
        everybody.add(author)
        for token in TOKEN.finditer(text[:LONGEST_TEXT]):
            if (tag := token["tag"]) or (
                (word := token["word"]) and not token["mail"] and not token["domain"]
            ):
                key = key_of(tag or word)
                if 3 <= len(key) <= LONGEST and not key.isdigit():
                    words[f"#{key}" if tag else key].add(author)
    return words, len(everybody)

"""Which words around a name say that it is us: Delta the airline, or the rivers' delta.

Learned from people's "not us" and "ours", by plain counts, so that a person can read why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import exp, log
from typing import Any

ENOUGH = 3
"""Facts of each side before anything is said."""

TRUST = 0.6
"""What a word's weight counts: words of a post go together, so that all in full would be too sure. Chosen so
that about 1 % of what is us gets a chance below 10 % (bench/tolerance.py)."""


class Contexts:
    """Naive Bayes over the words around each name, with add-one smoothing."""

    def __init__(self) -> None:
        self._posts: dict[str, list[int]] = {}
        self._words: dict[str, tuple[Counter[str], Counter[str]]] = {}

    def learn(self, name: str, words: Iterable[str], us: bool, times: int = 1) -> None:
        """One person's word on one post. `words`: the post's, folded; each counts once. `times` -1 takes back."""
        side = int(us)
        posts = self._posts.setdefault(name, [0, 0])
        posts[side] = max(0, posts[side] + times)
        counts = self._words.setdefault(name, (Counter(), Counter()))[side]
        for word in set(words) - {name}:
            counts[word] += times
            if counts[word] <= 0:
                del counts[word]

    def says(self, name: str, words: Iterable[str]) -> float | None:
        """The probability that a post of these words means us; None while too little is known of the name."""
        posts = self._posts.get(name)
        if posts is None or min(posts) < ENOUGH:
            return None
        odds = log((posts[1] + 1) / (posts[0] + 1))
        odds += TRUST * sum(weight for _, weight in self._weights(name, words))
        return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))

    def deciding(self, name: str, words: Iterable[str], most: int = 5) -> list[tuple[str, float]]:
        """The words that say most, each with its weight: above 0 for us, below against."""
        return sorted(self._weights(name, words), key=lambda pair: (-abs(pair[1]), pair[0]))[:most]

    def _weights(self, name: str, words: Iterable[str]) -> list[tuple[str, float]]:
        if name not in self._words:
            return []
        (others, other_words), (ours, our_words) = zip(self._posts[name], self._words[name], strict=True)
        return [
            (word, log((our_words[word] + 1) / (ours + 2)) - log((other_words[word] + 1) / (others + 2)))
            for word in sorted(set(words) - {name})
            if word in our_words or word in other_words
        ]

    def as_json(self) -> dict[str, Any]:
        """All that was learned, for `from_json`."""
        return {
            name: {"posts": self._posts[name], "not_us": dict(no), "us": dict(yes)}
            for name, (no, yes) in self._words.items()
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Contexts:
        contexts = cls()
        for name, facts in kept.items():
            contexts._posts[name] = list(facts["posts"])
            contexts._words[name] = (Counter(facts["not_us"]), Counter(facts["us"]))
        return contexts

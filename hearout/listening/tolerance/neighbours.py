"""Words within one or two edits, found without looking at all of them.

Two words within n edits become the same when up to n letters are struck from each (deletion
neighbourhoods, as FastSS and SymSpell do): struck forms of the words are kept, struck forms of the token
looked up, and what they share is measured. Only the heads of words are struck.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from rapidfuzz.distance import OSA

from hearout.listening.tolerance.sieve import HEAD, Sieve, levels


def _struck(word: str, edits: int) -> set[str]:
    """The word's head with letters left out; as combinations, which C makes faster than slices."""
    head = word[:HEAD]
    found: set[str] = set()
    for left in levels(len(head), edits):
        found.update(map("".join, combinations(head, left)))
    return found


class Neighbours:
    """Words with the distance (1 or 2) up to which each may be found. Distance: optimal string alignment,
    where a swap of neighbours is one edit."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._most = {word: most for word, most in words.items() if most > 0}
        self._one = _index((word, _struck(word, 1)) for word, most in self._most.items() if most == 1)
        self._two = _index((word, _struck(word, 2)) for word, most in self._most.items() if most > 1)
        ones = [len(word) for word, most in self._most.items() if most == 1]
        twos = [len(word) for word, most in self._most.items() if most > 1]
        self._ones = range(min(ones) - 1, max(ones) + 2) if ones else range(0)
        self._twos = range(min(twos) - 2, max(twos) + 3) if twos else range(0)
        self._sieve = Sieve(self._most)

    def perhaps_near(self, tokens: Sequence[str]) -> list[str]:
        """Those of these tokens that may have a word within its distance; quick for many at once."""
        return self._sieve.through(tokens)

    def near(self, token: str) -> tuple[tuple[str, int], ...]:
        """The words within their distance of a token, and how far each is; the token itself is none."""
        candidates: set[str] = set()
        length = len(token)
        if length in self._ones:
            for struck in self._one.keys() & _struck(token, 1):
                candidates.update(self._one[struck])
        if length in self._twos:
            for struck in self._two.keys() & _struck(token, 2):
                candidates.update(self._two[struck])
        found = []
        for word in candidates:
            most = self._most[word]
            if -most <= len(word) - length <= most:
                distance = OSA.distance(token, word, score_cutoff=most)
                if 0 < distance <= most:
                    found.append((word, distance))
        return tuple(found)


def _index(struck_forms: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word, forms in struck_forms:
        for form in forms:
            found[form] = (*found.get(form, ()), word)
    return found

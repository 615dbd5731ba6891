"""Which of many words may be within one or two edits of a name, told in a few calls of numpy.

As in `neighbours`, two words within n edits become the same when some letters are struck from each. Here
struck forms are numbers, and of those of the names only one bit each is kept: a word that the sieve lets
through may still have no neighbour, one that it holds back has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

HEAD = 8
"""Letters that are looked at: each edit costs each of two words at most one letter of them."""

_BITS_EACH = 256
"""Bits for each struck form of a name, of which a word has up to 36: so one in ten others comes through."""


def levels(letters: int, edits: int) -> range:
    """How many letters to leave of a head of so many, so that two words within `edits` share what is left.

    Heads of n and m letters share max(n, m) - edits, where both are at most HEAD.
    """
    return range(max(0, letters - edits), min(letters, HEAD - edits) + 1)


class Sieve:
    """Made of words with the edits (1 or 2) within which each may be found."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._strikes = {
            (letters, edits): _strikes(letters, edits) for letters in range(HEAD + 1) for edits in (1, 2)
        }
        self._both = {n: np.hstack([self._strikes[n, 1], self._strikes[n, 2]]) for n in range(HEAD + 1)}
        kept = [
            struck.ravel()
            for edits in (1, 2)
            for letters, _, heads in _by_length([word for word, most in words.items() if most == edits])
            for struck in [heads @ self._strikes[letters, edits]]
        ]
        forms = np.concatenate(kept) if kept else np.zeros(0, np.uint64)
        bits = max(10, (len(forms) * _BITS_EACH).bit_length())
        self._shift = np.uint64(64 - bits)
        self._bits = np.zeros(1 << (bits - 3), np.uint8)
        places = forms >> self._shift
        np.bitwise_or.at(self._bits, places >> _THREE, _ONE << (places & _SEVEN).astype(np.uint8))

    def through(self, words: Sequence[str]) -> list[str]:
        """Those of these words that may have a neighbour."""
        found: list[str] = []
        for letters, numbers, heads in _by_length(words):
            places = (heads @ self._both[letters]) >> self._shift
            held = self._bits[places >> _THREE] >> (places & _SEVEN).astype(np.uint8) & _ONE
            found.extend(words[number] for number in numbers[held.any(axis=1)])
        return found


_ONE, _THREE, _SEVEN = np.uint8(1), np.uint64(3), np.uint64(7)


def _strikes(letters: int, edits: int) -> NDArray[np.uint64]:
    """What a head of so many letters is multiplied with to give the numbers of all its struck forms."""
    factors = np.random.default_rng(edits).integers(1, 1 << 64, HEAD, np.uint64, endpoint=False) | np.uint64(
        1
    )
    forms = [form for left in levels(letters, edits) for form in combinations(range(letters), left)]
    found = np.zeros((letters, len(forms)), np.uint64)
    for number, form in enumerate(forms):
        found[list(form), number] = factors[: len(form)]
    return found


def _by_length(words: Sequence[str]) -> Iterator[tuple[int, NDArray[np.intp], NDArray[np.uint64]]]:
    """The heads' letters of words of one length, with the words' numbers."""
    if not words:
        return
    heads = np.array(words, dtype=f"U{HEAD}").view(np.uint32).reshape(-1, HEAD).astype(np.uint64)
    lengths = np.fromiter(map(len, words), np.intp, len(words)).clip(max=HEAD)
    for letters in np.unique(lengths):
        numbers = np.flatnonzero(lengths == letters)
        yield int(letters), numbers, heads[numbers, :letters]

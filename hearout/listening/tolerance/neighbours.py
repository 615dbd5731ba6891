"""Words within one or two edits of many others, found without looking at all of them.

Two words within n edits become the same when up to n letters are struck from each (deletion neighbourhoods,
as FastSS and SymSpell do): struck forms of the words are kept, struck forms of tokens looked up, and what
they share is measured. Only heads are struck. Struck forms are numbers, so that numpy does hundreds of
tokens in a few calls; two forms of one number only cost a measurement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

HEAD = 8
"""Letters that are struck: enough, as each edit costs each of two words at most one letter of them."""

_BITS_EACH = 256
"""Bits for each struck form of a word, of which one is set: most forms that no word has are told by them."""

Near = tuple[tuple[str, int], ...]
"""Words, each with its distance."""
_Numbers = NDArray[np.uint64]
_ONE, _THREE, _SEVEN = np.uint8(1), np.uint64(3), np.uint64(7)


class Neighbours:
    """Words with the distance (1 or 2) up to which each may be found. Distance: optimal string alignment,
    where a swap of neighbours is one edit."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = [word for word, most in words.items() if most > 0]
        self._most = np.array([words[word] for word in self._words], np.intp)
        self._sizes = np.array([len(word) for word in self._words], np.intp)
        strikes = {(n, edits): _strikes(n, edits) for n in range(HEAD + 1) for edits in (1, 2)}
        self._both = {n: np.hstack([strikes[n, 1], strikes[n, 2]]) for n in range(HEAD + 1)}
        forms, owners = [np.zeros(0, np.uint64)], [np.zeros(0, np.intp)]
        for edits in (1, 2):
            of_these = np.flatnonzero(self._most == edits)
            for letters, numbers, heads in _by_length([self._words[number] for number in of_these]):
                struck = heads @ strikes[letters, edits]
                forms.append(struck.ravel())
                owners.append(np.repeat(of_these[numbers], struck.shape[1]))
        together = np.concatenate(forms)
        order = np.argsort(together)
        self._owners = np.concatenate(owners)[order]
        self._forms, starts = np.unique(together[order], return_index=True)
        self._starts = np.append(starts, len(together))
        bits = max(10, (len(together) * _BITS_EACH).bit_length())
        self._shift = np.uint64(64 - bits)
        self._bits = np.zeros(1 << (bits - 3), np.uint8)
        places = together >> self._shift
        np.bitwise_or.at(self._bits, places >> _THREE, _ONE << (places & _SEVEN).astype(np.uint8))

    def near(self, token: str) -> Near:
        """The words within their distance of a token, and how far each is; the token itself is none."""
        return self.near_all([token]).get(token, ())

    def near_all(self, tokens: Sequence[str]) -> dict[str, Near]:
        """`near` for those of different tokens that have such words."""
        which, owners = self._candidates(tokens) if self._words else ((), ())
        pairs = [(tokens[one], self._words[other]) for one, other in zip(which, owners, strict=True)]
        if not pairs:
            return {}
        ours, others = zip(*pairs, strict=True)
        distances = process.cpdist(ours, others, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
        found: dict[str, Near] = {}
        for number in np.flatnonzero((distances > 0) & (distances <= self._most[owners])):
            token = ours[number]
            found[token] = (*found.get(token, ()), (others[number], int(distances[number])))
        return found

    def _candidates(self, tokens: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Numbers of tokens, and beside each the number of a word that has a struck form with it."""
        which, forms = [np.zeros(0, np.intp)], [np.zeros(0, np.uint64)]
        for letters, numbers, heads in _by_length(tokens):
            struck = heads @ self._both[letters]
            places = struck >> self._shift
            held = self._bits[places >> _THREE] >> (places & _SEVEN).astype(np.uint8) & _ONE
            rows, columns = np.nonzero(held)
            which.append(numbers[rows])
            forms.append(struck[rows, columns])
        sought = np.concatenate(forms)
        places = np.searchsorted(self._forms, sought).clip(max=len(self._forms) - 1)
        first = self._starts[places]
        counts = np.where(self._forms[places] == sought, self._starts[places + 1] - first, 0)
        ours = np.repeat(np.concatenate(which), counts)
        within = np.arange(len(ours)) - np.repeat(np.cumsum(counts) - counts, counts)
        others = self._owners[np.repeat(first, counts) + within]
        sizes = np.fromiter(map(len, tokens), np.intp, len(tokens))
        fitting = np.abs(sizes[ours] - self._sizes[others]) <= self._most[others]
        pairs = np.unique(ours[fitting] * len(self._words) + others[fitting])
        return np.divmod(pairs, len(self._words))


def _strikes(letters: int, edits: int) -> _Numbers:
    """What a head of so many letters is multiplied with to give the numbers of its struck forms.

    Heads of n and m letters within `edits` share max(n, m) - edits, at most HEAD - edits.
    """
    levels = range(max(0, letters - edits), min(letters, HEAD - edits) + 1)
    forms = [form for left in levels for form in combinations(range(letters), left)]
    factors = np.random.default_rng(edits).integers(1, 1 << 64, HEAD, np.uint64) | np.uint64(1)
    found = np.zeros((letters, len(forms)), np.uint64)
    for number, form in enumerate(forms):
        found[list(form), number] = factors[: len(form)]
    return found


def _by_length(words: Sequence[str]) -> Iterator[tuple[int, NDArray[np.intp], _Numbers]]:
    """The heads of words of one length, with the words' numbers."""
    if not words:
        return
    heads = np.array(words, f"U{HEAD}").view(np.uint32).reshape(-1, HEAD).astype(np.uint64)
    lengths = np.fromiter(map(len, words), np.intp, len(words)).clip(max=HEAD)
    for letters in np.unique(lengths):
        numbers = np.flatnonzero(lengths == letters)
        yield int(letters), numbers, heads[numbers, :letters]

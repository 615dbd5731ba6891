"""Texts as sparse rows of hashed features, weighted as the fast model weighs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hearout.understanding.fast.features import framed, pair_hashes, word_hashes
from hearout.understanding.tokens import tokenise


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Hashes of the features kept, in order, and the weight of each: its inverse document frequency."""

    keys: NDArray[np.uint32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, hashed: Sequence[NDArray[np.uint32]], at_least: int) -> Vocabulary:
        """The features that stand in `at_least` of the texts."""
        each = np.concatenate([np.unique(one) for one in hashed])
        keys, counts = np.unique(each, return_counts=True)
        kept = counts >= at_least
        weights = np.log((1 + len(hashed)) / (1 + counts[kept])) + 1
        return cls(keys[kept], weights.astype(np.float16).astype(np.float32))

    def rows(self, hashed: Sequence[NDArray[np.uint32]]) -> sparse.csr_matrix:
        """One row a text, divided as in `FastModel.first_layer`: by the root of the sum of squared weights."""
        flat = np.concatenate(hashed)
        places = np.searchsorted(self.keys, flat)
        places[places == len(self.keys)] = 0
        known = self.keys[places] == flat
        of_text = np.repeat(np.arange(len(hashed)), [len(one) for one in hashed])[known]
        values = self.weights[places[known]]
        norms = np.sqrt(np.maximum(np.bincount(of_text, values**2, minlength=len(hashed)), 1e-6))
        values = (values / norms[of_text]).astype(np.float32)
        shape = (len(hashed), len(self.keys))
        return sparse.csr_matrix((values, (of_text, places[known])), shape=shape, dtype=np.float32)


def hash_all(texts: Sequence[str]) -> list[NDArray[np.uint32]]:
    """Every feature of each text, repetitions included."""
    known: dict[str, list[int]] = {}
    hashed = []
    for text in texts:
        words = framed(tokenise(text))
        for word in words:
            if word not in known:
                known[word] = word_hashes(word)
        every = [*chain.from_iterable(map(known.__getitem__, words)), *pair_hashes(words)]
        hashed.append(np.array(every, dtype=np.uint32))
    return hashed

"""Which words of a post made the accurate model decide: those that added most to the class it chose.

Every head of the encoder is a sum over the places of the text, so the sum's parts are told as they are. What
a place says has been mixed with its neighbours on the way up, so a word's share may partly be its
neighbour's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.fast.reasons import LENGTH, OF_THE_LARGEST, SHOWN

LEAST = 0.05  # of a logit; weaker words decided nothing

Floats = NDArray[np.float32]


def strongest(text: str, words: list[str], shares: Floats) -> tuple[list[str], list[float]]:
    """At most four words as written in `text`, strongest first, and what each added [words]."""
    shown: list[str] = []
    weights: list[float] = []
    order = np.argsort(-shares, kind="stable").tolist()
    for place in order:
        share = float(shares[place])
        if len(shown) == SHOWN or share < LEAST or (weights and share < OF_THE_LARGEST * weights[0]):
            break
        said = _bare(words[place])[:LENGTH]
        if said and said not in shown and said in text:
            shown.append(said)
            weights.append(round(share, 3))
    return shown, weights


def _bare(word: str) -> str:
    """A word without the punctuation around it; nothing for a handle, a link, or punctuation alone."""
    if word.startswith(("@", "http")):
        return ""
    kept = [i for i, character in enumerate(word) if character.isalnum() or ord(character) > 0x2600]
    return word[kept[0] : kept[-1] + 1] if kept else ""

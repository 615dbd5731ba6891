"""Which words of a post made the model decide: those that added most to the class it chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.fast.model import FastModel, FirstLayer
from hearout.understanding.tokens import Tokens

SHOWN, LENGTH = 4, 80
SMALLEST, OF_THE_LARGEST = 0.03, 0.2  # of a logit; weaker words decided nothing

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


class Decided(NamedTuple):
    """One label of a batch: the class of each post, its column among all heads' logits, its confidence.

    `explained` is false where the class is the absence of something, which no word stands for; `unsure` is
    true where the confidence is too low to act upon.
    """

    classes: list[int]
    columns: list[int]
    sure: list[float]
    explained: list[bool]
    unsure: list[bool]

    def take(self, i: int, other: Decided, place: int) -> None:
        """Post `i` is decided as the other's post at `place`."""
        self.classes[i], self.columns[i] = other.classes[place], other.columns[place]
        self.sure[i], self.explained[i] = other.sure[place], other.explained[place]
        self.unsure[i] = other.unsure[place]


class Reasons:
    """Of one post, for each label, the deciding words as written and what each added to the log-odds."""

    __slots__ = ("weights", "words")

    def __init__(self, labels: Iterable[str]) -> None:
        self.words: dict[str, Sequence[str]] = dict.fromkeys(labels, ())
        self.weights: dict[str, Sequence[float]] = dict.fromkeys(labels, ())

    def listed(self, words: list[str], added: float, alone: bool) -> None:
        """The words of the rules' lists come first for the kind: the model sees them as sums, so what they
        `added` together is told in equal parts. `alone`: they decided, and no weights."""
        others = [] if alone else [
            (word, weight)
            for word, weight in zip(self.words["kind"], self.weights["kind"], strict=True)
            if not any(word in said for said in words)
        ][: max(0, SHOWN - len(words))]  # fmt: skip
        self.words["kind"] = words + [word for word, _ in others]
        each = round(max(0.0, added) / len(words), 2)
        self.weights["kind"] = () if alone else [each] * len(words) + [weight for _, weight in others]


def reasons_of(
    model: FastModel, layer: FirstLayer, batch: Sequence[Tokens], decided: Mapping[str, Decided]
) -> list[Reasons]:
    """For each post the deciding words and pairs of words, strongest first."""
    told = [Reasons(decided) for _ in batch]
    asked = [
        (i, name, column)
        for name, one in decided.items()
        for i, (column, explained) in enumerate(zip(one.columns, one.explained, strict=True))
        if explained and batch[i].raw
    ]
    if asked:
        posts = np.array([i for i, _, _ in asked])
        chosen = np.array([column for _, _, column in asked])
        strongest = _strongest(model, layer, batch, posts, chosen)
        for (i, name, _), places, values, kept in zip(asked, *strongest, strict=True):
            if kept:
                told[i].words[name], told[i].weights[name] = _shown(batch[i], places[:kept], values)
    return told


def _shown(
    tokens: Tokens, places: list[int], values: list[float]
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The words and pairs at these places, as long as they say something new."""
    shown: list[str] = []
    weights: list[float] = []
    raw = tokens.raw
    for place, value in zip(places, values, strict=False):
        said = raw[place] if place < len(raw) else _pair(tokens, place - len(raw))
        if not shown or not any(said in other or other in said for other in shown):
            shown.append(said[:LENGTH])
            weights.append(value)
    return tuple(shown), tuple(weights)  # which the garbage collector need not look at, unlike lists


def _pair(tokens: Tokens, place: int) -> str:
    pair = f"{tokens.raw[place]} {tokens.raw[place + 1]}"
    return pair if pair in tokens.text else tokens.raw[place]


def _strongest(
    model: FastModel, layer: FirstLayer, batch: Sequence[Tokens], posts: Ints, chosen: Ints
) -> tuple[list[list[int]], list[list[float]], list[int]]:
    """For each of `posts` and the class `chosen` for it, the places of the words (from 0) and of the pairs
    (from the number of words) that add most to it, and how much, strongest first; and how many of these are
    strong enough to be told."""
    lengths = np.fromiter((len(tokens.raw) for tokens in batch), np.int64, len(batch))
    token_shares, pair_shares = model.shares(layer)
    wide = max(SHOWN + 1, 2 * int(lengths.max()))
    table = np.full((len(posts), wide), -np.inf, dtype=np.float32)
    for shares, counts, starts, shifts in (
        (token_shares, lengths[posts], layer.token_starts, 0 * lengths[posts]),
        (pair_shares, lengths[posts] - 1, layer.pair_starts, lengths[posts]),
    ):
        asked = np.repeat(np.arange(len(posts)), counts)
        within = np.arange(len(asked)) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = (starts[posts] + 1)[asked] + within  # the first is the begin
        table[asked, shifts[asked] + within] = shares[rows, chosen[asked]]
    top = np.argpartition(-table, SHOWN, axis=1)[:, :SHOWN]
    values = np.take_along_axis(table, top, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    values = np.take_along_axis(values, order, axis=1) / layer.norms[posts]
    kept = (values >= np.maximum(SMALLEST, OF_THE_LARGEST * values[:, :1])).sum(axis=1)
    places = np.take_along_axis(top, order, axis=1)
    return places.tolist(), np.round(values.astype(np.float64), 2).tolist(), kept.tolist()

"""The fast model: sums of learnt rows, one for each word and each two neighbours, and small heads on top.

Two layers. The first is linear in hashed words, parts of words and neighbours: its columns are the
logits of the public tasks it was trained on. The second reads these columns together with the rules'
evidence, standardised, and gives each label its logit. All arithmetic is NumPy's; the file is a plain
`.npz` read with `allow_pickle=False`, and a `.json` of names beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.fast.features import EVIDENCE, EVIDENCE_LIMIT, SHAPE, pair_hashes, word_hashes

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Curve = tuple[Floats, Floats]
"""Knots: shares of the softmax, rising, and how often the class was right at each."""
CACHED_WORDS = 65_536  # 13 MB at most, taken as words come
CLIP = 4.0  # standard deviations: one odd figure must not decide alone


@dataclass(frozen=True, slots=True)
class Head:
    """One label: its classes, its columns among all heads' logits, what is added before the likeliest
    class is taken (the operating point), and the curve from score to calibrated confidence, or one for each
    class (`of_classes`)."""

    name: str
    classes: tuple[str, ...]
    start: int
    shift: Floats
    score_knots: Floats
    confidence_knots: Floats
    abstain_below: float
    of_classes: tuple[Curve, ...] = ()

    @property
    def columns(self) -> slice:
        return slice(self.start, self.start + len(self.classes))

    def decide(self, logits: Floats) -> tuple[Ints, Floats, Floats]:
        """From all heads' logits [posts, all classes]: of each post the class, its share of the softmax,
        and the calibrated confidence that it is right."""
        shifted = logits[:, self.columns] + self.shift
        best = shifted.argmax(axis=1)
        share = 1 / np.exp(shifted - shifted[np.arange(len(best)), best][:, None]).sum(axis=1)
        sure = np.interp(share, self.score_knots, self.confidence_knots).astype(np.float32)
        for place, curve in enumerate(self.of_classes):
            these = best == place
            sure[these] = np.interp(share[these], *curve)
        return best, share, sure


@dataclass(frozen=True, slots=True)
class FirstLayer:
    """Of a batch: the columns [posts, columns]; each token's and pair's row, where each post's begin,
    and what each row was divided by."""

    columns: Floats
    token_rows: Floats
    pair_rows: Floats
    token_starts: Ints
    pair_starts: Ints
    norms: Floats


class FastModel:
    """The arrays of a trained model and what can be asked of them. Safe to share between threads."""

    def __init__(self, arrays: dict[str, NDArray[Any]], names: dict[str, Any]) -> None:
        if names["evidence"] != list(EVIDENCE):
            raise ValueError("the model was trained on other evidence than this version gathers")
        self.name: str = names["name"]
        self.column_groups: dict[str, list[str]] = names["columns"]
        self.heads = {head["name"]: _head(head) for head in names["heads"]}
        self.language = _head(names["language"])
        self.sentiments = {code: _head(head) for code, head in names["sentiments"].items()}
        self._keys: NDArray[np.uint32] = arrays["keys"]
        unknown = np.zeros((1, arrays["table"].shape[1]), dtype=np.int8)  # the row of every hash never learnt
        self._table: NDArray[np.int8] = np.vstack([arrays["table"], unknown])
        self._squares: Floats = np.append(arrays["squares"], 0).astype(np.float32)
        self._scale: Floats = arrays["scale"]
        self._bias: Floats = arrays["bias"]
        self._mean: Floats = arrays["mean"]
        self._spread: Floats = arrays["spread"]
        self._weights: Floats = arrays["weights"]
        self._head_bias: Floats = arrays["head_bias"]
        self.width = self._table.shape[1]
        self._through = self._passed_through()
        self._nothing_found, self._cues = self._weights_of_cues()
        self._ids: dict[str, int] = {}
        self._rows: Floats = np.zeros((CACHED_WORDS, self.width + 1), dtype=np.float32)
        self._lock = Lock()

    @classmethod
    def load(cls, path: Path) -> FastModel:
        """From `path` (`.npz`) and the `.json` beside it."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(dict(arrays), json.loads(path.with_suffix(".json").read_text("utf-8")))

    def first_layer(self, framed: list[list[str]]) -> FirstLayer:
        """The first layer of texts given as `features.framed` gives them."""
        lengths = np.fromiter(map(len, framed), np.int64, len(framed))
        token_starts = np.cumsum(lengths) - lengths
        pair_starts = token_starts - np.arange(len(framed))
        tokens = self._word_rows(list(chain.from_iterable(framed)))
        pairs = self._rows_at(np.fromiter(chain.from_iterable(map(pair_hashes, framed)), np.uint32))
        sums = np.add.reduceat(tokens, token_starts) + np.add.reduceat(pairs, pair_starts)
        norms = np.sqrt(np.maximum(sums[:, -1:], 1e-6))
        columns = sums[:, :-1] * self._scale / norms + self._bias
        return FirstLayer(columns, tokens, pairs, token_starts, pair_starts, norms)

    def standard(self, columns: Floats, evidence: Floats) -> Floats:
        """What the heads see [posts, figures]: columns and evidence, standardised and clipped."""
        seen = np.hstack([columns, np.clip(evidence, -EVIDENCE_LIMIT, EVIDENCE_LIMIT)])
        figures: Floats = np.clip((seen - self._mean) / self._spread, -CLIP, CLIP)
        return figures

    def weighed(self, seen: Floats) -> Floats:
        """All heads' logits [posts, all classes] from what they see."""
        logits: Floats = seen @ self._weights + self._head_bias
        return logits

    def logits(self, columns: Floats, evidence: Floats) -> Floats:
        """All heads' logits [posts, all classes]."""
        return self.weighed(self.standard(columns, evidence))

    def shares(self, layer: FirstLayer) -> tuple[Floats, Floats]:
        """What each token and each pair adds to every class more than to the label's others, before the
        division by its post's norm."""
        return layer.token_rows[:, :-1] @ self._through, layer.pair_rows[:, :-1] @ self._through

    def cues_added(self, seen: Floats) -> Floats:
        """What all the words that the rules' lists know added to each kind together [posts, kinds], more than
        to the other kinds, against a post with none of them."""
        found: Floats = seen[:, self.width :] - self._nothing_found
        return found @ self._cues

    def _weights_of_cues(self) -> tuple[Floats, Floats]:
        mean, spread = self._mean[self.width :], self._spread[self.width :]
        weights = self._weights[self.width :, self.heads["kind"].columns]
        of_words = np.array([name not in SHAPE for name in EVIDENCE])
        centred = (weights - weights.mean(axis=1, keepdims=True)) * of_words[:, None]
        nothing: Floats = np.clip(-mean / spread, -CLIP, CLIP)
        return nothing, np.ascontiguousarray(centred, dtype=np.float32)

    def _passed_through(self) -> Floats:
        """What a unit of each column of the table adds to every class."""
        first = self._weights[: self.width] / self._spread[: self.width, None] * self._scale[:, None]
        return np.ascontiguousarray(self._centred(first), dtype=np.float32)

    def _centred(self, weights: Floats) -> Floats:
        centred = weights.copy()
        for head in self.heads.values():
            centred[:, head.columns] -= centred[:, head.columns].mean(axis=1, keepdims=True)
        return centred

    def _word_rows(self, words: list[str]) -> Floats:
        with self._lock:
            ids = list(map(self._ids.get, words))
            if None in ids:
                self._learn(dict.fromkeys(word for word, at in zip(words, ids, strict=True) if at is None))
                ids = list(map(self._ids.get, words))
                if None in ids:  # the table was emptied to make room
                    self._learn(dict.fromkeys(words))
                    ids = list(map(self._ids.get, words))
            return self._rows[np.array(ids, dtype=np.int64)]

    def _learn(self, words: dict[str, None]) -> None:
        if len(self._ids) + len(words) > len(self._rows):
            self._ids.clear()
        if len(words) > len(self._rows):
            self._rows = np.zeros((2 * len(words), self.width + 1), dtype=np.float32)
        new = [word for word in words if word not in self._ids]
        hashes = list(map(word_hashes, new))
        lengths = np.fromiter(map(len, hashes), np.int64, len(hashes))
        rows = self._rows_at(np.fromiter(chain.from_iterable(hashes), np.uint32))
        begin = len(self._ids)
        self._rows[begin : begin + len(new)] = np.add.reduceat(rows, np.cumsum(lengths) - lengths)
        self._ids.update(zip(new, range(begin, begin + len(new)), strict=True))

    def _rows_at(self, hashes: NDArray[np.uint32]) -> Floats:
        """The rows of hashes [hashes, columns and the square of its share in the norm]; zeros if unknown."""
        places = np.searchsorted(self._keys, hashes)
        places[self._keys[np.minimum(places, len(self._keys) - 1)] != hashes] = len(self._keys)
        rows = np.empty((len(hashes), self.width + 1), dtype=np.float32)
        rows[:, :-1] = self._table[places]
        rows[:, -1] = self._squares[places]
        return rows


def softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _head(told: dict[str, Any]) -> Head:
    curves = [(np.array(x, dtype=np.float32), np.array(y, dtype=np.float32)) for x, y in told["curves"]]
    return Head(
        told["name"], tuple(told["classes"]), told["start"], np.array(told["shift"], dtype=np.float32),
        *curves[0], float(told["abstain_below"]), tuple(curves) if len(curves) > 1 else (),
    )  # fmt: skip

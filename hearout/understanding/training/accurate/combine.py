"""Fits the heads over what the encoder and the fast model say, on texts that neither was trained on.

Each label sees only the encoder's heads and the fast head that speak about it. Confidence comes from
folds: the curve of a head rests on texts that the head's own weights did not see either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from hearout.understanding.reading import Emotion
from hearout.understanding.training import heads
from hearout.understanding.training.accurate.tasks import CLASSES
from hearout.understanding.training.first_layer import evened
from hearout.understanding.training.run import FEELING_OF_EMOTION4, FOREIGN
from hearout.understanding.training.sets import EMOTIONS4, FEELING_OF_GROUP, SENTIMENTS, Labelled, Sets
from hearout.understanding.training.weak import BY_HAND, KINDS

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
FOLDS = 5
FREEDOM = 0.02  # of weights: there are few texts
KIND_POWER = 0.75
BESIDE = ("kind", "sentiment", "sentiment_xl", "emotion", "emotion4", "irony", "offensive")
"""The fast model's heads seen here, in order."""
BY_POINT = ("irony", "offensive")
ABSTAIN_BELOW = {"emotion": 0.4, "irony": 0.75, "offensive": 0.6}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each head's columns begin: first the encoder's, then the fast model's."""

    encoder: dict[str, slice]
    beside: dict[str, slice]
    width: int

    @classmethod
    def of(cls, beside: Mapping[str, Sequence[str]]) -> Columns:
        encoder, at = _laid(CLASSES, 0)
        beside_it, width = _laid(beside, at)
        return cls(encoder, beside_it, width)


def _laid(heads: Mapping[str, Sequence[str]], at: int) -> tuple[dict[str, slice], int]:
    places = {}
    for name, classes in heads.items():
        places[name] = slice(at, at + len(classes))
        at += len(classes)
    return places, at


@dataclass(frozen=True, slots=True)
class Case:
    """One head to fit: its classes, the held-out texts and labels, what it sees, and what each text counts."""

    name: str
    classes: tuple[str, ...]
    texts: list[str]
    labels: Ints
    encoder: tuple[str, ...]
    beside: str
    counts: NDArray[np.float64]


def case(
    name: str, classes: Sequence[str], part: Labelled, encoder: Sequence[str], beside: str,
    counts: Sequence[float] | None = None,
) -> Case:  # fmt: skip
    labels = np.array([classes.index(label) for label in part.labels], dtype=np.int64)
    weights = np.ones(len(labels)) if counts is None else np.array(counts)
    return Case(name, tuple(classes), part.texts, labels, tuple(encoder), beside, weights)


def cases(found: Sets) -> Iterable[Case]:
    """Every head, on the parts of the sets that serve for it."""
    held = found.held
    yield case("sentiment", SENTIMENTS, held["sentiment"], ["sentiment"], "sentiment")
    yield case(
        "sentiment_xl", SENTIMENTS, _joined([held[f"xl_{c}"] for c in FOREIGN]), ["sentiment"], "sentiment_xl"
    )
    yield case("emotion4", EMOTIONS4, held["emotion4"], ["emotion4"], "emotion4")
    feelings = Labelled(held["feeling"].texts, [FEELING_OF_GROUP[one] for one in held["feeling"].labels])
    told = [
        (t, FEELING_OF_EMOTION4.get(x))
        for t, x in zip(held["emotion4"].texts, held["emotion4"].labels, strict=True)
    ]
    tweets = Labelled([t for t, x in told if x], [x for _, x in told if x])
    both = _joined([feelings, tweets])
    yield case("emotion", [one.value for one in Emotion], both, ["feeling", "emotion4"], "emotion")
    yield case("irony", CLASSES["irony"], held["irony"], ["irony"], "irony")
    yield case("offensive", CLASSES["offensive"], held["offensive"], ["offensive"], "offensive")
    yield _kinds(held)


def _kinds(held: dict[str, Labelled]) -> Case:
    """Kinds as we judged them, and the questions and requests among the acts by hand."""
    acts = [
        (t, BY_HAND[x]) for t, x in zip(held["act"].texts, held["act"].labels, strict=True) if x in BY_HAND
    ]
    both = _joined([held["kind"], Labelled([t for t, _ in acts], [x for _, x in acts])])
    speaks = ["kind", "answer", "weak", "act", "sentiment", "feeling", "offensive"]
    return case("kind", KINDS, both, speaks, "kind")


def _joined(parts: Sequence[Labelled]) -> Labelled:
    return Labelled([t for part in parts for t in part.texts], [x for part in parts for x in part.labels])


def fit(one: Case, seen: Floats, columns: Columns) -> tuple[Floats, Floats, Floats]:
    """Weights [columns, classes] and intercepts of a head, and what it says of each text unseen
    [texts, classes]. `seen` are all columns of the case's texts."""
    used = [place for name in one.encoder for place in _places(columns.encoder[name])]
    if one.name != "kind":  # which the fast model learnt from labels that the rules had a hand in
        used += _places(columns.beside[one.beside])
    unseen = np.zeros((len(one.labels), len(one.classes)), dtype=np.float32)
    for learn, rest in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(seen, one.labels):
        weights, bias = _fitted(one, seen, used, learn, columns)
        unseen[rest] = seen[rest] @ weights + bias
    weights, bias = _fitted(one, seen, used, np.arange(len(one.labels)), columns)
    return weights, bias, unseen


def _weights(one: Case, rows: Ints) -> dict[int, float]:
    """What a text of each class counts. Kinds weigh by less than what would even them out: among the tweets judged
    few complain, among posts about a brand more do, but not as many as ask and praise and talk."""
    power = KIND_POWER if one.name == "kind" else 1.0
    return {place: weight**power for place, weight in evened(one.labels[rows]).items()}


def _places(part: slice) -> list[int]:
    return list(range(part.start, part.stop))


def _fitted(one: Case, seen: Floats, used: list[int], rows: Ints, columns: Columns) -> tuple[Floats, Floats]:
    model: Any = LogisticRegression(C=FREEDOM, max_iter=1_000, class_weight=_weights(one, rows))
    model.fit(seen[rows][:, used], one.labels[rows], one.counts[rows])
    weights = np.zeros((columns.width, len(one.classes)), dtype=np.float32)
    bias = np.zeros(len(one.classes), dtype=np.float32)
    if len(one.classes) == 2:
        weights[used, 1], bias[1] = model.coef_[0], model.intercept_[0]
    else:
        weights[used], bias[:] = model.coef_.T, model.intercept_
    return weights, bias


def told(one: Case, start: int, unseen: Floats, rows: Ints | None = None) -> dict[str, Any]:
    """A head's entry in the names: its operating point and its curve, on all of its texts or on `rows`."""
    mine, labels = (unseen, one.labels) if rows is None else (unseen[rows], one.labels[rows])
    shift = np.zeros(len(one.classes), dtype=np.float32)
    if one.name in BY_POINT:
        shift = heads.operating_point(mine, labels, _macro_f1)
    knots, sure = heads.confidence_curve(mine + shift, labels)
    right = float(((mine + shift).argmax(axis=1) == labels).mean())
    macro = _macro_f1(labels, (mine + shift).argmax(axis=1))
    print(f"  {one.name}: {right:.3f} right, macro F1 {macro:.3f} of {len(labels):,} unseen", flush=True)
    return {
        "name": one.name, "classes": list(one.classes), "start": start,
        "shift": [round(float(x), 3) for x in shift], "score_knots": knots, "confidence_knots": sure,
        "abstain_below": ABSTAIN_BELOW.get(one.name, 0.5),
    }  # fmt: skip


def _macro_f1(truth: Ints, said: Ints) -> float:
    return float(f1_score(truth, said, average="macro"))

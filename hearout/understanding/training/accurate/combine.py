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

from hearout.understanding.fast.model import softmax
from hearout.understanding.reading import Emotion
from hearout.understanding.training import heads
from hearout.understanding.training.accurate.tasks import CLASSES, weak_kind
from hearout.understanding.training.calibrate import FELT
from hearout.understanding.training.first_layer import evened
from hearout.understanding.training.run import FEELING_OF_EMOTION4, FOREIGN
from hearout.understanding.training.sets import EMOTIONS4, FEELING_OF_GROUP, SENTIMENTS, Labelled, Sets
from hearout.understanding.training.weak import BY_HAND, KINDS

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
FOLDS = 5
FREEDOM = 0.02  # of weights: there are few texts
BESIDE = ("kind", "sentiment", "sentiment_xl", "emotion", "emotion4", "irony", "offensive")
"""The fast model's heads seen here, in order."""
BY_POINT = ("irony", "offensive")
ABSTAIN_BELOW = {"emotion": 0.4, "irony": 0.75, "offensive": 0.6}
FEWEST, NEVER_SURE = 5, ([0.0, 1.0], [0.0, 0.0])
RULED = 0.5
"""What the fast model's say in kinds weighs. Not fitted: both learnt kinds from labels that the rules had
a hand in, which a fit would take for truth."""


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
    """Acts by hand count thrice, kinds that people and rules agree on once."""
    texts, labels, counts = [], [], []
    for name, head, language in [("act", "act", "en"), ("sentiment", "sentiment", "en")] + [
        (f"xl_{code}", "sentiment", code) for code in FOREIGN
    ]:
        for text, label in zip(held[name].texts, held[name].labels, strict=True):
            kind = weak_kind(text, head, label, language)
            if kind is not None:
                texts.append(text)
                labels.append(kind)
                counts.append(3.0 if head == "act" else 1.0)
    return case("kind", KINDS, Labelled(texts, labels), ["kind", "act", "sentiment"], "kind", counts)


def _joined(parts: Sequence[Labelled]) -> Labelled:
    return Labelled([t for part in parts for t in part.texts], [x for part in parts for x in part.labels])


def fit(one: Case, seen: Floats, columns: Columns) -> tuple[Floats, Floats, Floats]:
    """Weights [columns, classes] and intercepts of a head, and what it says of each text unseen
    [texts, classes]. `seen` are all columns of the case's texts."""
    used = [place for name in one.encoder for place in _places(columns.encoder[name])]
    if one.name != "kind":
        used += _places(columns.beside[one.beside])
    unseen = np.zeros((len(one.labels), len(one.classes)), dtype=np.float32)
    for learn, rest in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(seen, one.labels):
        weights, bias = _fitted(one, seen, used, learn, columns)
        unseen[rest] = seen[rest] @ weights + bias
    weights, bias = _fitted(one, seen, used, np.arange(len(one.labels)), columns)
    return weights, bias, unseen


def _weights(one: Case, rows: Ints) -> dict[int, float]:
    """What a text of each class counts. Kinds weigh by the root of what would even them out: most posts are
    no complaint and no question, and a desk would drown in what only looks like one."""
    power = 0.5 if one.name == "kind" else 1.0
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
    if one.name == "kind":
        weights, bias = (1 - RULED) * weights, (1 - RULED) * bias
        weights[columns.beside["kind"]] = RULED * np.eye(len(one.classes), dtype=np.float32)
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


def kind_curves(said: Floats, feelings: Floats, found: Sets) -> list[heads.Curve]:
    """For each kind, how often people's other labels bear it out: `said` and `feelings` are the kinds' logits of
    the held-out acts and tweets with a sentiment.

    A question or a request: who named the speech act called it that. A complaint: who judged the sentiment called
    it negative, of those called negative or positive; praise: positive; anything else: not negative; and none of
    these three was called a question or a request. A kind that fewer than five posts were read as is never sure.
    """
    acts = np.array(found.held["act"].labels)
    felt = np.array(found.held["sentiment"].labels)
    asked = np.isin(acts, list(BY_HAND))
    curves: list[heads.Curve] = []
    for place, kind in enumerate(KINDS):
        read, share = said.argmax(axis=1) == place, softmax(said).max(axis=1)
        right = np.array([BY_HAND.get(act) == kind for act in acts])
        no_question = 1.0
        if kind in FELT:
            no_question = 1 - float(asked[read].mean()) if read.any() else 0.0
            read, share = feelings.argmax(axis=1) == place, softmax(feelings).max(axis=1)
            read &= (felt != "neutral") | (kind != "complaint")
            right = np.isin(felt, FELT[kind])
        scores, sure = heads.curve_of(share[read], right[read]) if read.sum() >= FEWEST else NEVER_SURE
        curves.append((scores, [round(one * no_question, 4) for one in sure]))
        print(f"  kind {kind}: {no_question * np.mean(sure):.3f} borne out of {read.sum():,}", flush=True)
    return curves


def _macro_f1(truth: Ints, said: Ints) -> float:
    return float(f1_score(truth, said, average="macro"))

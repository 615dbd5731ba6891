"""Judges a reader on a public set, with baselines beside it on the same texts: measure, interval, calibration."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.benchmarks import calibration_error, tfidf
from hearout.understanding.public_sets import Part, PublicSet, Said
from hearout.understanding.reading import Reader
from hearout.understanding.rules import RulesReader
from hearout.understanding.training import sets
from hearout.understanding.training.sets import Labelled

Counts = NDArray[np.int64]
Baseline = Callable[[Sequence[str]], list[str]]
RESAMPLED = 400
SEED = 7
MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Judged:
    """One line of the table.

    `value` is the reader's, `low` and `high` its 95 % interval; `lexicon` that of the rules, `tfidf` that of
    TF-IDF with logistic regression, None where they know no such label. `ece` is the expected calibration error
    of the reader's confidence (0..1), `kept` the share it did not abstain from, `right` how much of that is right.
    """

    set: str
    part: str
    measure: str
    n: int
    value: float
    low: float | None = None
    high: float | None = None
    lexicon: float | None = None
    tfidf: float | None = None
    ece: float | None = None
    kept: float | None = None
    right: float | None = None
    goal: float | None = None
    published: str = ""


@dataclass(frozen=True, slots=True)
class Baselines:
    """What TF-IDF learns from: the same texts as the trained readers, where they and scikit-learn are here."""

    train: Mapping[str, Labelled]
    learnt: dict[str, Baseline] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Path) -> Baselines | None:
        if find_spec("sklearn") is None:
            return None
        try:
            return cls(sets.load(data).train)
        except FileNotFoundError:
            return None

    def said_by(self, name: str) -> Baseline:
        """What TF-IDF says that has learnt from the training part of that name; it learns once."""
        if name not in self.learnt:
            with warnings.catch_warnings():  # that sixty steps do not bring it to rest is as intended
                warnings.simplefilter("ignore")
                self.learnt[name] = tfidf(self._every_language() if name == "xl" else self.train[name])
        return self.learnt[name]

    def _every_language(self) -> Labelled:
        """All of XLM-T, with as many English tweets as any other language has."""
        parts = [part for name, part in self.train.items() if name.startswith("xl_")]
        english = self.train["sentiment"]
        parts.append(english.at(range(0, len(english), 25)))
        return Labelled([t for p in parts for t in p.texts], [x for p in parts for x in p.labels])


def judge(
    one: PublicSet, reader: Reader, tier: str, data: Path, baselines: Baselines | None
) -> Iterator[Judged]:
    """Each part of a set, and the mean where the parts are languages. Raises FileNotFoundError without the data."""
    parts, lexicon = list(one.parts(data)), RulesReader()
    learnt = baselines.said_by(one.learnt) if baselines else None
    judged = [_judged(one, part, reader, tier, lexicon, learnt) for part in parts]
    yield from judged
    if tuned := one.tuned(reader, data):
        yield _plainly(one, replace(parts[0], name="at the point for it"), tuned, tier)
    if len({row.part for row in judged} & set(sets.XLM_LANGUAGES.values())) > 1:
        yield _mean(one, judged, tier)


def _judged(
    one: PublicSet, part: Part, reader: Reader, tier: str, lexicon: Reader, learnt: Baseline | None
) -> Judged:
    truth, texts = part.texts.labels, part.texts.texts
    said, rules = one.said(reader, texts), one.said(lexicon, texts)
    table = _table(truth, said.labels, one.classes)
    low, high = _interval(table, one, part.measure)
    base = [one.as_label.get(name, name) for name in learnt(texts)] if learnt else None
    # the rules know some labels not at all: then they always say the same
    rules_value = _value(_table(truth, rules.labels, one.classes), one, part.measure)
    known = rules.sure is not None or one.name == "tweeteval-emotion"
    return Judged(
        one.title, part.name, part.measure, len(texts), _value(table, one, part.measure), low, high,
        rules_value if known else None,
        _value(_table(truth, base, one.classes), one, part.measure) if base else None,
        *_trust(said, truth, one.asked), None if part.name else one.goals.get(tier), "" if part.name else one.published,
    )  # fmt: skip


def _plainly(one: PublicSet, part: Part, said: Said, tier: str) -> Judged:
    """A line without baselines and confidence."""
    table = _table(part.texts.labels, said.labels, one.classes)
    value, (low, high) = _value(table, one, part.measure), _interval(table, one, part.measure)
    return Judged(
        one.title, part.name, part.measure, len(part.texts), value, low, high, goal=one.goals.get(tier)
    )


def _mean(one: PublicSet, judged: list[Judged], tier: str) -> Judged:
    def mean(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if len(known) == len(judged) else None

    return Judged(
        one.title, f"{MEAN} of {len(judged)}", judged[0].measure, sum(row.n for row in judged),
        mean([row.value for row in judged]) or 0.0, None, None, mean([row.lexicon for row in judged]),
        mean([row.tfidf for row in judged]), mean([row.ece for row in judged]),
        mean([row.kept for row in judged]), None, one.goals.get(tier), one.published,
    )  # fmt: skip


def _trust(said: Said, truth: Sequence[str], asked: str) -> tuple[float | None, float | None, float | None]:
    """Error of confidence, where one class was asked for on what is read as it; the share not abstained from; how
    much of it is right."""
    right = [label == true for label, true in zip(said.labels, truth, strict=True)]
    judged = [i for i, label in enumerate(said.labels) if not asked or label == asked]
    error = (
        calibration_error([said.sure[i] for i in judged], [right[i] for i in judged]) if said.sure else None
    )
    if not said.kept:
        return error, None, None
    kept = [ok for ok, keeps in zip(right, said.kept, strict=True) if keeps]
    return error, len(kept) / len(truth), sum(kept) / max(1, len(kept))


def _table(truth: Sequence[str], said: Sequence[str], classes: Sequence[str]) -> Counts:
    """How often [true class, said class]."""
    place = {name: i for i, name in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), np.int64)
    for true, label in zip(truth, said, strict=True):
        counts[place[true], place[label]] += 1
    return counts


def _value(table: Counts, one: PublicSet, measure: str) -> float:
    """Accuracy, or the mean over the set's classes of recall or F1; 0 where a denominator is 0."""
    hits = table.diagonal().astype(float)
    if measure == "accuracy":
        return float(hits.sum() / max(1, table.sum()))
    true, said = table.sum(axis=1), table.sum(axis=0)
    each = hits / np.maximum(1, true) if measure == "macro recall" else 2 * hits / np.maximum(1, true + said)
    return float(np.mean([each[one.classes.index(name)] for name in one.over]))


def _interval(table: Counts, one: PublicSet, measure: str) -> tuple[float, float]:
    """The middle 95 % of the measure when the texts are drawn again, with replacement (percentile bootstrap)."""
    dice = np.random.default_rng(SEED)
    n = int(table.sum())
    drawn = dice.multinomial(n, (table / n).ravel(), RESAMPLED)
    values = [_value(one_draw.reshape(table.shape), one, measure) for one_draw in drawn]
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)

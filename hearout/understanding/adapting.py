"""Learns what one installation's corrections say: a small logistic correction on top of a reader's log-odds.

For each label: log-odds of a class = the reader's own + the sum of the weights of the post's words. The
weights minimise the log loss over the posts that people judged, with two priors towards no change: the square
of each weight (`PRIOR`), and posts nobody judged, whose readings are to stay as they were (`KEPT`). A word
gets a weight only when it stands in several posts that were read wrong, and far more often there than in the
posts nobody judged: everyday words stay out. So a handful of corrections, wrong or malicious, cannot turn
other posts.

Whether the result is any good is decided on posts kept out of the learning, label by label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.adaptation import (
    CLASSES,
    LIMIT,
    Adaptation,
    Floats,
    learnable,
    odds_of,
    odds_told,
    softmax,
    value_of,
    word_hash,
)
from hearout.understanding.reading import Reader, Reading
from hearout.understanding.tokens import tokenise

PRIOR = 1.0
"""Half of it times the squared weights is added to the loss: a word in one post moves little, in twenty much."""
KEPT = 0.25
"""What a post that nobody judged weighs against one that somebody did."""
LEAST_CORRECTED, LEAST_HELD_OUT = 20, 8
"""Posts read wrong that a label needs before anything is learnt, and judged posts to compare on."""
LEAST_POSTS = 3
"""Posts read wrong that a word must stand in to get a weight."""
MORE_OFTEN = 3.0
"""How many times as often, post for post, such a word must stand in posts read wrong as in those nobody judged."""
MOST_WORDS = 600
MOST_TURNED = 0.05
"""Share of the posts nobody judged that may be read otherwise than before, unless posts drawn by chance bear
the change out."""
STEPS = 200
SLACK = 5e-4
"""Nats that are no difference: the confidences of readings are rounded to three places."""

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judged:
    """A text and what people said its labels are. `sampled`: drawn by chance, so that it stands for all."""

    text: str
    labels: Mapping[str, str]
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """How well readings agree with people on one label. `log_loss` in nats a post."""

    n: int
    right: int
    log_loss: float
    macro_f1: float


@dataclass(slots=True)
class Lesson:
    """One label: what there was to learn from, and the comparison on the posts kept out.

    `before`: as posts are read now; `after`: as they would be. `turned`: share of posts nobody judged that
    would be read otherwise. `why_not`: why it is not taken up; "" when it is.
    """

    label: str
    judged: int = 0
    corrected: int = 0
    held_out: int = 0
    words: int = 0
    before: Score | None = None
    after: Score | None = None
    turned: float = 0.0
    why_not: str = ""


@dataclass(slots=True)
class Learnt:
    """`adaptation` holds the labels that are no worse; None when there is none."""

    adaptation: Adaptation | None
    lessons: dict[str, Lesson] = field(default_factory=dict)


@dataclass(slots=True)
class _Read:
    """Texts once read: their words, and what the reader and the version in use say of them."""

    words: list[frozenset[int]]
    readings: list[Reading]
    now: list[Reading]


def adapt(
    base: Reader,
    judged: Sequence[Judged],
    held_out: Sequence[Judged],
    *,
    others: Sequence[str] = (),
    others_held_out: Sequence[str] = (),
    name: str,
    reads_now: Adaptation | None = None,
) -> Learnt:
    """Learn from `judged`, compare on `held_out`. Deterministic: the same posts in the same order give the same.

    `others` are posts nobody judged; theirs are the readings that should stay. A label is taken up when
    its log loss and macro F1 are no worse than those of the bare reader and of `reads_now`, on all that is
    held out and on the sampled alone, and when few of `others_held_out` turn or the sampled bear it out.
    """
    taught, kept_out = _distinct(judged), _distinct(held_out)
    read = {
        "judged": _look(base, [one.text for one in taught], None),
        "held": _look(base, [one.text for one in kept_out], reads_now),
        "others": _look(base, others, None),
        "aside": _look(base, others_held_out, reads_now),
    }
    lessons = {label: Lesson(label) for label in CLASSES}
    tables: dict[str, dict[int, Floats]] = {}
    for label, lesson in lessons.items():
        learnt = _teach(label, lesson, taught, kept_out, read)
        if not lesson.why_not:
            _compare(lesson, learnt, kept_out, read)
        if not lesson.why_not:
            tables[label] = learnt
    if tables and reads_now:
        for label, table in reads_now.weights.items():  # what was learnt of other labels stays as it is
            tables.setdefault(label, dict(zip(reads_now.keys.tolist(), table, strict=True)))
    return Learnt(_joined(base.name, name, tables) if tables else None, lessons)


def _look(base: Reader, texts: Sequence[str], reads_now: Adaptation | None) -> _Read:
    readings = base.read(texts) if texts else []
    now = reads_now.read_again(texts, readings) if reads_now else readings
    return _Read([_words(text) for text in texts], readings, now)


def _words(text: str) -> frozenset[int]:
    return frozenset(word_hash(word) for word in tokenise(text).words if learnable(word))


def _distinct(judged: Sequence[Judged]) -> list[Judged]:
    """One post a wording: what was posted or corrected a hundred times over counts once (the last word of it)."""
    known: dict[frozenset[int], Judged] = {}
    for one in judged:
        words = _words(one.text)
        sampled = one.sampled or (words in known and known[words].sampled)
        known[words] = Judged(one.text, one.labels, sampled)
    return list(known.values())


def _teach(
    label: str,
    lesson: Lesson,
    taught: Sequence[Judged],
    kept_out: Sequence[Judged],
    read: Mapping[str, _Read],
) -> dict[int, Floats]:
    """The weights of a label's words; what is missing is told in `lesson.why_not`."""
    rows = [i for i, one in enumerate(taught) if label in one.labels]
    wrong = [i for i in rows if value_of(read["judged"].readings[i], label) != taught[i].labels[label]]
    held = [i for i, one in enumerate(kept_out) if label in one.labels]
    missed = sum(value_of(read["held"].readings[i], label) != kept_out[i].labels[label] for i in held)
    lesson.judged, lesson.corrected = len(rows) + len(held), len(wrong) + missed
    lesson.held_out = len(held)
    if lesson.corrected < LEAST_CORRECTED:
        lesson.why_not = f"{lesson.corrected} of the {LEAST_CORRECTED} corrected posts that are needed"
    elif len(held) < LEAST_HELD_OUT:
        lesson.why_not = f"{len(held)} of the {LEAST_HELD_OUT} posts to compare on"
    if lesson.why_not:
        return {}
    keys = _telling([read["judged"].words[i] for i in wrong], read["others"].words)
    lesson.words = len(keys)
    if not keys:
        lesson.why_not = "no word stands in several of the corrected posts and hardly elsewhere"
        return {}
    told = [taught[i].labels[label] for i in rows]
    weights = _fit(label, keys, read["judged"], rows, told, read["others"])
    return dict(zip(keys, weights, strict=True))


def _telling(wrong: Sequence[frozenset[int]], others: Sequence[frozenset[int]]) -> list[int]:
    """The words that stand in several posts read wrong, and far more often there than in the others."""
    here = Counter(word for words in wrong for word in words)
    there = Counter(word for words in others for word in words)
    often = [
        (-n, word)
        for word, n in here.items()
        if n >= LEAST_POSTS and n * len(others) >= MORE_OFTEN * there[word] * len(wrong)
    ]
    return sorted(word for _, word in sorted(often)[:MOST_WORDS])


def _fit(
    label: str, keys: Sequence[int], judged: _Read, rows: Sequence[int], told: Sequence[str], others: _Read
) -> Floats:
    """Weights [words, classes], rounded: Nesterov's accelerated gradient on the penalised log loss, which is
    convex (Y. Nesterov, 1983), from zero, in a fixed number of steps."""
    classes, known = CLASSES[label], {key: place for place, key in enumerate(keys)}
    words = [judged.words[i] for i in rows] + others.words
    readings = [judged.readings[i] for i in rows] + others.readings
    seen = np.zeros((len(words), len(keys)), dtype=np.float32)
    for i, one in enumerate(words):
        seen[i, [known[word] for word in one if word in known]] = 1
    odds = odds_of(readings, label)
    wanted = softmax(odds)
    wanted[: len(rows)] = 0
    wanted[np.arange(len(rows)), [classes.index(value) for value in told]] = 1
    heavy = np.where(np.arange(len(words)) < len(rows), 1.0, KEPT).astype(np.float32)[:, None]
    speaks = seen.any(axis=1)
    seen, odds, wanted, heavy = seen[speaks], odds[speaks], wanted[speaks], heavy[speaks]
    step = 1.0 / (0.5 * _steepest(seen * np.sqrt(heavy)) + PRIOR)
    weights = ahead = np.zeros((len(keys), len(classes)), dtype=np.float32)
    for turn in range(STEPS):
        slope = seen.T @ (heavy * (softmax(odds + seen @ ahead) - wanted)) + PRIOR * ahead
        after = (ahead - step * slope).astype(np.float32)
        ahead = after + turn / (turn + 3) * (after - weights)
        weights = after
    rounded: Floats = np.round(np.clip(weights, -LIMIT, LIMIT), 3).astype(np.float32)
    return rounded


def _steepest(seen: Matrix) -> float:
    """An upper bound of the largest eigenvalue of seen' seen (Gershgorin: the largest sum of a row of it)."""
    return float((seen.T @ seen.sum(axis=1)).max(initial=0.0))


def _compare(
    lesson: Lesson, learnt: Mapping[int, Floats], kept_out: Sequence[Judged], read: Mapping[str, _Read]
) -> None:
    """Fill in the comparison, and say why not when anything is worse."""
    label, held, aside = lesson.label, read["held"], read["aside"]
    asked = [i for i, one in enumerate(kept_out) if label in one.labels]
    told = [kept_out[i].labels[label] for i in asked]
    after = _shares(label, learnt, held)
    ways = {"the bare reader": _bare(label, held.readings), "the version in use": _bare(label, held.now)}
    sampled = [place for place, i in enumerate(asked) if kept_out[i].sampled]
    borne_out = False
    for whose, before in ways.items():
        for places, which in ((list(range(len(asked))), "held out"), (sampled, "held out by chance")):
            if which != "held out" and len(places) < LEAST_HELD_OUT:
                continue
            truth, rows = [told[p] for p in places], [asked[p] for p in places]
            old, new = _score(label, truth, before[rows], after[rows])
            if which == "held out":
                lesson.before, lesson.after = old, new
            else:
                borne_out = new.log_loss < old.log_loss
            lesson.why_not = lesson.why_not or _worse(old, new, f"than {whose} on the posts {which}")
    if aside.words:
        turned = _shares(label, learnt, aside).argmax(axis=1) != _bare(label, aside.now).argmax(axis=1)
        lesson.turned = round(float(turned.mean()), 4)
        if lesson.turned > MOST_TURNED and not borne_out and not lesson.why_not:
            lesson.why_not = (
                f"it would turn {lesson.turned:.1%} of the posts nobody corrected, {MOST_TURNED:.0%} at most"
            )


def _bare(label: str, readings: Sequence[Reading]) -> Floats:
    return softmax(odds_of(readings, label))


def _shares(label: str, learnt: Mapping[int, Floats], read: _Read) -> Floats:
    """Each class's share of each text with the learnt weights, as a reading would tell it: like the others it
    is compared with, it says one class and how sure it is."""
    odds = odds_of(read.readings, label)
    for i, words in enumerate(read.words):
        if found := sorted(learnt.keys() & words):
            odds[i] += np.clip(np.sum([learnt[word] for word in found], axis=0), -LIMIT, LIMIT)
    shares = softmax(odds)
    return softmax(odds_told(shares.argmax(axis=1), shares.max(axis=1), len(CLASSES[label])))


def _score(label: str, truth: Sequence[str], *ways: Floats) -> list[Score]:
    """The score of each way to read the same posts; macro F1 over the classes that people name."""
    right = np.array([CLASSES[label].index(value) for value in truth])
    classes = np.unique(right)
    scores = []
    for shares in ways:
        best = shares.argmax(axis=1)
        loss = -np.log(np.maximum(shares[np.arange(len(right)), right], 1e-6)).mean()
        hits = [((best == c) & (right == c)).sum() for c in classes]
        named = [(best == c).sum() + (right == c).sum() for c in classes]
        f1 = np.mean([2 * h / n for h, n in zip(hits, named, strict=True)])
        scores.append(
            Score(len(right), int((best == right).sum()), round(float(loss), 4), round(float(f1), 4))
        )
    return scores


def _worse(before: Score, after: Score, where: str) -> str:
    if after.log_loss > before.log_loss + SLACK:
        return f"its log loss would be {after.log_loss:.3f} instead of {before.log_loss:.3f}, worse {where}"
    if after.macro_f1 < before.macro_f1:
        return f"its macro F1 would be {after.macro_f1:.3f} instead of {before.macro_f1:.3f}, worse {where}"
    return ""


def _joined(base: str, name: str, tables: Mapping[str, Mapping[int, Floats]]) -> Adaptation:
    keys = sorted({key for table in tables.values() for key in table})
    weights: dict[str, Any] = {}
    for label, table in tables.items():
        none = np.zeros(len(CLASSES[label]), dtype=np.float32)
        weights[label] = np.stack([table.get(key, none) for key in keys])
    return Adaptation(base, name, np.array(keys, dtype=np.uint32), weights)

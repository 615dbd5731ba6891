"""The fast trained reader: the model's labels where it learnt them, the rules' where nobody labelled texts.

Learnt: language, kind, sentiment, emotion, sarcasm, offensive. By rules: urgency, needs-an-answer, thanks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.fast.features import evidence_of, find, framed
from hearout.understanding.fast.languages import settle
from hearout.understanding.fast.model import FastModel, FirstLayer, Head
from hearout.understanding.fast.reasons import LENGTH, Decided, Reasons, reasons_of
from hearout.understanding.language import UNKNOWN
from hearout.understanding.lexicon import Lexicon
from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment
from hearout.understanding.rules import WHY, as_written, needs_answer_of, urgency_of, why_other
from hearout.understanding.scores import Findings, only_thanks
from hearout.understanding.tokens import Tokens, tokenise
from hearout.understanding.topics import find as topics_in

MODEL = Path(__file__).parent / "fast-2.npz"
BATCH_POSTS, BATCH_TOKENS = 300, 8_000  # read together: bounds memory whatever is posted
LEARNT = frozenset(("en", "de", "es", "pt", "it", "fr", "hi", "ar"))
"""The languages with labelled texts; in all others every learnt label is abstained from."""
ENGLISH_ONLY = frozenset(("emotion", "sarcasm", "offensive"))
"""Learnt from English texts alone, and so abstained from in every other language."""
NOTHING: frozenset[str] = frozenset()
GLAD = (Emotion.JOY, Emotion.GRATITUDE)
SURE_OF_THANKS = 0.9
HEADS = {
    "kind": "kind",
    "sentiment": "sentiment",
    "emotion": "emotion",
    "sarcasm": "irony",
    "offensive": "offensive",
}
"""The labels that are learnt, and the head of each (sentiment has another for languages but English)."""
EVERYTHING, WORDLESS = frozenset(HEADS), ("language", *HEADS)
ABSENCES = frozenset(("not", "none", "neutral", "other"))
"""Classes that no word stands for: they say that something is missing."""

Floats = NDArray[np.float32]


@cache
def shipped() -> FastModel:
    """The model in the package, loaded once a process."""
    return FastModel.load(MODEL)


class FastReader:
    """Reads in batches on one core; the same text always gives the same reading, whatever it is read with."""

    def __init__(self, model: FastModel | None = None) -> None:
        self.model = model or shipped()
        self.name = self.model.name
        heads = self.model.heads
        self._kinds = [Kind(name) for name in heads["kind"].classes]
        self._sentiments = [Sentiment(name) for name in heads["sentiment"].classes]
        self._emotions = [Emotion(name) for name in heads["emotion"].classes]

    def read(self, texts: Sequence[str], languages: Iterable[str | None] = ()) -> list[Reading]:
        """One reading a text, in order; only the first 5,000 characters count. Never raises for any str.

        `languages` are the codes of those texts whose language is known, in the same order.
        """
        readings: list[Reading] = []
        for batch in _batches(map(tokenise, texts, chain(languages, repeat(None)))):
            readings += self._read(batch)
        return readings

    @property
    def classes(self) -> dict[str, tuple[str, ...]]:
        """The classes of each label of `scores`, in the order of its columns."""
        return {label: self.model.heads[name].classes for label, name in HEADS.items()}

    def scores(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Of each label in `HEADS` the log-odds [posts, classes] that its class is taken by (the largest is
        said), operating point included; sentiment by the head of each post's language."""
        looked = [self._look(batch) for batch in _batches(map(tokenise, texts))]
        return {label: _stacked([self._scores(one, label) for one in looked]) for label in HEADS}

    def features(self, texts: Sequence[str]) -> Floats:
        """What the heads see of each text [posts, figures]: the first layer's columns and the rules' evidence,
        standardised and clipped. Every score is this times `model.weights` and more."""
        looked = [self._look(batch) for batch in _batches(map(tokenise, texts))]
        return _stacked([one.seen for one in looked])

    def logits(self, texts: Sequence[str], head: str) -> Floats:
        """One head's logits [posts, classes], its operating point left out: for measuring it alone."""
        columns = self.model.heads[head].columns
        looked = [self._look(batch) for batch in _batches(map(tokenise, texts))]
        return _stacked([one.logits[:, columns] for one in looked])

    def named(self, texts: Sequence[str], head: str) -> list[tuple[str, float]]:
        """One head's class and calibrated confidence a text, in the head's own classes."""
        told: list[tuple[str, float]] = []
        names = self.model.heads[head].classes
        for batch in _batches(map(tokenise, texts)):
            best, _, sure = self.model.heads[head].decide(self._look(batch).logits)
            told += [(names[place], float(share)) for place, share in zip(best, sure, strict=True)]
        return told

    def _scores(self, looked: _Looked, label: str) -> Floats:
        head = self.model.heads[HEADS[label]]
        scores: Floats = looked.logits[:, head.columns] + head.shift
        if label == "sentiment":
            for i, (language, _, _) in enumerate(looked.languages):
                if language in self.model.sentiments:
                    theirs = self.model.sentiments[language]
                    scores[i] = looked.logits[i, theirs.columns] + theirs.shift
        return scores

    def _look(self, batch: list[Tokens]) -> _Looked:
        layer = self.model.first_layer([framed(tokens) for tokens in batch])
        language = self.model.language
        decided = [array.tolist() for array in language.decide(layer.columns)]
        names = language.classes
        languages, found, evidence = [], [], []
        for tokens, place, share, sure in zip(batch, *decided, strict=True):
            settled = settle(tokens, names[place], share, sure)
            it = find(tokens, settled[0])
            languages.append(settled)
            found.append(it)
            evidence.append(evidence_of(it[0], it[1]))
        seen = self.model.standard(layer.columns, np.array(evidence, dtype=np.float32))
        return _Looked(layer, languages, found, seen, self.model.weighed(seen))

    def _read(self, batch: list[Tokens]) -> list[Reading]:
        looked, heads = self._look(batch), self.model.heads
        decided = {
            label: self._sentiment(looked) if label == "sentiment" else _decide(heads[name], looked.logits)
            for label, name in HEADS.items()
        }
        reasons = reasons_of(self.model, looked.layer, batch, decided)
        cues = self.model.cues_added(looked.seen)[np.arange(len(batch)), decided["kind"].classes]
        said = zip(
            looked.languages, looked.found, reasons, cues.tolist(),
            *(zip(*columns, strict=True) for columns in zip(*decided.values(), strict=True)), strict=True,
        )  # fmt: skip
        return [self._reading(*one) for one in said]

    def _sentiment(self, looked: _Looked) -> Decided:
        """Each post by the head and the confidence curve of its language; English for unknown ones."""
        spoken = [language for language, _, _ in looked.languages]
        decided = _decide(self.model.heads["sentiment"], looked.logits)
        for language in self.model.sentiments.keys() & set(spoken):
            rows = [i for i, code in enumerate(spoken) if code == language]
            theirs = _decide(self.model.sentiments[language], looked.logits[rows])
            for place, i in enumerate(rows):
                decided.take(i, theirs, place)
        return decided

    def _reading(
        self, settled: tuple[str, float, list[int]], found: tuple[Findings, list[str], Lexicon],
        reasons: Reasons, cues: float, classes: tuple[int, ...], _: tuple[int, ...], sure: tuple[float, ...],
        explained: tuple[bool, ...], unsure: tuple[bool, ...],
    ) -> Reading:  # fmt: skip
        """One post's labels (in the order of `HEADS`), and what follows from them by the rules."""
        (language, sure_of_language, decisive), (it, words, known), tokens = settled, found, found[0].tokens
        thanks = only_thanks(it, words, known)
        kind = Kind.OTHER if thanks else self._kinds[classes[0]]
        kind_sure = SURE_OF_THANKS if thanks else sure[0]
        needs, needs_sure, needs_why = needs_answer_of(it, kind, thanks)
        urgency, urgency_sure, urgency_why = urgency_of(it, kind, needs)
        listed = why_other(it, thanks) if kind is Kind.OTHER else WHY[kind](it)
        if listed:
            reasons.listed(as_written(tokens, listed), cues, thanks)
        about = topics_in(tokens, language)
        why, weights, feeling = reasons.words, reasons.weights, self._emotions[classes[2]]
        why["needs_answer"] = as_written(tokens, needs_why) if needs_why else ()
        why["urgency"] = as_written(tokens, urgency_why) if urgency_why else ()
        why["language"] = [tokens.raw[place][:LENGTH] for place in decisive]
        why["topics"], weights["topics"] = about.words, about.weights
        confidence = {
            "kind": kind_sure, "sentiment": sure[1], "emotion": sure[2], "sarcasm": sure[3], "offensive": sure[4],
            "language": round(sure_of_language, 3), "urgency": urgency_sure,
            "needs_answer": needs_sure if thanks else _at_most(needs_sure, kind_sure),
        }  # fmt: skip
        glad_complaint = kind is Kind.COMPLAINT and feeling in GLAD
        if thanks:
            unsure = (False, *unsure[1:])
        return Reading(
            language, kind, self._sentiments[classes[1]], feeling, urgency, needs, thanks, confidence, why,
            self.name, bool(classes[3]), bool(classes[4]),
            abstained(unsure, language, glad_complaint) if tokens.raw else WORDLESS,
            about.names, weights,
        )  # fmt: skip


def abstained(unsure: tuple[bool, ...], language: str, glad_complaint: bool) -> tuple[str, ...]:
    """The labels too unsure to act upon, those learnt from texts in other languages only, and the emotion
    of a glad complaint: one of the two is wrong."""
    untaught = NOTHING if language in ("en", UNKNOWN) else ENGLISH_ONLY if language in LEARNT else EVERYTHING
    return _named(unsure, untaught, language == UNKNOWN, glad_complaint)


@cache
def _named(
    unsure: tuple[bool, ...], untaught: frozenset[str], unknown: bool, glad_complaint: bool
) -> tuple[str, ...]:
    named = ["language"] * unknown
    named += [
        label
        for label, doubt in zip(HEADS, unsure, strict=True)
        if doubt or label in untaught or (label == "emotion" and glad_complaint)
    ]
    return tuple(named)


def _at_most(by_rules: float, kind_sure: float) -> float:
    """Confidence that an answer is due: where the kind is wrong, it is even odds."""
    return min(by_rules, round((1 + kind_sure) / 2, 3))


@dataclass(frozen=True, slots=True)
class _Looked:
    """A batch half read: the first layer, languages, what the rules found, what the heads see of it, and all
    heads' logits."""

    layer: FirstLayer
    languages: list[tuple[str, float, list[int]]]
    found: list[tuple[Findings, list[str], Lexicon]]
    seen: Floats
    logits: Floats


def _decide(head: Head, logits: Floats) -> Decided:
    best, _, sure = head.decide(logits)
    named = [name not in ABSENCES for name in head.classes]
    classes = best.tolist()
    shown = np.round(sure.astype(np.float64), 3)
    return Decided(
        classes, (best + head.start).tolist(), shown.tolist(), [named[place] for place in classes],
        (shown < head.abstain_below).tolist(),
    )  # fmt: skip


def _stacked(parts: list[Floats]) -> Floats:
    return np.vstack(parts) if parts else np.zeros((0, 0), dtype=np.float32)


def _batches(texts: Iterable[Tokens]) -> Iterator[list[Tokens]]:
    """Posts in groups that are small however long the posts are."""
    batch: list[Tokens] = []
    size = 0
    for tokens in texts:
        batch.append(tokens)
        size += len(tokens.words)
        if size >= BATCH_TOKENS or len(batch) >= BATCH_POSTS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch

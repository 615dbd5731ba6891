"""The accurate reader: a transformer's labels where it learnt them, all else as the fast reader says.

By the transformer and the fast model together: kind, sentiment, emotion, sarcasm, offensive. By the fast
reader: language, thanks, topics. By the rules, from the kind: urgency, needs-an-answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, islice, repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.accurate.model import AccurateModel, Seen
from hearout.understanding.accurate.reasons import strongest
from hearout.understanding.fast.features import find
from hearout.understanding.fast.model import Head
from hearout.understanding.fast.reader import ABSENCES, ENGLISH_ONLY, HEADS, LEARNT, FastReader
from hearout.understanding.language import UNKNOWN
from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment
from hearout.understanding.rules import as_written, needs_answer_of, urgency_of
from hearout.understanding.tokens import tokenise

MODEL = Path(__file__).parent / "accurate-1.onnx"
BATCH = 100  # posts that the fast reader reads together

Floats = NDArray[np.float32]


@cache
def shipped() -> AccurateModel:
    """The model in the package, loaded once a process."""
    return AccurateModel.load(MODEL)


class AccurateReader:
    """Reads on one core, a few milliseconds a post; the same text always gives the same reading."""

    def __init__(self, model: AccurateModel | None = None, fast: FastReader | None = None) -> None:
        """Raises ValueError or KeyError where the model was fitted beside a fast model of other heads."""
        self.model = model or shipped()
        self.fast = fast or FastReader()
        heads = self.fast.model.heads
        if sum(len(heads[name].classes) for name in self.model.beside) != self.model.seen_beside:
            raise ValueError("the heads were fitted beside another fast model: fit them anew (--heads-only)")
        self.name = self.model.name

    def read(self, texts: Sequence[str], languages: Iterable[str | None] = ()) -> list[Reading]:
        """One reading a text, in order; only the first 1,000 characters count for the transformer. Never
        raises for any str. `languages` are the codes of those texts whose language is known, in the same order.
        """
        readings: list[Reading] = []
        known = chain(languages, repeat(None))
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            readings += self._read(batch, list(islice(known, len(batch))))
        return readings

    def logits(self, texts: Sequence[str], head: str) -> Floats:
        """One head's logits [posts, classes], its operating point left out: for measuring it alone."""
        seen = [self.model.look(text) for text in texts]
        return self._weighed(texts, seen)[:, self.model.heads[head].columns]

    def named(self, texts: Sequence[str], head: str) -> list[tuple[str, float]]:
        """One head's class and calibrated confidence a text, in the head's own classes."""
        one = self.model.heads[head]
        best, _, sure = one.decide(self._weighed(texts, [self.model.look(text) for text in texts]))
        return [(one.classes[place], float(share)) for place, share in zip(best, sure, strict=True)]

    def _weighed(self, texts: Sequence[str], seen: list[Seen]) -> Floats:
        fast = self.fast.model
        every = fast.weighed(self.fast.features(texts))
        beside = np.hstack([every[:, fast.heads[head].columns] for head in self.model.beside])
        return self.model.weighed(np.stack([one.logits for one in seen]), beside)

    def _read(self, texts: Sequence[str], languages: list[str | None]) -> list[Reading]:
        seen = [self.model.look(text) for text in texts]
        logits = self._weighed(texts, seen)
        return [
            self._reading(text, fast, seen[i], logits[i : i + 1])
            for i, (text, fast) in enumerate(zip(texts, self.fast.read(texts, languages), strict=True))
        ]

    def _reading(self, text: str, fast: Reading, seen: Seen, logits: Floats) -> Reading:
        said: dict[str, str] = {}
        confidence, reasons, weights = dict(fast.confidence), dict(fast.reasons), dict(fast.weights)
        for label in HEADS:
            head = self._head(label, fast.language)
            best, _, sure = head.decide(logits)
            said[label] = head.classes[best[0]]
            confidence[label] = round(float(sure[0]), 3)
            if said[label] in ABSENCES:
                reasons[label], weights[label] = [], []
            elif label != "kind" or fast.kind != said[label]:  # the rules' cues tell a kind best
                shares = self.model.passed_on(seen.added, head)[:, best[0]]
                reasons[label], weights[label] = strongest(text, seen.words, shares)
        read = replace(
            fast, kind=Kind(said["kind"]), sentiment=Sentiment(said["sentiment"]),
            emotion=Emotion(said["emotion"]), sarcasm=said["sarcasm"] == "ironic",
            offensive=said["offensive"] == "offensive", reader=self.name,
            confidence=confidence, reasons=reasons, weights=weights,
        )  # fmt: skip
        return self._settled(text, read, fast)

    def _head(self, label: str, language: str) -> Head:
        if label == "sentiment" and language in self.model.sentiments:
            return self.model.sentiments[language]
        return self.model.heads[HEADS[label]]

    def _settled(self, text: str, read: Reading, fast: Reading) -> Reading:
        """The reading with what follows from its kind: thanks, whether an answer is due, urgency, abstaining."""
        confidence, reasons = dict(read.confidence), dict(read.reasons)
        if fast.thanks:
            read = replace(read, kind=Kind.OTHER)
            confidence["kind"], reasons["kind"] = fast.confidence["kind"], fast.reasons["kind"]
        elif read.kind is not fast.kind:
            it = find(tokenise(text), read.language)[0]
            needs, confidence["needs_answer"], why = needs_answer_of(it, read.kind, False)
            urgency, confidence["urgency"], why_urgent = urgency_of(it, read.kind, needs)
            reasons["needs_answer"] = as_written(it.tokens, why)
            reasons["urgency"] = as_written(it.tokens, why_urgent)
            read = replace(read, needs_answer=needs, urgency=urgency)
        read = replace(read, confidence=confidence, reasons=reasons)
        return replace(read, abstained=self._abstained(read, fast))

    def _abstained(self, read: Reading, fast: Reading) -> tuple[str, ...]:
        """The labels too unsure to act upon, and those learnt from texts in other languages only."""
        if all(label in fast.abstained for label in ("language", *HEADS)):
            return tuple(fast.abstained)  # no word at all
        untaught: frozenset[str] = frozenset()
        if read.language not in ("en", UNKNOWN):
            untaught = ENGLISH_ONLY if read.language in LEARNT else frozenset(HEADS)
        unsure = [
            label
            for label in HEADS
            if label in untaught or read.confidence[label] < self._head(label, read.language).abstain_below
        ]
        glad = read.emotion in (Emotion.JOY, Emotion.GRATITUDE)
        if read.kind is Kind.COMPLAINT and glad and "emotion" not in unsure:
            unsure.append("emotion")
        return ("language", *unsure) if read.language == UNKNOWN else tuple(unsure)

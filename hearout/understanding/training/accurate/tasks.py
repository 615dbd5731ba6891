"""What the encoder learns: each text once, with all the labels that people or rules gave it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.fast.features import find
from hearout.understanding.reading import Kind
from hearout.understanding.rules import kind_of
from hearout.understanding.scores import Findings, only_thanks
from hearout.understanding.tokens import tokenise
from hearout.understanding.training import sets
from hearout.understanding.training.weak import KINDS, from_act, from_sentiment

CLASSES: dict[str, tuple[str, ...]] = {
    "sentiment": sets.SENTIMENTS, "emotion4": sets.EMOTIONS4, "feeling": tuple(sets.GO_GROUPS),
    "irony": ("not", "ironic"), "offensive": ("not", "offensive"), "act": sets.ACTS, "kind": KINDS,
    "answer": sets.ANSWERS, "weak": KINDS,
}  # fmt: skip
"""The encoder's heads and their classes, in the order of its columns."""
PASSES = {
    "sentiment": 1.2, "emotion4": 5.0, "feeling": 0.8, "irony": 6.0, "offensive": 2.5, "act": 6.0, "xl": 3.0,
    "kind": 8.0,
}  # fmt: skip
"""How often each text of a set is seen in the whole training, in the mean."""
WEIGHTS = {"weak": 0.5}  # of the weak labels' loss; that of people's labels is 1
NO_LABEL = -1

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Examples:
    """Texts, the labels of each [texts, heads] (-1: none), and how often each is to be seen."""

    texts: list[str] = field(default_factory=list)
    labels: list[list[int]] = field(default_factory=list)
    passes: list[float] = field(default_factory=list)


def gather(found: sets.Sets) -> Examples:
    """All training texts of all sets."""
    heads, examples = list(CLASSES), Examples()
    answers = dict(zip(found.train["answer"].texts, found.train["answer"].labels, strict=True))
    for name, part in found.train.items():
        if name == "answer":
            continue  # its texts are those with a kind
        group = "xl" if name.startswith("xl_") else name
        language = name[3:] if group == "xl" else "en"
        head = "sentiment" if group == "xl" else name
        for text, label in zip(part.texts, part.labels, strict=True):
            labels = [NO_LABEL] * len(heads)
            labels[heads.index(head)] = CLASSES[head].index(label)
            if name == "kind":
                labels[heads.index("answer")] = CLASSES["answer"].index(answers[text])
            kind = weak_kind(text, head, label, language)
            if kind is not None:
                labels[heads.index("weak")] = KINDS.index(kind)
            examples.texts.append(text)
            examples.labels.append(labels)
            examples.passes.append(PASSES[group])
    return examples


def weak_kind(text: str, head: str, label: str, language: str) -> str | None:
    """The kind of a text with a speech act or a sentiment by hand; none where hand and rules disagree.

    As for the fast tier, but of what speaks to somebody: a negative question is a complaint ("why is it late
    again?": whoever answers has to make something good), and what is merely negative, or merely positive, may
    be anything: people complain and praise in more words than the rules' lists hold.
    """
    if head not in ("act", "sentiment"):
        return None
    it, words, known = find(tokenise(text), language)
    by_rules = kind_of(it, only_thanks(it, words, known))[0]
    if head == "act":
        return from_act(label, by_rules)
    kind = from_sentiment(label, by_rules, it)
    if _spoken_to(it):
        asks = kind == Kind.QUESTION or by_rules in (Kind.QUESTION, Kind.REQUEST)
        if asks and label == "negative":
            return "complaint"
        if kind == Kind.OTHER and label != "neutral":
            return None
    return kind


def _spoken_to(it: Findings) -> bool:
    return bool(it.tokens.handles) and not it.tokens.retweet


def class_weights(labels: Ints, classes: int) -> NDArray[np.float32]:
    """What a text of each class counts: rarer classes more, by the root of what would even them out."""
    counts = np.bincount(labels[labels >= 0], minlength=classes).clip(1)
    weights = np.sqrt(counts.sum() / (classes * counts))
    evened: NDArray[np.float32] = (weights / (weights * counts).sum() * counts.sum()).astype(np.float32)
    return evened


def load(data: Path) -> tuple[sets.Sets, Examples]:
    found = sets.load(data)
    return found, gather(found)

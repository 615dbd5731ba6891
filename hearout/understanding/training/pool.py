"""Every text of all sets once, and what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.fast.features import evidence_of, find
from hearout.understanding.rules import kind_of
from hearout.understanding.scores import only_thanks
from hearout.understanding.tokens import tokenise
from hearout.understanding.training.first_layer import Task
from hearout.understanding.training.sets import Labelled, Sets
from hearout.understanding.training.weak import GRIEVANCE, from_act, from_sentiment, is_grievance

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Pool:
    """Texts by number. `held` and `train` give, for each set, the numbers of its texts."""

    texts: list[str] = field(default_factory=list)
    train: dict[str, Ints] = field(default_factory=dict)
    held: dict[str, Ints] = field(default_factory=dict)

    @classmethod
    def of(cls, sets: Sets) -> Pool:
        pool, numbers = cls(), dict[str, int]()

        def numbered(part: Labelled) -> Ints:
            for text in part.texts:
                if numbers.setdefault(text, len(pool.texts)) == len(pool.texts):
                    pool.texts.append(text)
            return np.array([numbers[text] for text in part.texts], dtype=np.int64)

        pool.train = {name: numbered(part) for name, part in sets.train.items()}
        pool.held = {name: numbered(part) for name, part in sets.held.items()}
        return pool


def task(
    name: str, classes: tuple[str, ...], rows: Ints, labels: list[str], freedom: float,
    sources: Sequence[str] = (),
) -> Task:  # fmt: skip
    """A task from labels by name."""
    numbers = np.array([classes.index(label) for label in labels], dtype=np.int64)
    return Task(name, classes, rows, numbers, freedom, tuple(sources))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rules' figures of some texts [texts, figures], and their kinds by hand and rules, or `GRIEVANCE`."""

    figures: NDArray[np.float32]
    kinds: list[str | None]


def evidence_and_kinds(
    texts: list[str], languages: list[str], hands: list[tuple[str, str] | None]
) -> Evidence:
    """`hands`: which set labelled a text with an act or a sentiment, and the label."""
    figures, kinds = [], list[str | None]()
    for text, language, hand in zip(texts, languages, hands, strict=True):
        it, words, known = find(tokenise(text), language)
        figures.append(evidence_of(it, words))
        if hand is None:
            kinds.append(None)
            continue
        by_rules = kind_of(it, only_thanks(it, words, known))[0]
        source, label = hand
        kind = from_act(label, by_rules) if source == "act" else from_sentiment(label, by_rules, it)
        asks_in_anger = source != "act" and is_grievance(label, by_rules, it)
        kinds.append(GRIEVANCE if asks_in_anger else kind)
    return Evidence(np.array(figures, dtype=np.float32), kinds)

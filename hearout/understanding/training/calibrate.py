"""Operating points and confidence curves, on texts that the weights did not see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from hearout.understanding.fast.features import framed
from hearout.understanding.fast.model import FastModel
from hearout.understanding.tokens import tokenise
from hearout.understanding.training import heads
from hearout.understanding.training.first_layer import Task
from hearout.understanding.training.pool import task
from hearout.understanding.training.run import (
    FOREIGN,
    LANGUAGES,
    Floats,
    Ints,
    Run,
    feeling_task,
    foreign_rows,
    kind_task,
)
from hearout.understanding.training.sets import EMOTIONS4, SENTIMENTS

BY_OPERATING_POINT = ("irony", "offensive")
SMALL = ("irony", "offensive", "emotion4")
"""Their held-out parts are small: what is said of training texts without having seen them counts too."""


def calibrate(run: Run, arrays: dict[str, NDArray[Any]], names: dict[str, Any]) -> None:
    """Fill in `names`: every head on its held-out set, through the arrays as they ship.

    Sentiment is an exception. Its training files differ by year and topic, and a held-out part of all of them
    flatters: so its curve rests on what is said of each file by weights learnt from the others. A
    language's own curve rests on what is said of its training texts by weights that did not see them.
    """
    model = FastModel(arrays, names)
    by_name = {told["name"]: told for told in [*names["heads"], names["language"]]}
    for one in _held_tasks(run):
        words = [framed(tokenise(run.pool.texts[row])) for row in one.rows]
        columns = model.first_layer(words).columns
        logits = columns if one.name == "language" else _head_logits(run, model, columns, one.rows)
        labels = one.labels
        if one.name in SMALL:
            learnt = _learnt_task(run, one.name, one.classes)
            logits = np.vstack([logits, _unseen_logits(run, model, learnt)])
            labels = np.concatenate([labels, learnt.labels])
        _fill(by_name[one.name], one, logits, labels)
    one = _learnt_task(run, "sentiment", SENTIMENTS)
    _fill(by_name["sentiment"], one, _unseen_logits(run, model, one), one.labels)
    for code in FOREIGN:
        one = _learnt_task(run, f"xl_{code}", SENTIMENTS)
        _fill(names["sentiments"][code], one, _unseen_logits(run, model, one), one.labels)


def _learnt_task(run: Run, name: str, classes: tuple[str, ...]) -> Task:
    return task(name, classes, run.pool.train[name], run.sets.train[name].labels, 0)


def _unseen_logits(run: Run, model: FastModel, one: Task) -> Floats:
    """What is said of training texts by a first layer that did not see them."""
    columns = np.hstack([run.logits[group] for group in run.columns])[one.rows]
    return _head_logits(run, model, columns, one.rows)


def _head_logits(run: Run, model: FastModel, columns: Floats, rows: Ints) -> Floats:
    assert run.evidence
    return model.logits(columns, run.evidence.figures[rows])


def _held_tasks(run: Run) -> Iterable[Task]:
    held, numbers = run.sets.held, run.pool.held
    for name, classes in (
        ("sentiment", SENTIMENTS), ("emotion4", EMOTIONS4), ("irony", ("not", "ironic")),
        ("offensive", ("not", "offensive")),
    ):  # fmt: skip
        yield task(name, classes, numbers[name], held[name].labels, 0)
    foreign = [label for code in FOREIGN for label in held[f"xl_{code}"].labels]
    yield task("sentiment_xl", SENTIMENTS, foreign_rows(numbers), foreign, 0)
    yield feeling_task(run, "held")
    yield kind_task(run, numbers)
    codes = [code for code in FOREIGN for _ in held[f"xl_{code}"].labels] + ["en"] * len(numbers["sentiment"])
    rows = np.concatenate([foreign_rows(numbers), numbers["sentiment"]])
    yield task("language", LANGUAGES, rows, codes, 0)


def _fill(told: dict[str, Any], one: Task, logits: Floats, labels: Ints) -> None:
    mine = logits[:, told["start"] : told["start"] + len(one.classes)]
    if one.name in BY_OPERATING_POINT:
        told["shift"] = [round(float(x), 3) for x in heads.operating_point(mine, labels, _macro_f1)]
    shifted = mine + np.array(told["shift"], dtype=np.float32)
    told["score_knots"], told["confidence_knots"] = heads.confidence_curve(shifted, labels)
    right = float((shifted.argmax(axis=1) == labels).mean())
    print(f"  {one.name}: {right:.3f} right of {len(labels):,} unseen", flush=True)


def _macro_f1(truth: Ints, said: Ints) -> float:
    return float(f1_score(truth, said, average="macro"))

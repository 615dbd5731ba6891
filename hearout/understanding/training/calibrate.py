"""Operating points and confidence curves, on texts that the weights did not see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from hearout.understanding.fast.features import framed
from hearout.understanding.fast.model import FastModel, softmax
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
)
from hearout.understanding.training.sets import EMOTIONS4, SENTIMENTS
from hearout.understanding.training.weak import BY_HAND, KINDS

BY_OPERATING_POINT = ("irony", "offensive")
SMALL = ("irony", "offensive", "emotion4")
"""Their held-out parts are small: what is said of training texts without having seen them counts too."""

FELT = {"complaint": ("negative",), "praise": ("positive",), "other": ("neutral", "positive")}


def calibrate(run: Run, arrays: dict[str, NDArray[Any]], names: dict[str, Any]) -> None:
    """Fill in `names`: every head on its held-out set, through the arrays as they ship.

    Sentiment is an exception. Its training files differ by year and topic, and a held-out part of all of them
    flatters: so its curve rests on what is said of each file by weights learnt from the others. A language's
    own curve rests on what is said of its texts by weights that did not see them, and is half of what it
    ships with: the other half is the curve of all languages, for two thousand tweets of one season say too
    little of the next. Kinds have people's labels nowhere, see `kind_curves`.
    """
    model = FastModel(arrays, names)
    by_name = {told["name"]: told for told in [*names["heads"], names["language"]]}
    for one in _held_tasks(run):
        logits = _held_logits(run, model, one)
        labels = one.labels
        if one.name in SMALL:
            learnt = _learnt_task(run, one.name, one.classes)
            logits = np.vstack([logits, _unseen_logits(run, model, learnt)])
            labels = np.concatenate([labels, learnt.labels])
        _fill(by_name[one.name], one, logits, labels)
    one = _learnt_task(run, "sentiment", SENTIMENTS)
    _fill(by_name["sentiment"], one, _unseen_logits(run, model, one), one.labels)
    _fill_languages(run, model, names["sentiments"], by_name["sentiment_xl"])
    _fill_kind(run, model, by_name["kind"])


def _fill_languages(
    run: Run, model: FastModel, languages: dict[str, dict[str, Any]], every: dict[str, Any]
) -> None:
    said = {}
    for code in FOREIGN:
        learnt = _learnt_task(run, f"xl_{code}", SENTIMENTS)
        held = task(
            f"xl_{code}", SENTIMENTS, run.pool.held[learnt.name], run.sets.held[learnt.name].labels, 0
        )
        logits = np.vstack([_unseen_logits(run, model, learnt), _held_logits(run, model, held)])
        said[code] = learnt, logits, np.concatenate([learnt.labels, held.labels])
    one = task("sentiment_xl", SENTIMENTS, foreign_rows(run.pool.train), [], 0)
    _fill(
        every,
        one,
        np.vstack([x for _, x, _ in said.values()]),
        np.concatenate([y for *_, y in said.values()]),
    )
    for code, (learnt, logits, labels) in said.items():
        _fill(languages[code], learnt, logits, labels)
        languages[code]["curves"] = [heads.mean_curve(languages[code]["curves"][0], every["curves"][0])]


def _fill_kind(run: Run, model: FastModel, told: dict[str, Any]) -> None:
    """The point at which questions are told best from other speech acts, and the curves at that point."""
    columns, place = model.heads["kind"].columns, KINDS.index("question")
    (acts, named), (feelings, felt) = _said(run, model, "act"), _said(run, model, "sentiment")
    acts, feelings = acts[:, columns], feelings[:, columns]
    against = np.stack([np.delete(acts, place, axis=1).max(axis=1), acts[:, place]], axis=1)
    point = heads.operating_point(against, (named == "QUE").astype(np.int64), _f1)[1]
    shift = np.zeros(len(KINDS), dtype=np.float32)
    shift[place] = round(float(point), 3)
    told["shift"] = [round(float(one), 3) for one in shift]
    told["curves"] = kind_curves((acts + shift, named), (feelings + shift, felt))
    print(f"  kind: questions {shift[place]:+.2f}", flush=True)


def kind_curves(
    acts: tuple[Floats, NDArray[Any]], feelings: tuple[Floats, NDArray[Any]]
) -> list[heads.Curve]:
    """For each kind, how often people's other labels bear it out.

    A question or a request: the person who named the speech act called it that. Praise: who judged the
    sentiment called it positive. A complaint: called it negative, of those called negative or positive (a
    bare grievance, "my bag is still in Oslo", is called neutral). Anything else: not called negative. And of
    these three none that was called a question or a request by who named the act. Sentiments are SemEval's,
    said of each file by weights learnt from the others.
    """
    (logits, named), (more, felt) = acts, feelings
    asked = np.isin(named, list(BY_HAND))
    curves: list[heads.Curve] = []
    for place, kind in enumerate(KINDS):
        read, share = _read_as(logits, place)
        if kind not in FELT:
            right = np.array([BY_HAND.get(act) == kind for act in named])
            curve = heads.curve_of(share[read], right[read])
        else:
            no_question = float(1 - asked[read].mean())
            read, share = _read_as(more, place)
            read &= (felt != "neutral") | (kind != "complaint")
            scores, sure = heads.curve_of(share[read], np.isin(felt, FELT[kind])[read])
            curve = scores, [round(one * no_question, 4) for one in sure]
        curves.append(curve)
        print(f"  kind {kind}: {np.mean(curve[1]):.3f} borne out of {read.sum():,}", flush=True)
    return curves


def _read_as(logits: Floats, place: int) -> tuple[NDArray[np.bool_], Floats]:
    """Which posts get the class at this place, and the largest share of each post."""
    shares = softmax(logits)
    return shares.argmax(axis=1) == place, shares.max(axis=1)


def _said(run: Run, model: FastModel, name: str) -> tuple[Floats, NDArray[Any]]:
    """All heads' logits and the labels of a set, by weights that did not see its texts."""
    learnt, held = run.pool.train[name], run.pool.held[name]
    rows, labels = learnt, run.sets.train[name].labels
    if name == "act":
        rows, labels = np.concatenate([learnt, held]), labels + run.sets.held[name].labels
    return _rows_logits(run, model, rows), np.array(labels)


def _learnt_task(run: Run, name: str, classes: tuple[str, ...]) -> Task:
    return task(name, classes, run.pool.train[name], run.sets.train[name].labels, 0)


def _unseen_logits(run: Run, model: FastModel, one: Task) -> Floats:
    """What is said of training texts by a first layer that did not see them."""
    return _rows_logits(run, model, one.rows)


def _rows_logits(run: Run, model: FastModel, rows: Ints) -> Floats:
    columns = np.hstack([run.logits[group] for group in run.columns])[rows]
    return _head_logits(run, model, columns, rows)


def _held_logits(run: Run, model: FastModel, one: Task) -> Floats:
    """What is said of held-out texts through the arrays as they ship."""
    words = [framed(tokenise(run.pool.texts[row])) for row in one.rows]
    columns = model.first_layer(words).columns
    return columns if one.name == "language" else _head_logits(run, model, columns, one.rows)


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
    yield feeling_task(run, "held")
    codes = [code for code in FOREIGN for _ in held[f"xl_{code}"].labels] + ["en"] * len(numbers["sentiment"])
    rows = np.concatenate([foreign_rows(numbers), numbers["sentiment"]])
    yield task("language", LANGUAGES, rows, codes, 0)


def _fill(told: dict[str, Any], one: Task, logits: Floats, labels: Ints) -> None:
    mine = logits[:, told["start"] : told["start"] + len(one.classes)]
    if one.name in BY_OPERATING_POINT:
        told["shift"] = [round(float(x), 3) for x in heads.operating_point(mine, labels, _macro_f1)]
    shares = softmax(mine + np.array(told["shift"], dtype=np.float32))
    best = shares.argmax(axis=1)
    right, share = best == labels, shares.max(axis=1)
    print(f"  {one.name}: {right.mean():.3f} right of {len(labels):,} unseen", flush=True)
    if one.name in BY_OPERATING_POINT:  # the operating point makes one class less sure than the other
        told["curves"] = [heads.curve_of(share[best == c], right[best == c]) for c in (0, 1)]
    else:
        told["curves"] = [heads.curve_of(share, right)]


def _macro_f1(truth: Ints, said: Ints) -> float:
    return float(f1_score(truth, said, average="macro"))


def _f1(truth: Ints, said: Ints) -> float:
    return float(f1_score(truth, said))

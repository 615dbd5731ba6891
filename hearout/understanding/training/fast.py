"""Trains `fast-2` from beginning to end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.fast.features import EVIDENCE, EVIDENCE_LIMIT
from hearout.understanding.fast.languages import settle
from hearout.understanding.fast.model import CLIP, softmax
from hearout.understanding.language import detect
from hearout.understanding.tokens import tokenise
from hearout.understanding.training import heads, matrix, sets
from hearout.understanding.training.calibrate import calibrate
from hearout.understanding.training.first_layer import Task
from hearout.understanding.training.pool import Evidence, Pool, evidence_and_kinds, task
from hearout.understanding.training.run import (
    FOREIGN,
    LANGUAGES,
    Run,
    feeling_task,
    foreign_rows,
    kind_task,
)
from hearout.understanding.training.sets import EMOTIONS4, GO_GROUPS, SENTIMENTS

NAME = "fast-2"
SMALLEST = 0.6  # of a quantum: a feature with no larger weight in any task is dropped
PLAINLY = 0.7
ENGLISH_FOR_LANGUAGE = 3_000  # tweets, so that no language outweighs the others much
ABSTAIN_BELOW = {
    "sentiment": 0.5, "sentiment_xl": 0.5, "emotion4": 0.5, "emotion": 0.4, "irony": 0.75, "offensive": 0.6,
    "kind": 0.5,
}  # fmt: skip


def train(data: Path, out: Path, *, seed: int, at_least: int) -> None:
    """Write `fast-2.npz` and `fast-2.json` into `out`."""
    run = _gather(data, seed, at_least)
    for one in _tasks(run):
        run.learn(one)
    run.languages = _languages(run)
    run.evidence = _evidence(run)
    run.learn(kind_task(run, run.pool.train, grievances=False))
    arrays, names = _second_layer(run, _compressed(run))
    calibrate(run, arrays, names)
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / f"{NAME}.npz", allow_pickle=False, **arrays)
    (out / f"{NAME}.json").write_text(json.dumps(names, indent=1) + "\n", "utf-8")
    print(f"wrote {out / NAME}.npz, {(out / f'{NAME}.npz').stat().st_size / 1e6:.1f} MB")


def _gather(data: Path, seed: int, at_least: int) -> Run:
    found = sets.load(data)
    pool = Pool.of(found)
    hashed = matrix.hash_all(pool.texts)
    learnt = sorted({number for numbers in pool.train.values() for number in numbers.tolist()})
    vocabulary = matrix.Vocabulary.of([hashed[number] for number in learnt], at_least)
    print(f"{len(pool.texts):,} texts, {len(vocabulary.keys):,} features", flush=True)
    return Run(found, pool, vocabulary.rows(hashed), vocabulary, seed)


def _tasks(run: Run) -> Iterable[Task]:
    """The tasks with gold labels, and how freely the weights of each may grow."""
    train, numbers = run.sets.train, run.pool.train
    for name, classes, freedom in (
        ("sentiment", SENTIMENTS, 1.0), ("emotion4", EMOTIONS4, 2.0),
        ("offensive", ("not", "offensive"), 1.0), ("feeling", tuple(GO_GROUPS), 1.0), ("act", sets.ACTS, 4.0),
    ):  # fmt: skip
        yield task(name, classes, numbers[name], train[name].labels, freedom, train[name].sources)
    irony = task("irony", ("not", "ironic"), numbers["irony"], train["irony"].labels, 0.3)
    yield replace(irony, contrast=0.5)
    rows, labels = foreign_rows(numbers), [x for c in FOREIGN for x in train[f"xl_{c}"].labels]
    yield task("xl", SENTIMENTS, rows, labels, 1.0)
    english = numbers["sentiment"][:: max(1, len(numbers["sentiment"]) // ENGLISH_FOR_LANGUAGE)]
    spoken = {c: [i for i, t in enumerate(train[f"xl_{c}"].texts) if not _english(t)] for c in FOREIGN}
    codes = [c for c in FOREIGN for _ in spoken[c]] + ["en"] * len(english)
    own = [numbers[f"xl_{c}"][spoken[c]] for c in FOREIGN]
    yield task("language", LANGUAGES, np.concatenate([*own, english]), codes, 10.0)


def _english(text: str) -> bool:
    """Plainly English by the word lists: half of the Hindi set's tweets are, and teach no Hindi."""
    tokens = tokenise(text)
    language, sure, _ = detect(tokens.text, tokens.words)
    return language == "en" and sure >= PLAINLY


def _languages(run: Run) -> list[str]:
    """The language each text of the pool would be read in."""
    logits = run.logits["language"]
    sure = softmax(logits).max(axis=1)
    found = []
    for text, best, share in zip(run.pool.texts, logits.argmax(axis=1), sure, strict=True):
        found.append(settle(tokenise(text), LANGUAGES[best], float(share), float(share))[0])
    return found


def _evidence(run: Run) -> Evidence:
    hands: list[tuple[str, str] | None] = [None] * len(run.pool.texts)
    for parts, numbers in ((run.sets.train, run.pool.train), (run.sets.held, run.pool.held)):
        for name, part in parts.items():
            if name in ("act", "sentiment") or name.startswith("xl_"):
                for number, label in zip(numbers[name].tolist(), part.labels, strict=True):
                    hands[number] = (name, label)
    return evidence_and_kinds(run.pool.texts, run.languages, hands)


def _compressed(run: Run) -> dict[str, NDArray[Any]]:
    """The first layer in bytes: a quantum a column, features without a weight worth keeping dropped."""
    weights = np.hstack([fit.weights for fit in run.fitted.values()]) * run.vocabulary.weights[:, None]
    largest = np.quantile(np.abs(weights), 0.9999, axis=0)
    scale = (np.maximum(largest, 1e-6) / 127).astype(np.float32)
    quanta = np.clip(np.round(weights / scale), -127, 127)
    kept = (np.abs(weights / scale) > SMALLEST).any(axis=1)
    print(f"{int(kept.sum()):,} features kept", flush=True)
    return {
        "keys": run.vocabulary.keys[kept], "table": quanta[kept].astype(np.int8), "scale": scale,
        "squares": (run.vocabulary.weights[kept] ** 2).astype(np.float16),
        "bias": np.concatenate([fit.bias for fit in run.fitted.values()]),
    }  # fmt: skip


def _second_layer(
    run: Run, arrays: dict[str, NDArray[Any]]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    assert run.evidence
    columns = np.hstack([run.logits[name] for name in run.columns])
    seen = np.hstack([columns, np.clip(run.evidence.figures, -EVIDENCE_LIMIT, EVIDENCE_LIMIT)])
    learnt = np.unique(np.concatenate(list(run.pool.train.values())))
    mean, spread = seen[learnt].mean(axis=0), np.maximum(seen[learnt].std(axis=0), 1e-3)
    standard = np.clip((seen - mean) / spread, -CLIP, CLIP)
    fits, told, start = [], [], 0
    for one, evidence_too in _head_tasks(run):
        part = standard[one.rows]
        used = None if evidence_too else columns.shape[1]
        fits.append(heads.fit(part, one.labels, len(one.classes), one.freedom, used))
        told.append(_told(one.name, one.classes, start))
        start += len(one.classes)
    arrays |= {
        "mean": mean, "spread": spread, "weights": np.hstack([fit.weights for fit in fits]),
        "head_bias": np.concatenate([fit.bias for fit in fits]),
    }  # fmt: skip
    at = sum(len(run.columns[name]) for name in list(run.columns)[: list(run.columns).index("language")])
    foreign = next(one for one in told if one["name"] == "sentiment_xl")
    names = {
        "name": NAME, "seed": run.seed, "evidence": list(EVIDENCE), "columns": run.columns, "heads": told,
        "language": _told("language", LANGUAGES, at), "sentiments": {code: dict(foreign) for code in FOREIGN},
        "texts": {k: len(v) for k, v in run.sets.train.items()},
    }  # fmt: skip
    return {name: _plain(array) for name, array in arrays.items()}, names


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float32) if array.dtype == np.float64 else array


def _told(name: str, classes: tuple[str, ...], start: int) -> dict[str, Any]:
    return {
        "name": name, "classes": list(classes), "start": start, "shift": [0.0] * len(classes),
        "curves": [[[0.0, 1.0], [0.0, 1.0]]],
        "abstain_below": ABSTAIN_BELOW.get(name, 0.5),
    }  # fmt: skip


def _head_tasks(run: Run) -> Iterable[tuple[Task, bool]]:
    """The heads, and whether each sees the rules' evidence. Irony does not: its set was gathered by
    hashtags, and links and handles there say more about the gathering than about irony."""
    train, numbers = run.sets.train, run.pool.train
    yield task("sentiment", SENTIMENTS, numbers["sentiment"], train["sentiment"].labels, 0.01), True
    foreign = [x for c in FOREIGN for x in train[f"xl_{c}"].labels]
    yield task("sentiment_xl", SENTIMENTS, foreign_rows(numbers), foreign, 0.005), True
    yield task("emotion4", EMOTIONS4, numbers["emotion4"], train["emotion4"].labels, 0.02), True
    yield feeling_task(run, "train"), True
    yield task("irony", ("not", "ironic"), numbers["irony"], train["irony"].labels, 0.02), False
    classes = ("not", "offensive")
    yield task("offensive", classes, numbers["offensive"], train["offensive"].labels, 0.01), True
    kinds = kind_task(run, numbers, grievances=True)
    yield Task("kind", kinds.classes, kinds.rows, kinds.labels, 0.02), True

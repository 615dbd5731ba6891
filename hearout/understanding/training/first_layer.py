"""Fits the first layer: one logistic regression a task on hashed features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold

Floats = NDArray[np.float32]
FOLDS, ITERATIONS = 3, 60
HEAVIEST = 5.0
SEEN_IN = 2  # texts of the task that must hold a feature for it to get a weight there


@dataclass(frozen=True, slots=True)
class Task:
    """A set to fit: its classes, the pool's rows it holds, their classes, and how freely weights may grow.

    With `sources`, folds never part a source: what is said of a text comes from other sources alone. With
    `contrast`, features that set two classes apart may weigh more than others, see `contrasts`.
    """

    name: str
    classes: tuple[str, ...]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    freedom: float
    sources: tuple[str, ...] = ()
    contrast: float = 0.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """The weights [features, classes] and intercepts of a task; logits of a binary task are (0, z)."""

    weights: Floats
    bias: Floats

    def logits(self, matrix: sparse.csr_matrix) -> Floats:
        found: Floats = np.asarray(matrix @ self.weights + self.bias, dtype=np.float32)
        return found


def evened(labels: NDArray[np.int64]) -> dict[int, float]:
    """What a text of each class counts, so that classes weigh alike; a class of few texts at most `HEAVIEST`,
    for a handful (60 requests among 60,000 tweets) must not claim a fifth of the world."""
    counts = np.bincount(labels)
    present = np.flatnonzero(counts)
    return {int(c): min(HEAVIEST, len(labels) / (len(present) * int(counts[c]))) for c in present}


def fit(task: Task, pool: sparse.csr_matrix, seed: int) -> Fitted:
    return _fit(pool[task.rows], task.labels, task, seed)


def unseen_logits(task: Task, fitted: Fitted, pool: sparse.csr_matrix, seed: int) -> Floats:
    """Logits of the whole pool; for the task's own rows from models that did not see them."""
    logits = fitted.logits(pool)
    own = pool[task.rows]
    folds: Any = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    if task.sources:
        folds = GroupKFold(FOLDS)
    for learn, rest in folds.split(own, task.labels, task.sources or None):
        part = _fit(own[learn], task.labels[learn], task, seed)
        logits[task.rows[rest]] = part.logits(own[rest])
    return logits


def contrasts(matrix: sparse.csr_matrix, labels: NDArray[np.int64], share: float) -> Floats:
    """How freely each feature may weigh, 1 on average: `share` of it follows how differently often it stands in
    the second class and in the first (the log-count ratio of Wang and Manning, ACL 2012)."""
    there = (matrix > 0).astype(np.float32)
    second, first = (1 + np.asarray(there[labels == c].sum(axis=0)).ravel() for c in (1, 0))
    ratio = np.abs(np.log(second / second.sum()) - np.log(first / first.sum()))
    found: Floats = (1 - share + share * ratio / ratio.mean()).astype(np.float32)
    return found


def _fit(matrix: sparse.csr_matrix, labels: NDArray[np.int64], task: Task, seed: int) -> Fitted:
    classes = len(task.classes)
    seen = np.flatnonzero(matrix.getnnz(axis=0) >= SEEN_IN)
    own = matrix[:, seen]
    free = contrasts(own, labels, task.contrast) if task.contrast else np.ones(len(seen), dtype=np.float32)
    model: Any = LogisticRegression(
        C=task.freedom, max_iter=ITERATIONS, tol=1e-6, class_weight=evened(labels), random_state=seed
    )
    model.fit(own @ sparse.diags(free), labels)
    weights = np.zeros((matrix.shape[1], classes), dtype=np.float32)
    bias = np.zeros(classes, dtype=np.float32)
    found, start = model.coef_.T * free[:, None], model.intercept_
    if classes == 2:
        weights[seen, 1], bias[1] = found[:, 0], start[0]
    else:
        weights[seen], bias[:] = found - found.mean(axis=1, keepdims=True), start - start.mean()
    return Fitted(weights, bias)

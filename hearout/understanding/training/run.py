"""What is known while training, shared by its steps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hearout.understanding.reading import Emotion
from hearout.understanding.training import first_layer, sets
from hearout.understanding.training.first_layer import Fitted, Task
from hearout.understanding.training.matrix import Vocabulary
from hearout.understanding.training.pool import Evidence, Pool, task
from hearout.understanding.training.sets import FEELING_OF_GROUP, Sets
from hearout.understanding.training.weak import COMPLAINT, GRIEVANCE, KINDS

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
FEELINGS = tuple(emotion.value for emotion in Emotion)
FEELING_OF_EMOTION4 = {"anger": "anger", "joy": "joy", "sadness": "distress"}
LANGUAGES = tuple(sets.XLM_LANGUAGES.values())
FOREIGN = LANGUAGES[1:]


@dataclass(slots=True)
class Run:
    """Everything known while training."""

    sets: Sets
    pool: Pool
    features: sparse.csr_matrix
    vocabulary: Vocabulary
    seed: int
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fitted: dict[str, Fitted] = field(default_factory=dict)
    logits: dict[str, Floats] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)
    evidence: Evidence | None = None

    def learn(self, one: Task) -> None:
        """Fit a task of the first layer, and what it says of every text without having seen it."""
        self.fitted[one.name] = fitted = first_layer.fit(one, self.features, self.seed)
        self.logits[one.name] = first_layer.unseen_logits(one, fitted, self.features, self.seed)
        self.columns[one.name] = one.classes
        print(f"  {one.name}: {len(one.rows):,} texts, {len(one.classes)} classes", flush=True)


def foreign_rows(numbers: dict[str, Ints]) -> Ints:
    return np.concatenate([numbers[f"xl_{code}"] for code in FOREIGN])


def kind_task(run: Run, numbers: dict[str, Ints], *, grievances: bool) -> Task:
    """The texts of some sets that got a kind; grievances in the shape of questions as complaints, or not at all."""
    assert run.evidence
    kinds = [COMPLAINT if kind == GRIEVANCE and grievances else kind for kind in run.evidence.kinds]
    every = np.concatenate([rows for name, rows in numbers.items() if name[:3] in ("act", "sen", "xl_")])
    rows = np.array([row for row in np.unique(every) if kinds[row] in KINDS], dtype=np.int64)
    return task("kind", KINDS, rows, [kinds[row] or "" for row in rows], 1.0)


def feeling_task(run: Run, part: str) -> Task:
    """Emotions in the words of a `Reading`, from both emotion sets."""
    parts, numbers = (run.sets.train, run.pool.train) if part == "train" else (run.sets.held, run.pool.held)
    labels = [FEELING_OF_GROUP[group] for group in parts["feeling"].labels]
    rows = numbers["feeling"].tolist()
    for number, label in zip(numbers["emotion4"].tolist(), parts["emotion4"].labels, strict=True):
        if label in FEELING_OF_EMOTION4:
            rows.append(number)
            labels.append(FEELING_OF_EMOTION4[label])
    return task("emotion", FEELINGS, np.array(rows, dtype=np.int64), labels, 0.02)

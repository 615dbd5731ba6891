"""What is done once before learning: texts become numbers of pieces, and the start is cut to what is kept.

After it learning needs the work folder alone: neither the data nor the weights' package.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hearout.understanding.accurate.texts import Pieces, plain
from hearout.understanding.training.accurate import start, tasks, vocabulary

PIECES = 34_000
PLACES = 128
START, EXAMPLES = "start.npz", "examples.npz"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Texts in numbers of pieces, the labels of each [texts, heads] (-1: none), and how often each is seen."""

    numbers: list[NDArray[np.int32]]
    labels: NDArray[np.int64]
    passes: NDArray[np.float64]

    @classmethod
    def load(cls, work: Path) -> Prepared:
        with np.load(work / EXAMPLES) as told:
            cuts = np.cumsum(told["lengths"])[:-1]
            return cls(np.split(told["numbers"], cuts), told["labels"], told["passes"])


def prepare(data: Path, work: Path) -> None:
    """Write `start.npz` and `examples.npz` into `work`."""
    work.mkdir(parents=True, exist_ok=True)
    _, examples = tasks.load(data)
    begun = start.load(start.find())
    begun = begun.cut(vocabulary.chosen(begun, examples.texts, PIECES), PLACES)
    start.save(begun, work / START)
    pieces = Pieces(begun.vocabulary)
    numbers = [np.array(pieces.numbered(plain(text)).pieces, np.int32) for text in examples.texts]
    arrays: dict[str, Any] = {
        "numbers": np.concatenate(numbers), "lengths": np.array([len(one) for one in numbers]),
        "labels": np.array(examples.labels), "passes": np.array(examples.passes),
    }  # fmt: skip
    np.savez_compressed(work / EXAMPLES, **arrays)
    print(f"{len(numbers):,} texts, {len(begun.pieces):,} pieces", flush=True)

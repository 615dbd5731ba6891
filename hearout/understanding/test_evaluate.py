"""The evaluation's own sums, and floors under the figures of `docs/understanding.md` (where the data is)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from hearout.understanding.evaluate import (
    Figure,
    complaints,
    emotion,
    evaluate,
    macro,
    precision_recall_f1,
    questions,
)
from hearout.understanding.readers import reader
from hearout.understanding.reading import Reader

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"public data sets absent: {DATA}")


def test_precision_recall_and_f1_are_those_computed_by_hand() -> None:
    truth, said = [True, True, True, False, False], [True, False, False, True, False]
    assert precision_recall_f1(truth, said) == pytest.approx((1 / 2, 1 / 3, 2 / 5))
    assert precision_recall_f1([False], [False]) == (0.0, 0.0, 0.0)


def test_macro_recall_weighs_classes_alike() -> None:
    assert macro(["a", "a", "a", "b"], ["a", "a", "b", "b"], ("a", "b"), 1) == pytest.approx((2 / 3 + 1) / 2)


def test_absent_data_is_said_and_not_counted(tmp_path: Path) -> None:
    figures = list(evaluate(tmp_path, reader("rules-1")))
    assert figures
    assert all(figure.n == 0 and figure.measure.startswith("no data") for figure in figures)


@needs_data
@pytest.mark.parametrize(
    ("measure", "name", "floor"),
    [
        (complaints, "complaint: F1", 0.62),
        (complaints, "complaints that need an answer", 0.78),
        (questions, "question: F1", 0.62),
        (emotion, "macro F1", 0.66),
    ],
)
def test_the_rules_stay_above_their_floor_on_the_held_out_half(
    measure: Callable[[Path, Reader, str], Iterator[Figure]], name: str, floor: float
) -> None:
    figures = {figure.measure: figure.value for figure in islice(measure(DATA, reader("rules-1"), "test"), 4)}
    assert figures[name] >= floor

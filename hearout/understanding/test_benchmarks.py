"""The benchmarks' own sums, and floors under what the trained reader reaches on public test sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hearout.understanding import benchmarks
from hearout.understanding.benchmarks import Bench, Row, calibration_error
from hearout.understanding.fast.reader import FastReader
from hearout.understanding.rules import RulesReader


def test_the_calibration_error_is_the_one_computed_by_hand() -> None:
    # Two bins: 0.9 sure and right 3 of 4 (0.15 off), 0.55 sure and right 1 of 2 (0.05 off).
    sure = [0.9, 0.9, 0.9, 0.9, 0.55, 0.55]
    right = [True, True, True, False, True, False]
    assert calibration_error(sure, right) == pytest.approx((4 * 0.15 + 2 * 0.05) / 6)
    assert calibration_error([1.0, 1.0], [True, True]) == 0
    assert calibration_error([], []) == 0


@pytest.mark.parametrize(
    ("benchmark", "name"),
    [
        (benchmarks.sentiment, "TweetEval sentiment"),
        (benchmarks.emotion, "TweetEval emotion"),
        (benchmarks.offensive, "TweetEval offensive"),
        (benchmarks.irony, "TweetEval irony, as shipped"),
        (benchmarks.xlm, "XLM-T, mean of 8"),
        (benchmarks.complaints, "complaints, even rows"),
        (benchmarks.questions, "tweet acts, question"),
    ],
)
def test_the_trained_reader_keeps_the_goals_it_reached(
    benchmark: Callable[[Bench], Iterator[Row]], name: str, shared_data: Path
) -> None:
    bench = Bench(shared_data, {}, FastReader(), RulesReader(), baselines=False)
    [row] = [row for row in benchmark(bench) if row.name == name]
    assert row.goal
    assert row.fast >= row.goal
    assert row.rules is None or row.fast > row.rules - 0.02


@pytest.mark.parametrize(
    ("benchmark", "name"),
    [
        (benchmarks.sentiment, "TweetEval sentiment"),
        (benchmarks.emotion, "TweetEval emotion"),
        (benchmarks.offensive, "TweetEval offensive"),
        (benchmarks.irony, "TweetEval irony, as shipped"),
        (benchmarks.complaints, "complaints, even rows"),
        (benchmarks.questions, "tweet acts, read as a question"),
    ],
)
def test_confidence_says_how_often_it_is_right(
    benchmark: Callable[[Bench], Iterator[Row]], name: str, shared_data: Path
) -> None:
    bench = Bench(shared_data, {}, FastReader(), RulesReader(), baselines=False)
    [row] = [row for row in benchmark(bench) if row.name == name]
    assert row.ece is not None
    assert row.ece < 0.05

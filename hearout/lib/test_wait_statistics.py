"""Our figures against those of statsmodels, scipy and numpy."""

from __future__ import annotations

import math
import random
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from hearout.lib.wait_statistics import (
    mean_interval,
    median_wait,
    median_wait_interval,
    percentile,
    percentile_interval,
    percentile_ranks,
    student_t,
    waiting_curve,
    wilson,
)

shares = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
some_waits = st.lists(st.integers(1, 40).map(float), max_size=60)
any_waits = st.lists(st.floats(0, 1e9), min_size=1, max_size=200)
milliseconds = st.integers(0, 10**9).map(lambda ms: ms / 1000)
quantiles = st.one_of(st.sampled_from([0.0, 50.0, 90.0, 99.0, 100.0]), st.floats(0, 100))


@given(shares)
def test_wilson_is_what_statsmodels_says(share: tuple[int, int]) -> None:
    assert wilson(*share) == pytest.approx(proportion_confint(*share, method="wilson"), abs=1e-12)


def test_the_share_of_nothing_is_unknown_and_an_impossible_share_is_refused() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    for k, n in ((-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="not a share"):
            wilson(k, n)


def oracle(answered: list[float], unanswered: list[float]) -> SurvfuncRight:
    return SurvfuncRight(answered + unanswered, [1] * len(answered) + [0] * len(unanswered))


@given(some_waits.filter(bool), some_waits)
def test_the_waiting_curve_is_that_of_statsmodels(answered: list[float], unanswered: list[float]) -> None:
    ours, theirs = waiting_curve(answered, unanswered), oracle(answered, unanswered)
    assert [step.time for step in ours] == list(theirs.surv_times)
    assert [step.waiting for step in ours] == pytest.approx(list(theirs.surv_prob), abs=1e-12)
    half = theirs.surv_times[theirs.surv_prob <= 0.5 + 1e-12]
    assert median_wait(ours) == (half[0] if len(half) else None)
    # statsmodels asks for fewer than half, we for at most half: they part only on an exact half.
    if not any(math.isclose(share, 0.5) for share in theirs.surv_prob):
        assert median_wait(ours) == pytest.approx(theirs.quantile(0.5), nan_ok=True) or not len(half)


@given(some_waits.filter(bool), some_waits)
def test_the_interval_of_the_median_wait_is_that_of_statsmodels(
    answered: list[float], unanswered: list[float]
) -> None:
    low, high = median_wait_interval(waiting_curve(answered, unanswered))
    with np.errstate(all="ignore"):
        their_low, their_high = oracle(answered, unanswered).quantile_ci(0.5)
    if math.isnan(their_low):  # no time at which half is plausible: theirs is empty, ours is a point
        assert low == high
    else:
        assert (low, math.inf if high is None else high) == (their_low, their_high)


def test_the_median_of_the_answered_flatters_and_the_waiting_curve_does_not() -> None:
    rng = random.Random(7)
    waits = [rng.expovariate(math.log(2) / 40) for _ in range(20_000)]
    patience = [rng.uniform(0, 120) for _ in waits]
    answered = [wait for wait, until in zip(waits, patience, strict=True) if wait <= until]
    unanswered = [until for wait, until in zip(waits, patience, strict=True) if wait > until]
    curve = waiting_curve(answered, unanswered)
    low, high = median_wait_interval(curve)
    assert low is not None
    assert high is not None
    assert low < 40 < high
    assert median(answered) < 30


def test_every_answer_at_once_leaves_no_doubt() -> None:
    assert median_wait_interval(waiting_curve([3.0, 3.0])) == (3.0, 3.0)


def test_when_most_still_wait_there_is_no_median() -> None:
    curve = waiting_curve([1.0], [5.0, 5.0, 5.0])
    assert median_wait(curve) is None
    assert median_wait_interval(curve)[1] is None
    assert median_wait(waiting_curve([], [3.0])) is None
    assert median_wait_interval([]) == (None, None)


@pytest.mark.parametrize("n", range(2, 60, 2))
def test_exactly_half_answered_is_a_median(n: int) -> None:
    assert median_wait(waiting_curve([float(k) for k in range(1, n + 1)])) == n / 2


@given(any_waits, quantiles)
def test_percentiles_are_numpys_to_the_last_bit(values: list[float], q: float) -> None:
    assert percentile(values, q) == np.percentile(values, q)


def test_the_percentile_of_nothing_is_none_and_one_outside_is_refused() -> None:
    assert percentile([], 50) is None
    with pytest.raises(ValueError, match="between 0 and 100"):
        percentile([1.0], 101)


@given(st.integers(0, 5000), st.sampled_from([5, 25, 50, 75, 90, 95, 99]), st.sampled_from([0.9, 0.95, 0.99]))
def test_percentile_ranks_are_quantiles_of_the_binomial(n: int, q: int, confidence: float) -> None:
    tail = (1 - confidence) / 2
    lower = int(stats.binom.ppf(tail, n, q / 100)) if n else 0
    upper = int(stats.binom.ppf(1 - tail, n, q / 100)) + 1 if n else 1
    assert percentile_ranks(n, q, confidence) == (lower or None, upper if upper <= n else None)


def test_the_percentile_interval_covers_as_often_as_it_says() -> None:
    rng = random.Random(11)
    hits = 0
    for _ in range(1000):
        low, high = percentile_interval([rng.paretovariate(1.1) for _ in range(80)], 90)
        truth = 0.1 ** (-1 / 1.1)
        hits += (low or 0) <= truth <= (high or math.inf)
    assert hits >= 940


def test_a_million_cases_have_percentile_ranks_too() -> None:
    lower, upper = percentile_ranks(1_000_000, 50)
    assert (lower, upper) == (499_020, 500_981)


def test_few_cases_bound_no_high_percentile() -> None:
    low, high = percentile_interval([1.0, 2.0, 3.0, 4.0, 5.0], 90)
    assert low == 3.0
    assert high is None
    assert percentile_interval([], 50) == (None, None)


@given(st.lists(milliseconds, min_size=2, max_size=80).filter(lambda v: len(set(v)) > 1))
def test_the_interval_of_the_mean_is_students(values: list[float]) -> None:
    theirs = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert mean_interval(values) == pytest.approx(theirs, rel=1e-6, abs=1e-6)


@given(st.integers(1, 5000), st.sampled_from([0.6, 0.9, 0.95, 0.975, 0.995]))
def test_the_t_quantile_is_scipys(df: int, p: float) -> None:
    assert student_t(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-6)


def test_one_value_has_no_interval_of_the_mean() -> None:
    assert mean_interval([4.2]) is None

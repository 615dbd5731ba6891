"""A tally behaves as the numbers written out, also to statistics."""

from __future__ import annotations

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearout.lib import wait_statistics as waiting
from hearout.lib.tally import Tally

counted = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4)), max_size=20)


@given(counted)
def test_a_tally_is_the_numbers_written_out_in_order(pairs: list[tuple[int, int]]) -> None:
    plain = sorted(value for value, count in pairs for _ in range(count))
    tally = Tally(pairs)
    assert tally == plain
    assert [tally[place] for place in range(len(tally))] == plain
    assert tally[1:4] == plain[1:4]
    assert all(
        bisect_right(tally, limit) == sum(value <= limit for value in plain) for limit in (-1, 0, 7, 50)
    )
    if plain:
        assert tally[-1] == plain[-1]
    with pytest.raises(IndexError):
        tally[len(plain)]


@given(counted, counted)
def test_statistics_of_a_tally_are_those_of_its_numbers(
    pairs: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    tally, left = Tally(pairs), Tally(others)
    plain = list(tally)
    for q in (0, 37, 50, 90, 100):
        assert waiting.percentile(tally, q) == waiting.percentile(plain, q)
        assert waiting.percentile_interval(tally, q) == waiting.percentile_interval(plain, q)
    assert waiting.waiting_curve(tally, left) == waiting.waiting_curve(plain, list(left))
    assert waiting.mean(tally) == waiting.mean(plain)
    around = waiting.mean_interval(plain)
    assert waiting.mean_interval(tally) == (around and pytest.approx(around, rel=1e-12, abs=1e-12))


def test_fractions_are_summed_as_exactly_as_whole_numbers() -> None:
    tally = Tally([(0.1, 10), (0.68, 3)])
    assert waiting.mean(tally) == pytest.approx((1 + 2.04) / 13, rel=1e-15)
    assert waiting.mean_interval(tally) == pytest.approx(waiting.mean_interval(list(tally)), rel=1e-12)

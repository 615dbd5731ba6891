"""Neighbours are found as by measuring every word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from hearout.listening.tolerance.lookalikes import drawn, unstretched
from hearout.listening.tolerance.neighbours import Neighbours

words = st.text("abc", min_size=1, max_size=12)


@given(st.dictionaries(words, st.sampled_from([0, 1, 2]), max_size=12), words)
def test_neighbours_are_those_that_measuring_every_word_finds(most: dict[str, int], token: str) -> None:
    measured = {(word, OSA.distance(word, token)) for word in most}
    expected = {(word, distance) for word, distance in measured if 0 < distance <= most[word]}
    assert set(Neighbours(most).near(token)) == expected


@given(st.dictionaries(words, st.sampled_from([1, 2]), max_size=12), st.lists(words, unique=True))
def test_many_tokens_at_once_have_the_neighbours_that_each_has(
    most: dict[str, int], tokens: list[str]
) -> None:
    neighbours = Neighbours(most)
    alone = {token: near for token in tokens if (near := set(neighbours.near(token)))}
    together = neighbours.near_all(tokens)
    assert {token: set(near) for token, near in together.items()} == alone


@given(words, st.integers(0, 12), st.integers(0, 12), st.sampled_from("abc"))
def test_two_edits_of_a_word_are_found(word: str, first: int, second: int, letter: str) -> None:
    token = word[:first] + letter + word[first:]
    token = token[:second] + token[second + 1 :]
    assert (token == word) or dict(Neighbours({word: 2}).near(token))[word] <= 2


@pytest.mark.parametrize(
    ("one", "other"), [("t1dewing", "tidewing"), ("аcmе", "acme"), ("acrne", "acme"), ("vvizz", "wizz")]
)
def test_what_is_drawn_alike_is_read_alike(one: str, other: str) -> None:
    assert drawn(one) == drawn(other)
    assert drawn(one) != drawn(other + "x")


def test_stretched_letters_are_written_once_or_twice() -> None:
    assert unstretched("niiiike") == ("nike", "niike")
    assert unstretched("baggage") == ()

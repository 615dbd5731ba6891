"""A hashtag is cut into its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearout.listening.tolerance import segment


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#AcmeCares", ["acme", "cares"]),
        ("acmehelp", ["acme", "help"]),
        ("#worstflightever", ["worst", "flight", "ever"]),
        ("JFKAirport", ["jfk", "airport"]),
        ("iphone3G", ["iphone", "3g"]),
        ("acme_care2016", ["acme", "care", "2016"]),
        ("Café", ["cafe"]),
        ("", []),
    ],
)
def test_a_tag_is_cut_into_its_words(tag: str, words: list[str]) -> None:
    assert segment(tag) == words


def test_a_name_is_a_word_where_it_is_given() -> None:
    assert segment("thanksquillow", names={"quillow"}) == ["thanks", "quillow"]


@given(st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), max_size=60))
def test_no_letter_is_lost(tag: str) -> None:
    assert "".join(segment(tag)) == tag


@given(st.text(max_size=120))
def test_no_text_breaks_it(tag: str) -> None:
    segment(tag)

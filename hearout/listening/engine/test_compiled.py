"""The compiled engine says what the slow reference says, for every query and post."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.listening.engine import compile, scan
from hearout.listening.query.parser import parse
from hearout.listening.query.reference import directness, found, words
from hearout.listening.query.test_generated import posts, trees
from hearout.listening.query.text import seen
from hearout.listening.query.toml import Query


def query(expression, **more):
    return Query(expression, expression, parse(expression), tolerance=False, **more)


def of_tree(tree):
    return Query("", "", tree, tolerance=False)


def told(queries, texts):
    """Per post: (query, directness, words) of each match."""
    matches = compile(queries).match(texts)
    return [[(one.query, one.directness, one.words) for one in of_post] for of_post in matches]


def expected(queries, texts):
    return [
        [
            (number, directness(hits), words(hits))
            for number, one in enumerate(queries)
            if (hits := found(one.condition, post, seen(post.text))) is not None
        ]
        for post in texts
    ]


@pytest.fixture(params=["hyperscan", "automaton"])
def library(request, monkeypatch):
    """Each of the two libraries that find strings."""
    if request.param == "automaton":
        monkeypatch.setattr(scan, "hyperscan", None)


@given(st.lists(trees.map(of_tree), min_size=1, max_size=5), st.lists(posts, min_size=1, max_size=5))
@settings(max_examples=400, deadline=None)
def test_the_engine_matches_what_the_slow_reference_matches(queries, texts):
    assert told(queries, texts) == expected(queries, texts)

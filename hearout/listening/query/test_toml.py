from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.listening.query.parser import parse
from hearout.listening.query.printer import printed
from hearout.listening.query.reference import holds
from hearout.listening.query.test_generated import Maker
from hearout.listening.query.text import Text
from hearout.listening.query.toml import QueriesError, Query, read_queries, written

CARE = """
[[query]]
name = "Care"
expression = '"tidewing care" OR #tidewingcare NOT surfboard'
brand = "Tidewing"
languages = ["en", "pt_BR"]
networks = ["Bluesky"]
tolerance = 1

[[query]]
name = "Late"
expression = "late"
"""


def test_queries_are_read_in_their_order_with_all_they_say():
    care, late = read_queries(CARE)
    assert (care.name, care.brand, care.languages, care.networks) == (
        "Care",
        "Tidewing",
        ("en", "pt-br"),
        ("bluesky",),
    )
    assert care.node == parse(care.expression)
    assert (care.tolerance, care.most_edits) == (1, 1)
    assert (late.brand, late.languages, late.networks, late.tolerance, late.most_edits) == (
        "",
        (),
        (),
        True,
        2,
    )
    assert late.condition == late.node


def test_languages_and_networks_of_a_query_are_conditions():
    care = read_queries(CARE)[0].condition
    assert holds(care, Text(1, "tidewing care", network="bluesky", language="en"))
    assert not holds(care, Text(1, "tidewing care", network="bluesky", language="de"))
    assert not holds(care, Text(1, "tidewing care", network="x", language="en"))


def test_queries_are_read_from_a_file(tmp_path: Path):
    path = tmp_path / "queries.toml"
    path.write_bytes(b"\xef\xbb\xbf" + CARE.encode())
    assert read_queries(path) == read_queries(CARE)
    path.write_bytes(b"\xff")
    with pytest.raises(QueriesError, match=r"queries\.toml: cannot be read"):
        read_queries(path)
    with pytest.raises(QueriesError, match="cannot be read"):
        read_queries(tmp_path)


ONE = '[[query]]\nname = "a"\nexpression = "b"\n'


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("x = [", "q.toml: no TOML"),
        ("x = " + "[" * 10_000, "q.toml: no TOML"),
        ("x = 1", "q.toml: “x” is not known; known are query; each query begins with [[query]]"),
        ("[[queries]]", "q.toml: “queries” is not known; did you mean “query”?"),
        ('[query]\nname = "a"', "q.toml: each query begins with [[query]], in two brackets"),
        ("query = [1]", "q.toml: each query begins with [[query]]"),
        ("[[query]]", "q.toml: query 1: “name” is missing"),
        ('[[query]]\nname = " "', "q.toml: query 1: “name” must be a text that is not empty"),
        (
            '[[query]]\nname = "a"\nexpresion = "b"',
            "query 1 “a”: “expresion” is not known; did you mean “expression”?",
        ),
        ('[[query]]\nname = "a"', "query 1 “a”: “expression” is missing"),
        ('[[query]]\nname = "a"\nexpression = 1', "query 1 “a”: “expression” must be a text"),
        (
            ONE + '[[query]]\nname = "c"\nexpression = "b OR , c"',
            "q.toml: query 2 “c”: expression\nb OR , c\n     ^\na comma joins nothing at character 6",
        ),
        (ONE + ONE, "q.toml: queries 1 and 2 are both called “a”"),
        (ONE + "brand = 1", "“brand” must be a text"),
        (ONE + 'languages = "de"', "“languages” must be a list of codes"),
        (ONE + 'languages = ["german"]', "“german” in “languages”; expected codes"),
        (ONE + "networks = [1]", "“networks” must be a list of names"),
        (ONE + "tolerance = 3", "“tolerance” must be true, false, 0, 1 or 2"),
        (ONE + "tolerance = 1.0", "“tolerance” must be true, false, 0, 1 or 2"),
    ],
)
def test_an_error_names_the_file_the_query_and_the_character(toml, said):
    with pytest.raises(QueriesError) as raised:
        read_queries(toml, "q.toml")
    assert said in str(raised.value)


texts = st.text(min_size=1, max_size=20).filter(str.strip) | st.sampled_from(
    ['it\'s "x"', "a\\b", "\x7f", "\x00"]
)


@given(texts, texts, st.integers(0, 2**32), st.sampled_from([True, False, 0, 1, 2]), st.booleans())
@settings(max_examples=200)
def test_written_queries_read_as_the_same_ones(name, brand, seed, tolerance, everywhere):
    tree = Maker(Random(seed)).tree()
    limits = ((), ()) if everywhere else (("de", "pt-br"), ("bluesky", "x"))
    query = Query(name.replace("\0", "0"), printed(tree), tree, brand.replace("\0", "0"), *limits, tolerance)
    assert read_queries(
        written(
            [
                query,
            ]
        )
    ) == [query]
    assert read_queries(written([])) == []

"""Every example of docs/queries.md is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hearout.listening.query.errors import QueryError
from hearout.listening.query.in_words import in_words
from hearout.listening.query.parser import parse
from hearout.listening.query.printer import printed
from hearout.listening.query.reference import holds
from hearout.listening.query.text import Text
from hearout.listening.query.toml import QueriesError, read_queries

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "queries.md").read_text("utf-8")


def rows(head):
    """The rows of all tables with this head."""
    tables = re.findall(rf"^\| {re.escape(head)}[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", PAGE, re.M)
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for t in tables for row in t.splitlines()]


def code(cell):
    return re.findall(r"`([^`]+)`", cell)


TOLD = [[code(cell)[0] for cell in row] for row in rows("you write | a post with it")]
SAME = [[code(cell)[0] for cell in row] for row in rows("you may write")]
SHOWN = [(code(query)[0], said) for query, said in rows("query | shown as")]
ERRORS = re.findall(r"^    (\S.*)\n    ( *\^)\n    (.+ at character \d+.*)$", PAGE, re.M)
FAULTY_FILE = [error for error in ERRORS if error[0] == "tidewing (bag OR suitcase"]


@pytest.mark.parametrize(("query", "matching", "other"), TOLD)
def test_a_post_with_it_matches_and_one_without_does_not(query, matching, other):
    assert holds(parse(query), Text(1, matching))
    assert not holds(parse(query), Text(1, other))


@pytest.mark.parametrize(("query", "same"), SAME)
def test_two_that_say_the_same_are_the_same_tree(query, same):
    assert parse(query) == parse(same)
    assert printed(parse(query)) == same


@pytest.mark.parametrize(("query", "said"), SHOWN)
def test_a_query_is_shown_as_the_page_says(query, said):
    assert in_words(parse(query)) == said


@pytest.mark.parametrize(("query", "caret", "said"), [error for error in ERRORS if error not in FAULTY_FILE])
def test_an_error_is_told_as_the_page_says(query, caret, said):
    with pytest.raises(QueryError) as raised:
        parse(query)
    assert raised.value.pointed() == f"{query}\n{caret}\n{said}"


def test_the_toml_of_the_page_is_read_and_its_errors_are_told_so():
    [toml] = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    assert [query.name for query in read_queries(toml)] == ["Care", "Lost bags"]
    [error] = FAULTY_FILE
    faulty = re.sub(r'expression = "tidewing .*"', f'expression = "{error[0]}"', toml)
    with pytest.raises(QueriesError) as raised:
        read_queries(faulty, "queries.toml")
    assert str(raised.value) == "\n".join(("queries.toml: query 2 “Lost bags”: expression", *error))


def test_every_other_query_on_the_page_can_be_read():
    conditions = [query for cell, *_ in rows("you write | the post") for query in code(cell)]
    meanings = [query for cell, *_ in rows("you write | it means") for query in code(cell)]
    loose = re.findall(r"`((?:delta|=[^`]|\")[^`]*)`", re.sub(r"^\|.*$", "", PAGE, flags=re.M))
    assert min(map(len, (conditions, meanings, loose, TOLD, SAME, SHOWN, ERRORS))) > 3
    for query in conditions + loose:
        parse(query)
    for query in meanings:  # two of them only exclude, alone
        parse(f"x {query}")

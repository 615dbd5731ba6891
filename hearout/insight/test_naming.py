"""Whom texts name by @handle, where the first name is not the one."""

from __future__ import annotations

import pytest

from hearout.insight import texts
from hearout.insight.audit.known import BRANDS, HANDLES, Known, small_table
from hearout.insight.audit.loading import empty_tables
from hearout.insight.duck import DuckEngine
from hearout.insight.naming import first_named

NAMES = {1: "tidewing", 2: "tide", 3: "tide.wing", 4: "tidewing@sea.example"}

POSTS = {"id": "int64", "network": "string", "archive_id": "int64", "text": "string"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@stranger and @TideWing", 1),
        ("@stranger and @tide.wing.", 3),
        ("@stranger @tide-wing", 2),
        ("@stranger @tidewing@land.example", 1),
        ("@stranger @tidewing@sea.example @tide", 4),
        ("@tide.wings then @tidewing", 2),
        ("@stranger @tide @tidewing", 2),
        ("@stranger mail me@tidewing", None),
        ("@stranger @tidewingcare @ @é", None),
    ],
)
def test_a_later_name_counts_by_its_longest_known_spelling(text: str, named: int | None) -> None:
    handles = [(number, number, "twitter", name, "main") for number, name in NAMES.items()]
    brands = [(number, name, name, False, "") for number, name in NAMES.items()]
    posts = small_table([(7, "twitter", 1, text)], POSTS)
    known = Known(small_table(handles, HANDLES), small_table(brands, BRANDS), posts, {})
    posts = posts.mutate(first_name=texts.first_name(posts.text), names_more=texts.names_more(posts.text))
    with DuckEngine() as engine:
        [rows] = engine.run(first_named(posts, empty_tables(posts, known)))
    assert [row["named_handle_id"] for row in rows] == ([named] if named else [])

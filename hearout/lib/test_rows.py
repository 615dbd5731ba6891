"""What goes into statements as text is what came."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearout.lib.rows import as_array, as_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_rows_read_back_as_they_were(value: object) -> None:
    assert json.loads(as_json(value)) == value


def test_times_go_with_their_zone_and_enums_by_their_value() -> None:
    class Kind(StrEnum):
        PRAISE = "praise"

    at = datetime(2026, 11, 22, 1, 2, 3, 4, UTC)
    assert json.loads(as_json({"at": at, "kind": Kind.PRAISE, "words": ("a", "b")})) == {
        "at": at.isoformat(),
        "kind": "praise",
        "words": ["a", "b"],
    }


@pytest.mark.parametrize("value", ["\ud800", 2**64, object()])
def test_what_no_column_can_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        as_json([value])


@given(st.lists(st.integers(1, 2**63 - 1), max_size=5))
def test_ids_are_an_array_in_their_order(ids: list[int]) -> None:
    text = as_array(ids)
    assert (text[0], text[-1]) == ("{", "}")
    assert [int(one) for one in text[1:-1].split(",") if one] == ids

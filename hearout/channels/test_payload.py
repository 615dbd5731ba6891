"""Fields of hostile JSON: what is kept is safe to keep, and the rest is refused with a cause."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearout.channels.base import ChannelError, Json
from hearout.channels.payload import MAX_BYTES, MAX_DEPTH, Fields, decode, encode, fault_in


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda below: st.lists(below)))
def test_whatever_is_encoded_is_decoded_the_same(value: Json) -> None:
    assert decode(encode(value).body) == value


def test_half_characters_pass_through_an_encoded_payload_as_escapes() -> None:
    assert encode({"text": "é\ud83d"}).body == rb'{"text":"\u00e9\ud83d"}'
    assert encode({"text": "é"}).body == '{"text":"é"}'.encode()


def test_a_payload_may_have_a_mebibyte_and_no_byte_more() -> None:
    assert decode(b" " * (MAX_BYTES - 1) + b"7") == 7
    with pytest.raises(ChannelError, match="1,048,577 bytes"):
        decode(b" " * MAX_BYTES + b"7")


@given(st.text(st.characters() | st.sampled_from("\0\ud83d\udfff")))
def test_a_text_is_at_fault_exactly_when_a_database_would_refuse_it(text: str) -> None:
    try:
        kept = b"\0" not in text.encode("utf-8")
    except UnicodeEncodeError:
        kept = False
    assert (fault_in(text) == "") is kept


@pytest.mark.parametrize(("text", "fault"), [("a\0", "NUL"), ("\ud83d", "surrogate")])
def test_what_no_database_keeps_is_a_fault(text: str, fault: str) -> None:
    assert fault in fault_in(text)
    with pytest.raises(ChannelError, match=fault):
        Fields({"x": text}, "It").text("x", most=9)


@pytest.mark.parametrize("value", [True, 1.0, -1, 2**31, "7", [7], {}])
def test_a_count_is_a_whole_number_that_a_column_holds(value: Json) -> None:
    assert Fields({"x": 2**31 - 1}, "It").optional_count("x") == 2**31 - 1
    with pytest.raises(ChannelError, match="It: x is not a whole number"):
        Fields({"x": value}, "It").optional_count("x")


@pytest.mark.parametrize("value", ["tidewing", {"x": 1}, [7], [""], [None], ["a"] * 1_001, ["a\0"]])
def test_handles_are_a_list_of_texts(value: Json) -> None:
    assert Fields({"x": ["tidewing"]}, "It").optional_names("x") == ("tidewing",)
    assert Fields({"x": []}, "It").optional_names("x") == ()
    with pytest.raises(ChannelError):
        Fields({"x": value}, "It").optional_names("x")


def test_a_plain_object_may_be_as_deep_as_the_limit() -> None:
    def nested(depth: int) -> Json:
        return json.loads('{"a":' * depth + "1" + "}" * depth)

    assert Fields({"x": nested(MAX_DEPTH - 1)}, "It").plain("x")
    with pytest.raises(ChannelError, match="nested more than"):
        Fields({"x": nested(MAX_DEPTH)}, "It").plain("x")


def test_causes_name_the_object_the_field_and_what_is_wrong() -> None:
    for call, cause in (
        (lambda: Fields([], "The post"), "The post is a list, not an object."),
        (lambda: Fields({}, "The post").identifier("id"), "The post: id is missing."),
        (lambda: Fields({"id": 7}, "The post").identifier("id"), "The post: id is a number, not text."),
        (
            lambda: Fields({"author": {"id": []}}, "The post").optional_object("author").identifier("id"),  # type: ignore[union-attr]
            "The post's author: id is a list, not text.",
        ),
    ):
        with pytest.raises(ChannelError) as caught:
            call()
        assert caught.value.message == cause

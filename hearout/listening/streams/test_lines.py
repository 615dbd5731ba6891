"""Posts as JSON Lines, in short and in Hearout's own form."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearout.channels.archive.jsonl import parse_post
from hearout.channels.base import ChannelError, IncomingPost
from hearout.listening.streams.lines import Lines, payload_of

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def read(line: dict | bytes) -> IncomingPost:
    body = payload_of(line if isinstance(line, bytes) else json.dumps(line).encode(), NOW).body
    return parse_post(json.loads(body))


def test_an_id_and_a_text_are_enough() -> None:
    post = read({"id": 7, "text": "hello"})
    assert (post.external_id, post.network, post.text, post.posted_at) == ("7", "lines", "hello", NOW)
    assert post.author
    assert post.author.handle == "unknown"


def test_what_else_is_known_is_taken() -> None:
    post = read(
        {
            "id": "a", "text": "x", "author": "@mira_k", "network": "bluesky", "language": "de",
            "created_at": "2026-01-01T12:00:00+02:00", "place": "Berlin", "parent_id": "b",
        }
    )  # fmt: skip
    assert post.author
    assert (post.author.handle, post.network, post.language, post.parent_id) == (
        "mira_k",
        "bluesky",
        "de",
        "b",
    )
    assert post.posted_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert post.extra == {"place": "Berlin"}


def test_lines_of_an_export_are_taken_as_they_are() -> None:
    line = {
        "network": "simulator", "external_id": "p1", "posted_at": "2026-03-02T10:00:00Z",
        "author": {"external_id": "u", "handle": "mira_k"}, "visibility": "private", "recipient_id": "u_tidewing",
    }  # fmt: skip
    post = read(line)
    assert (post.external_id, post.visibility, post.recipient_id) == ("p1", "private", "u_tidewing")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (None, "too long"),
        (b"\xff", "not UTF-8"),
        (b"{", "not JSON"),
        (b"7", "not an object"),
        ({"text": "x"}, "id is neither"),
        ({"id": True, "text": "x"}, "id is neither"),
        ({"id": 1}, "text is missing"),
        ({"id": 1, "text": "x", "txet": "y"}, "unknown field"),
        ({"id": 1, "text": "x\0"}, "NUL"),
        ({"id": 1, "text": "\ud800"}, "half a character"),
        ({"id": 1, "text": "x", "created_at": "yesterday"}, "ISO 8601"),
        ({"external_id": "p1", "network": "simulator"}, "author is missing"),
    ],
)
def test_what_is_no_post_is_refused_with_its_cause(line, cause) -> None:
    with pytest.raises(ChannelError, match=cause):
        payload_of(json.dumps(line).encode() if isinstance(line, dict) else line, NOW)


@given(
    st.dictionaries(
        st.sampled_from(["id", "text", "author", "network", "language"]), st.text() | st.integers()
    )
)
def test_no_line_breaks_the_stream(line) -> None:
    refused: list[int] = []
    lines = Lines([[json.dumps(line).encode()]], lambda number, cause: refused.append(number))
    (page,) = lines.pages()
    assert len(page.deliveries) + len(refused) == 1


def test_refused_lines_are_told_by_number_and_empty_ones_not() -> None:
    refused: list[int] = []
    groups = [[b'{"id": 1, "text": "a"}', b"", b"{"], [None, b'{"id": 2, "text": "b"}', b"  "]]
    pages = list(Lines(groups, lambda number, cause: refused.append(number)).pages())
    assert [len(page.deliveries) for page in pages] == [1, 1]
    assert refused == [3, 4]

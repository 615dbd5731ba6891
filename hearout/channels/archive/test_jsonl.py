"""Hearout's JSON Lines hold a whole post: what is written is read back the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.channels.archive.jsonl import dump_post, parse_post, write_jsonl
from hearout.channels.archive.reading import open_archive
from hearout.channels.base import ChannelError, Delivery, IncomingAuthor, IncomingPost, Visibility

README = Path(__file__).parent / "README.md"

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
ID = TEXT.filter(str.strip)
MOMENT = st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))
COUNT = st.integers(0, 2**31 - 1)
LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
EXTRA = st.dictionaries(
    TEXT, st.recursive(LEAF, lambda below: st.lists(below) | st.dictionaries(TEXT, below), max_leaves=8)
)
AUTHOR = st.builds(IncomingAuthor, ID, ID, TEXT, st.none() | COUNT)


@st.composite
def posts(draw: st.DrawFn) -> IncomingPost:
    deleted_at = draw(st.none() | MOMENT)
    return IncomingPost(
        network=draw(ID),
        external_id=draw(ID),
        posted_at=draw(MOMENT),
        author=draw(AUTHOR if deleted_at is None else st.none() | AUTHOR),
        text=draw(TEXT),
        parent_id=draw(st.none() | ID),
        conversation_id=draw(st.none() | ID),
        page_id=draw(st.none() | ID),
        recipient_id=draw(st.none() | ID),
        visibility=draw(st.sampled_from(Visibility)),
        language=draw(st.none() | st.sampled_from(["en", "de", "zh-Hant"])),
        url=draw(st.just("") | st.just("https://network.test/p/1?a=b#c")),
        mentions=draw(st.none() | st.lists(ID, max_size=3).map(tuple)),
        revision=draw(COUNT),
        edited_at=draw(st.none() | MOMENT),
        deleted_at=deleted_at,
        automatic=draw(st.booleans()),
        by_brand=draw(st.none() | st.booleans()),
        extra=draw(EXTRA),
    )


@settings(max_examples=150, deadline=None)
@given(posts())
def test_a_post_written_is_read_back_the_same(post: IncomingPost) -> None:
    (line,) = write_jsonl([post])
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert parse_post(json.loads(line)) == post
    assert parse_post(dump_post(post)) == post


def test_a_file_written_is_read_back_the_same(tmp_path: Path) -> None:
    # Line ends of other systems inside a text must not end the line of the file.
    texts = ["a\nb", "a\r\nb", "a\rb", "a\u2028b\u2029c\x85d\x0be", "𝕏 👩‍👩‍👧"]
    moment, author = datetime(2026, 11, 21, 9, tzinfo=UTC), IncomingAuthor("u_1", "tom_on_tour")
    wanted = [
        IncomingPost("simulator", str(number), moment, author, text) for number, text in enumerate(texts)
    ]
    path = tmp_path / "posts.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(write_jsonl(wanted))
    with open_archive(path) as archive:
        assert [parse_post(json.loads(row.body)) for row in archive if isinstance(row, Delivery)] == wanted


def test_what_stands_at_its_default_is_left_out_and_times_are_in_utc() -> None:
    moment = datetime(2026, 11, 21, 10, 0, 0, 120_000, tzinfo=timezone(timedelta(hours=1)))
    post = IncomingPost("simulator", "1", moment, IncomingAuthor("u_1", "mira_k"))
    assert dump_post(post) == {
        "network": "simulator",
        "external_id": "1",
        "posted_at": "2026-11-21T09:00:00.120000Z",
        "author": {"external_id": "u_1", "handle": "mira_k"},
    }


def test_a_link_that_is_not_of_the_web_is_dropped() -> None:
    line = {"network": "n", "external_id": "1", "posted_at": "2026-11-21T09:00:00Z"}
    line |= {"author": {"external_id": "u", "handle": "h"}}  # type: ignore[dict-item]
    for url in ("javascript:alert(1)", "data:text/html,x", "//a.b", 'https://a.b/" onclick=', " http://a.b"):
        assert parse_post(line | {"url": url}).url == ""
    assert parse_post(line | {"url": "https://a.b/c?d=e"}).url == "https://a.b/c?d=e"


def test_a_post_with_a_number_that_json_lacks_is_not_written() -> None:
    extra: dict[str, Any] = {"score": float("nan")}
    post = IncomingPost("n", "1", datetime(2026, 11, 21, tzinfo=UTC), IncomingAuthor("u", "h"), extra=extra)
    with pytest.raises(ValueError, match="JSON compliant"):
        list(write_jsonl([post]))


def test_the_readme_names_every_field_and_its_example_is_a_post() -> None:
    text = README.read_text(encoding="utf-8")
    for name in [*IncomingPost.__slots__, *IncomingAuthor.__slots__]:
        assert f"`{name}`" in text, name
    lines = [line for line in text.splitlines() if line.startswith('{"network"')]
    assert len(lines) >= 2
    for line in lines:
        assert dump_post(parse_post(json.loads(line))) == json.loads(line)


def test_an_author_may_be_missing_only_from_a_deletion() -> None:
    line = {"network": "n", "external_id": "1", "posted_at": "2026-11-21T09:00:00Z"}
    with pytest.raises(ChannelError, match="author is missing"):
        parse_post(line)
    assert parse_post(line | {"deleted_at": "2026-11-21T10:00:00Z"}).author is None

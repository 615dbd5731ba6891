"""JSON of a file, by lines or as one document: whatever is in it, reading goes on."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hearout.channels.archive import bluesky, mastodon, test_bluesky, test_mastodon, test_x, x
from hearout.channels.archive.conftest import Reader
from hearout.channels.archive.jsonl import dump_post, parse_post
from hearout.channels.archive.lines import LineFile, Rejected
from hearout.channels.archive.values import values
from hearout.channels.base import IncomingPost
from hearout.channels.hostile import JUNK, broken_bodies, odd_posts

POST = json.loads((Path(__file__).parent / "fixtures" / "posts.jsonl").read_text().splitlines()[0])
SAMPLES: dict[str, Any] = {
    "hearout": POST,
    "x": test_x.PAGE,
    "bluesky": test_bluesky.event(test_bluesky.MIRA, test_bluesky.KEY, test_bluesky.COMPLAINT),
    "mastodon": test_mastodon.COMPLAINT,
}


@pytest.mark.parametrize("format", SAMPLES)
def test_hostile_lines_end_as_posts_or_rejected_and_the_next_is_read(read: Reader, format: str) -> None:
    good = json.dumps(SAMPLES[format]).encode()
    lines = [body for _, body in [*broken_bodies(SAMPLES[format]), *odd_posts(SAMPLES[format])]]
    one_each = [body for body in lines if len(body) < 1 << 20 and b"\n" not in body and b"\r" not in body]
    told = read(b"\n".join([good, *one_each, good]), format)
    wanted = read(good, format).posts
    assert told.posts[: len(wanted)] == wanted
    assert told.posts[-len(wanted) :] == wanted
    assert len(told.rejected) > 20


@pytest.mark.parametrize("value", JUNK, ids=ascii)
def test_hostile_parts_of_a_response_cost_no_more_than_themselves(read: Reader, value: Any) -> None:
    tweet = test_x.COMPLAINT
    pages = [
        {"data": value},
        {"data": [value, tweet]},
        {"data": [tweet], "includes": value},
        {"data": [tweet], "includes": {"users": value, "tweets": value}},
        {"data": [tweet], "includes": {"users": [value], "tweets": [value]}},
        {"data": [tweet | {"referenced_tweets": value}]},
        {"data": [tweet | {"referenced_tweets": [value, {"type": "replied_to", "id": value}]}]},
        {"data": [tweet | {"entities": value}]},
        {"data": [tweet | {"entities": {"mentions": [value, {"username": value}]}}]},
    ]
    told = read([test_x.PAGE, *pages, test_x.PAGE], "x")
    assert told.posts[-2:] == told.posts[:2]
    assert told.posts[2].external_id == tweet["id"]


def test_a_document_gives_its_objects_with_their_lines(read: Reader) -> None:
    told = read(json.dumps([POST, POST | {"text": 7}, POST], indent=1))
    assert len(told.posts) == 2
    ((line, reason),) = told.reasons
    assert (line, reason) == (19, "The post: text is a number, not text.")
    assert read(json.dumps(POST, indent=4)).posts == told.posts[:1]
    assert read("\n\n" + json.dumps([[POST], [POST]])).posts == told.posts


def test_a_bad_object_of_a_document_is_rejected_and_the_next_line_is_read(read: Reader) -> None:
    line = json.dumps(POST)
    told = read("[\n" + line + ',\n{"broken": "},\n' + line + ",\n" + line[:-2] + "\n")
    assert len(told.posts) == 2
    assert [number for number, _ in told.reasons] == [3, 5]
    assert "Here the file is not JSON" in told.reasons[0][1]


def test_a_document_may_be_larger_than_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    line = json.dumps(POST | {"extra": {"padding": "x" * 4_000}})
    with path.open("w") as file:
        file.write("[" + line)
        for _ in range(6_000):
            file.write(", " + line)
        file.write("]")
    tracemalloc.start()
    with LineFile(path) as opened:
        assert sum(1 for _ in values(opened)) == 6_001
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < path.stat().st_size / 8


def test_a_value_that_never_ends_is_rejected(read: Reader) -> None:
    for content in ('[{"a": "' + "x" * 200_000, "[" + '{"a":' * 5_000, '[{"a": 1} spam {"b": 2}'):
        told = read(content, "hearout")
        assert told.posts == []
        assert told.rejected


def test_readers_of_values_stand_by_themselves() -> None:
    warnings: Counter[str] = Counter()
    for module in (x, bluesky, mastodon):
        assert not module.looks_like({})
    rows = list(x.Responses(warnings).posts(test_x.PAGE))
    assert all(isinstance(row, IncomingPost) and parse_post(dump_post(row)) == row for row in rows)
    assert not any(isinstance(row, Rejected) for row in rows)

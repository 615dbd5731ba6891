"""`hearout match` as a shell runs it: posts in, matches out."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

COMMAND = (sys.executable, "-m", "hearout.cli", "match")
QUERIES = """
[[query]]
name = "Care"
expression = '"tidewing care" OR #tidewingcare NOT surfboard'

[[query]]
name = "Late in German"
expression = "tidewing NEAR/5 (late OR spät)"
languages = ["de"]
tolerance = false

[[query]]
name = "Mira"
expression = "author:mira_k network:bluesky place:Porto"
"""


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """An environment without a home or a database."""
    return os.environ | {
        "HEAROUT_HOME": str(tmp_path / "none"), "HEAROUT_DATABASE_URL": "postgresql://127.0.0.1:1/none", "LC_ALL": "C",
        "COLUMNS": "200",
    }  # fmt: skip


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "queries.toml"
    path.write_text(QUERIES, "utf-8")
    return path


def post(id: Any, text: Any, **more: Any) -> bytes:
    return json.dumps({"id": id, "text": text, **more}).encode()


def run(
    lines: Sequence[bytes], env: dict[str, str], toml: Path, *words: str
) -> subprocess.CompletedProcess[bytes]:
    command = [*COMMAND, "--queries", str(toml), *words]
    return subprocess.run(command, input=b"\n".join(lines), capture_output=True, env=env, check=False)


def told(lines: Sequence[bytes], env: dict[str, str], toml: Path, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(lines, env, toml, *words).stdout.splitlines()]


def test_a_match_tells_query_directness_words_and_distance(nowhere, toml) -> None:
    [found] = told([post(7, "Is #TidewingCare awake? Tidewing Care, hello")], nowhere, toml)
    assert found == {
        "id": 7,
        "matches": [
            {
                "query": "Care",
                "directness": "indirect",
                "words": ["#TidewingCare", "Tidewing Care"],
                "distance": 0,
            }
        ],
    }


def test_what_is_told_of_a_post_is_asked_for(nowhere, toml) -> None:
    lines = [
        post(1, "Tidewing schon wieder spät", language="de-AT", created_at="2026-11-22T12:00:00Z"),
        post(2, "Tidewing schon wieder spät", language="en"),
        post(3, "hi", author="@Mira_K", network="Bluesky", place="Porto, Portugal", language=None),
        post(4, "tidewing care surfboard"),
    ]
    names = [[one["query"] for one in found["matches"]] for found in told(lines, nowhere, toml)]
    assert names == [["Late in German"], [], ["Mira"], []]


def test_tolerance_is_as_each_query_says_or_as_is_asked(nowhere, toml) -> None:
    lines = [post(1, "#tidewingcaer"), post(2, "Tidewnig spät", language="de")]
    distances = [
        [[one["distance"] for one in found["matches"]] for found in told(lines, nowhere, toml, *words)]
        for words in ([], ["--tolerance"], ["--no-tolerance"])
    ]
    assert distances == [[[1], []], [[1], [1]], [[], []]]


def test_an_answer_comes_before_the_next_post_is_written(nowhere, toml) -> None:
    command = [*COMMAND, "--queries", str(toml)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=nowhere) as process:
        try:
            assert process.stdin
            assert process.stdout
            for id in (1, 2):
                process.stdin.write(post(id, "#tidewingcare") + b"\n")
                process.stdin.flush()
                ready, _, _ = select.select([process.stdout], [], [], 60)
                assert ready
                assert json.loads(process.stdout.readline())["id"] == id
        finally:
            process.kill()


BAD: list[tuple[bytes, str | float | None, str]] = [
    (b"where is my bag", None, "not JSON"),
    (b"", None, "empty"),
    (b"[1, 2]", None, "not an object"),
    (b'{"id": 7}', 7, 'no "text"'),
    (b'{"id": 7, "text": null}', 7, "not a string"),
    (b'{"id": [7], "text": "hi"}', None, "neither a string nor a number"),
    (b'{"id": true, "text": "hi"}', None, "neither a string nor a number"),
    (b'{"id": NaN, "text": "hi"}', None, "NaN"),
    (b'{"id": 1e999, "text": "hi"}', None, "too large"),
    (b'{"id": 7, "text": "hi", "place": 5}', 7, '"place" is not a string'),
    (b'{"id": 7, "text": "hi", "created_at": "noon"}', 7, '"created_at" is not a time'),
    (b'{"id": 7, "text": "caf\xe9"}', None, "not UTF-8: byte 0xe9"),
    (b'{"id": 7, "text": ' + b"[" * 200_000, None, "nested"),
]


def test_a_bad_line_is_answered_in_its_place_and_told(nowhere, toml) -> None:
    lines = [line for bad, _, _ in BAD for line in (bad, post("after", "#tidewingcare"))]
    done = run(lines, nowhere, toml)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(one["matches"]) for one in found[1::2]] == [1] * len(BAD)
    for number, (fault, (line, id, said)) in enumerate(zip(found[::2], BAD, strict=True)):
        assert (fault["id"], fault["line"]) == (id, 2 * number + 1), line[:30]
        assert said in fault["error"]
    errors = done.stderr.decode().splitlines()
    assert errors[0] == "line 1: not JSON: Expecting value at 0"
    assert errors[-1] == f"{len(BAD)} of {2 * len(BAD)} lines could not be read."
    assert done.returncode == 0


def test_the_status_says_when_every_line_failed_or_any_if_that_is_asked(nowhere, toml) -> None:
    some, none = [b"x", post(1, "hi")], [b"x"]
    assert [run(some, nowhere, toml).returncode, run(none, nowhere, toml).returncode] == [0, 1]
    assert run(some, nowhere, toml, "--strict").returncode == 1
    assert run([post(1, "hi")], nowhere, toml, "--strict").returncode == 0


def test_any_text_and_any_id_has_an_answer_in_order(nowhere, toml) -> None:
    texts = [
        "",
        "\0#tidewingcare",
        "\ud800 #tidewingcare",
        "#tidewingcare\u202e",
        "🛫" * 1000,
        "a\u0301" * 5000,
        "#" * 9999,
    ]
    ids = ["x", 0, -1, 2**70, 1.5, None, "\u2028"]
    found = told([post(id, text) for id, text in zip(ids, texts, strict=True)], nowhere, toml)
    assert [one["id"] for one in found] == ids
    assert [len(one["matches"]) for one in found] == [0, 1, 1, 1, 0, 0, 0]


def test_what_breaks_lines_elsewhere_is_escaped(nowhere, toml) -> None:
    done = run([post("\u2028\x85", "hi")], nowhere, toml)
    assert len(done.stdout.decode().splitlines()) == 1
    assert json.loads(done.stdout)["id"] == "\u2028\x85"


def test_ten_thousand_posts_come_out_in_order_one_for_one(nowhere, toml, tmp_path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(
        b"\n".join(post(id, "#tidewingcare" if id % 7 == 0 else "nothing") for id in range(10_000))
    )
    found = told([], nowhere, toml, str(path))
    assert [(one["id"], bool(one["matches"])) for one in found] == [(id, id % 7 == 0) for id in range(10_000)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no queries"),
        ('[[query]]\nname = "a"\nexpression = "care AND"', "^"),
        ('[[query]]\nname = "a"\nexpresion = "care"', "did you mean"),
        ("[[query", "no TOML"),
    ],
)
def test_faulty_queries_are_said_in_words(nowhere, tmp_path, content: str, said: str) -> None:
    toml = tmp_path / "faulty.toml"
    toml.write_text(content, "utf-8")
    done = run([post(1, "hi")], nowhere, toml)
    assert (done.returncode, done.stdout) == (1, b"")
    assert "faulty.toml" in done.stderr.decode()
    assert said in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_file_of_queries_that_is_not_there_is_said(nowhere, tmp_path) -> None:
    done = run([], nowhere, tmp_path / "none.toml")
    assert done.returncode == 1
    assert "none.toml" in done.stderr.decode()


def test_neither_django_nor_a_database_is_needed(nowhere, toml) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *COMMAND[1:], "--queries", str(toml), "--no-tolerance"],
        input=post(1, "hi"), capture_output=True, env=nowhere, check=True,
    )  # fmt: skip
    imported = {line.split(b"|")[-1].strip() for line in done.stderr.splitlines()}
    assert b'"id":1' in done.stdout
    assert not [name for name in imported if name.startswith((b"django", b"wordfreq"))]

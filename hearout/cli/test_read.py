"""`hearout read` as a shell runs it: lines in, lines out."""

from __future__ import annotations

import json
import os
import select
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from hearout.cli.read_lines import LONGEST_LINE
from hearout.cli.tier import accurate_can_run

COMMAND = (sys.executable, "-m", "hearout.cli", "read", "--tier", "fast")
FIELDS = [
    "id", "language", "kind", "sentiment", "emotion", "urgency", "needs_answer", "sarcasm", "confidence", "reasons",
    "abstained", "topics", "model",
]  # fmt: skip
LABELS = FIELDS[1:8]


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """An environment without a home or a database, whose locale knows no UTF-8."""
    return os.environ | {
        "HEAROUT_HOME": str(tmp_path / "none" / "such"), "HEAROUT_DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii",
    }  # fmt: skip


def post(id: Any, text: Any, **more: Any) -> bytes:
    return json.dumps({"id": id, "text": text, **more}, ensure_ascii=False).encode()


def run(lines: Sequence[bytes], env: dict[str, str], *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *words], input=b"\n".join(lines), capture_output=True, env=env, check=False
    )


def told(lines: Sequence[bytes], env: dict[str, str], *words: str) -> list[dict[str, Any]]:
    """One object a line, as a program that breaks lines at whatever Unicode calls a line would see them."""
    return [json.loads(line) for line in run(lines, env, *words).stdout.decode().splitlines()]


@contextmanager
def running(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_post_is_answered_in_the_fields_that_were_promised(nowhere) -> None:
    (found,) = told([post(1, "@tidewing where is my bag?? third time I ask, still waiting")], nowhere)
    assert list(found) == FIELDS
    assert (found["id"], found["language"], found["kind"]) == (1, "en", "complaint")
    assert (found["sentiment"], found["urgency"], found["needs_answer"]) == ("negative", "high", True)
    assert list(found["confidence"]) == LABELS
    assert all(0 <= sure <= 1 for sure in found["confidence"].values())
    why = {reason["label"]: reason["words"] for reason in found["reasons"]}
    assert "still waiting" in why["kind"]
    assert found["model"].startswith("fast-")


def test_an_answer_comes_before_the_next_post_is_written(nowhere) -> None:
    with running(nowhere) as process:
        assert process.stdin
        assert process.stdout
        for id in (1, "two"):
            process.stdin.write(post(id, "@tidewing is the lounge open?") + b"\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], 60)
            assert ready, "no answer while the pipe stays open"
            assert json.loads(process.stdout.readline())["id"] == id


def test_a_line_cut_in_two_by_the_pipe_is_one_post(nowhere) -> None:
    line = post("ü", "Wo ist mein Gepäck?") + b"\n"
    with running(nowhere) as process:
        assert process.stdin
        assert process.stdout
        for part in (line[:9], line[9:]):  # within the two bytes of ü
            process.stdin.write(part)
            process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == "ü"


def test_many_posts_come_out_in_order_one_for_one(nowhere) -> None:
    found = told([post(n, f"@tidewing where is bag {n}?") for n in range(1_234)], nowhere)
    assert [one["id"] for one in found] == list(range(1_234))


def test_neither_django_nor_a_database_is_needed(nowhere) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *COMMAND[1:]],
        input=post(1, "hi"), capture_output=True, env=nowhere, check=True,
    )  # fmt: skip
    assert b'"id":1' in done.stdout
    assert not [
        line for line in done.stderr.splitlines() if line.split(b"|")[-1].strip().startswith(b"django")
    ]


BAD: list[tuple[bytes, str | float | None, str]] = [
    (b"where is my bag", None, "not JSON"),
    (b"", None, "empty"),
    (b"[1, 2]", None, "not an object"),
    (b"null", None, "not an object"),
    (b'{"id": 7}', 7, 'no "text"'),
    (b'{"id": 7, "text": 5}', 7, "not a string"),
    (b'{"id": 7, "text": null}', 7, "not a string"),
    (b'{"id": [7], "text": "hi"}', None, "neither a string nor a number"),
    (b'{"id": true, "text": "hi"}', None, "neither a string nor a number"),
    (b'{"id": NaN, "text": "hi"}', None, "NaN"),
    (b'{"id": 1e999, "text": "hi"}', None, "too large"),
    (b'{"id": 7, "text": "hi", "language": 5}', 7, '"language" is not a code'),
    (b'{"id": 7, "text": "caf\xe9"}', None, "not UTF-8: byte 0xe9"),
    (b'{"id": 7, "text": ' + b"[" * 200_000, None, "nested"),
    (b'{"id": 7, "text": "' + b"x" * 2 * LONGEST_LINE + b'"}', None, "longer than"),
    (b'{"id": ' + b"9" * 5_000 + b', "text": "hi"}', None, "not JSON"),
]


def test_a_bad_line_is_answered_in_its_place_and_the_next_is_read(nowhere) -> None:
    done = run([line for bad, _, _ in BAD for line in (bad, post("after", "hi"))], nowhere)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in found[1::2]] == ["after"] * len(BAD)
    for number, (fault, (line, id, said)) in enumerate(zip(found[::2], BAD, strict=True)):
        assert (fault["id"], fault["line"]) == (id, 2 * number + 1), line[:30]
        assert said in fault["error"]
    assert done.stderr.decode() == f"{len(BAD)} of {2 * len(BAD)} lines could not be read.\n"
    assert done.returncode == 0


def test_the_status_says_when_every_line_failed_or_any_if_that_is_asked(nowhere) -> None:
    assert run([b"nope", b"no"], nowhere).returncode == 1
    assert run([b"nope", post(1, "hi")], nowhere, "--strict").returncode == 1
    assert run([post(1, "hi")], nowhere, "--strict").returncode == 0
    silent = run([], nowhere)
    assert (silent.returncode, silent.stdout, silent.stderr) == (0, b"", b"")


HOSTILE = (
    "", " \t ", "😡😡😡", "\0", "\x1b[31m", "שלום \u202eabc\u202c", "<script>alert(1)</script>", "QUJD" * 25_000,
    "\u200b" * 9, "\u2028 so\u0085bad", "x" * 100_000, "хочу cafe 东京 @tidewing",
)  # fmt: skip


def test_any_text_has_an_answer(nowhere) -> None:
    found = told([post(text[:50], text) for text in HOSTILE], nowhere)
    assert [one["id"] for one in found] == [text[:50] for text in HOSTILE]
    assert all(list(one) == FIELDS for one in found)


def test_half_characters_come_back_as_they_came_in(nowhere) -> None:
    done = run([b'{"id": "\\ud800", "text": "bad \\udc00 flight"}'], nowhere)
    assert done.stdout.startswith(b'{"id":"\\ud800"')
    assert json.loads(done.stdout)["kind"] in ("complaint", "other")


def test_numbers_stay_numbers_and_strings_strings(nowhere) -> None:
    ids = [7, "7", -1.5, 10**30, None]
    assert [one["id"] for one in told([post(id, "hi") for id in ids], nowhere)] == ids


def test_a_language_that_is_given_is_respected(nowhere) -> None:
    given = {"de": "de", "DE": "de", "pt-BR": "pt", "zh_Hant_TW": "zh", "und": "en", "": "en", "qme": "en"}
    text = "where is my bag, I have been waiting for hours"
    found = told([post(code, text, language=code) for code in given], nowhere)
    assert {one["id"]: one["language"] for one in found} == given
    assert all((one["confidence"]["language"] == 1.0) == (one["language"] != "en") for one in found)
    assert not [one for one in found if "language" in one["abstained"]]
    alone, helped = told([post(1, "genial"), post(2, "genial", language="es")], nowhere)
    assert (alone["sentiment"], helped["sentiment"]) == ("neutral", "positive")
    wordless = told([post(1, "", language="de")], nowhere)[0]
    assert (wordless["language"], "language" in wordless["abstained"]) == ("de", False)
    swedish = told([post(1, "var är min väska", language="sv")], nowhere)[0]
    assert {"kind", "sentiment", "emotion"} <= set(swedish["abstained"]), "nobody learnt from Swedish"


def test_a_label_without_confidence_is_abstained_from(nowhere) -> None:
    (found,) = told([post(1, "Great job losing my bag")], nowhere, "--tier", "rules")
    missing = [label for label in LABELS if label not in found["confidence"]]
    assert missing == [label for label in missing if label in found["abstained"]]
    assert found["model"] == "rules-1"


@pytest.mark.skipif(not accurate_can_run(), reason="the accurate tier is not installed")
def test_no_processor_time_is_no_second_reading(nowhere) -> None:
    lines = [post(1, "my bag is lost AGAIN, where is it?")]
    for budget, model in (("1", "accurate"), ("0", "fast")):
        (found,) = told(lines, nowhere, "--tier", "auto", "--budget", budget)
        assert found["model"].startswith(model)


def test_more_than_a_core_is_refused_in_a_sentence(nowhere) -> None:
    done = run([post(1, "hi")], nowhere, "--budget", "1.5")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--budget" in done.stderr


def test_a_file_is_read_like_the_pipe_with_its_mark_and_its_carriage_returns(nowhere, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + post(1, "hi") + b"\r\n" + post(2, "hi") + b"\r\n")
    done = run([], nowhere, str(path))
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 2]


def test_a_file_that_is_not_there_is_said_in_a_sentence(nowhere, tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none.jsonl", "No such file"), (tmp_path, "is a folder")):
        done = run([], nowhere, str(path))
        assert done.returncode == 1
        assert said in " ".join(done.stderr.decode().split())


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("{} <&-", "Standard input is closed"),
        ("echo '{{}}' | {} >&-", "Standard output is closed"),
        ("echo '{{}}' | {} > /dev/full", "cannot be written: No space left"),
    ],
)
def test_a_closed_or_full_end_is_said_in_a_sentence(nowhere, shell: str, said: str) -> None:
    done = subprocess.run(
        ["sh", "-c", shell.format(shlex.join(COMMAND))], capture_output=True, env=nowhere, check=False
    )
    told = " ".join(done.stderr.decode().split())
    assert (done.returncode, told[:8]) == (1, "hearout:")
    assert said in told


def test_it_ends_in_silence_when_nobody_listens_any_more(nowhere) -> None:
    lines = b"".join(post(n, "@tidewing where is my bag?") + b"\n" for n in range(2_000))
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=nowhere
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(lines[: lines.index(b"\n") + 1])
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        with suppress(BrokenPipeError):
            while True:
                process.stdin.write(lines)
        process.stdin = None
        assert process.stderr.read() == b""

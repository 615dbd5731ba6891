"""Archives of Hearout and TWCS: every row is a post or is rejected with its line and a reason."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hearout.channels.archive.jsonl import parse_post
from hearout.channels.archive.lines import MAX_LINE
from hearout.channels.archive.reading import ArchiveFormat, Rejected, open_archive
from hearout.channels.base import ChannelError, Delivery, IncomingPost

FIXTURES = Path(__file__).parent / "fixtures"
HEADER = b"tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
ROW = b"7,103,True,Sat Nov 21 09:14:03 +0000 2026,@tidewing hello,,\n"
LINE = (FIXTURES / "posts.jsonl").read_bytes().splitlines(keepends=True)[1]


def read(path: Path, format: str | None = None) -> tuple[list[IncomingPost], list[Rejected]]:
    with open_archive(path, format) as archive:
        rows = list(archive)
        assert archive.position == archive.size
    posts = [parse_post(json.loads(row.body)) for row in rows if isinstance(row, Delivery)]
    return posts, [row for row in rows if isinstance(row, Rejected)]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "archive"
    path.write_bytes(content)
    return path


def test_the_public_twcs_sample_gives_4999_posts_and_two_rejected_rows(shared_data: Path) -> None:
    posts, rejected = read(shared_data / "twcs_small" / "monalisa_twcs.csv")
    assert len(posts) == 4_999
    assert len({post.external_id for post in posts}) == 4_999
    assert [(row.line, row.reason) for row in rejected] == [
        (2589, "The row has 6 of 8 columns: it is torn over several lines."),
        (2591, "The row has 3 of 8 columns: it is torn over several lines."),
    ]
    assert rejected[0].raw.startswith(b"2484,3399,")
    assert rejected[1].raw.endswith(b",3398,\n")
    moments = sorted(post.posted_at for post in posts)
    assert (moments[0].date().isoformat(), moments[-1].date().isoformat()) == ("2011-08-29", "2017-12-03")


def test_a_twcs_row_becomes_a_post_of_twitter() -> None:
    posts, rejected = read(FIXTURES / "twcs.csv")
    assert rejected == []
    answer, complaint, question = posts
    assert (answer.network, answer.external_id, answer.parent_id) == ("twitter", "1", "3")
    assert answer.author is not None
    assert (answer.author.external_id, answer.author.handle) == ("tidewingcare", "tidewingcare")
    assert answer.text == "@103 Hello Mira & sorry! May I have the number of your bag?"
    assert [post.by_brand for post in posts] == [True, False, False]
    assert (complaint.parent_id, complaint.text) == (
        None,
        '@tidewing my bag has been gone,\nfor "3" days\n\n#tidewing',
    )
    assert question.posted_at == datetime(2026, 11, 21, 9, 14, 3, tzinfo=UTC)


def test_the_format_is_told_by_the_first_line_and_can_be_given(tmp_path: Path) -> None:
    for name, format in (("twcs.csv", ArchiveFormat.TWCS), ("posts.jsonl", ArchiveFormat.HEAROUT)):
        with open_archive(FIXTURES / name) as archive:
            assert archive.format is format
        assert read(FIXTURES / name) == read(FIXTURES / name, format)
    with pytest.raises(ChannelError, match="no archive format 'xlsx'"):
        open_archive(FIXTURES / "twcs.csv", "xlsx")
    assert read(FIXTURES / "posts.jsonl", "jsonl") == read(FIXTURES / "posts.jsonl")
    with pytest.raises(ChannelError, match="names no columns"):
        read(FIXTURES / "posts.jsonl", "twcs")
    with pytest.raises(ChannelError, match="no column inbound, created_at, text"):
        read(written(tmp_path, b"tweet_id,author_id,in_response_to_tweet_id\n"), "twcs")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n", b"\x1f\x8bno gzip", b"\xff\xfe{\x00"])
def test_a_file_of_no_known_format_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ChannelError) as caught:
        open_archive(written(tmp_path, content))
    assert caught.value.permanent


@pytest.mark.parametrize("name", ["twcs.csv", "posts.jsonl"])
def test_gzip_and_a_byte_order_mark_make_no_difference(tmp_path: Path, name: str) -> None:
    plain = (FIXTURES / name).read_bytes()
    wanted = read(FIXTURES / name)
    assert len(wanted[0]) >= 3
    assert read(written(tmp_path, gzip.compress(plain))) == wanted
    assert read(written(tmp_path, b"\xef\xbb\xbf" + plain)) == wanted
    assert read(written(tmp_path, plain.replace(b"\n", b"\r\n")))[1] == []


def test_columns_may_stand_in_any_order_and_blank_lines_are_no_rows(tmp_path: Path) -> None:
    content = (
        b"\ntext,tweet_id,inbound,created_at,author_id,in_response_to_tweet_id,extra\n\n"
        b"hello,7,True,Sat Nov 21 09:14:03 +0000 2026,103,,\n\n\n"
    )
    (post,), rejected = read(written(tmp_path, content))
    assert (post.external_id, post.text, rejected) == ("7", "hello", [])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"7,103,True\n", "The row has 3 of 7 columns: it is torn over several lines."),
        (ROW[:-1] + b",,\n", "The row has 9 of 7 columns: it is split by a stray comma."),
        (ROW.replace(b"7,", b"seven,", 1), "tweet_id is 'seven', not a number."),
        (ROW.replace(b"7,", b",", 1), "tweet_id is empty."),
        (ROW.replace(b",103,", b", ,"), "The row has no author_id."),
        (ROW.replace(b",True,", b",maybe,"), "inbound is 'maybe', neither true nor false."),
        (
            ROW.replace(b"hello,,", b"hello,,1e+18"),
            "in_response_to_tweet_id is '1e+18', rounded, perhaps by a spreadsheet: its digits are lost.",
        ),
        (ROW.replace(b"Nov 21", b"Nov 31"), "a time that does not exist."),
        (ROW.replace(b"Sat Nov", b"Sat Nox"), "not a time such as"),
        (ROW.replace(b"2026", b"0001").replace(b"+0000", b"+9900"), "a time that does not exist."),
        (ROW.replace(b"hello", b"hel\0lo"), "The row contains a NUL character."),
        (ROW.replace(b"hello", b"hel\xfflo"), "The line is not UTF-8."),
        (ROW.replace(b"hello", b"hel\xed\xa0\xbdlo"), "The line is not UTF-8."),
        (ROW.replace(b"@tidewing hello", b'"hello" you'), "The row is not CSV"),
        (ROW.replace(b"@tidewing hello", b'"hello'), "The row is not CSV"),
        (ROW.replace(b"hello", b"x" * 150_000), "The row is not CSV: field larger"),
        (ROW.replace(b"hello", b"x" * MAX_LINE), "The line has more than 1,048,576 characters."),
    ],
)
def test_a_bad_twcs_row_is_rejected_and_the_next_is_read(tmp_path: Path, row: bytes, reason: str) -> None:
    posts, rejected = read(written(tmp_path, HEADER + row + ROW * 2))
    assert len(posts) == 2
    assert [bad.line for bad in rejected] == [2]
    assert reason in rejected[0].reason
    assert row.startswith(rejected[0].raw)


def test_a_quote_that_is_never_closed_costs_one_row_not_the_file(tmp_path: Path) -> None:
    stray = ROW.replace(b"@tidewing", b'"')
    posts, rejected = read(written(tmp_path, HEADER + ROW * 2 + stray + ROW * 5_000))
    assert len(posts) == 5_002
    assert [bad.line for bad in rejected] == [4]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"no JSON\n", "not JSON"),
        (b"{}\n", "missing"),
        (b"[]\n", "not an object"),
        (b"\0\n", "not JSON"),
        (LINE.replace(b"Hello", b"\\u0000"), "NUL"),
        (LINE.replace(b"Hello", b"\\ud83d"), "lone surrogate"),
        (LINE.replace(b"Hello", b"\xff"), "not UTF-8"),
        (LINE.replace(b"Hello", b"x" * MAX_LINE), "more than 1,048,576 characters"),
        (LINE.replace(b"Hello", "é".encode() * 600_000), "600,052 characters"),
        (LINE.replace(b'"parent_id"', b'"parent"'), "unknown field 'parent'"),
        (LINE.replace(b'"handle"', b'"nick"'), "unknown field 'nick'"),
        (LINE.replace(b"T09:20:00Z", b"T09:20:00"), "no time zone"),
        (LINE[:-2] + b',"extra":' + b"[" * 40 + b"]" * 40 + b"}\n", "not an object"),
        (LINE[:-2] + b',"extra":{"a":' + b"[" * 40 + b"]" * 40 + b"}}\n", "nested more than"),
        (LINE[:-2] + b',"extra":{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}}\n", "nested too deeply"),
        (LINE[:-2] + b',"extra":{"a":1e999}}\n', "too large"),
        (LINE[:-2] + b',"extra":{"\\u0000":1}}\n', "NUL"),
    ],
)
def test_a_bad_json_line_is_rejected_and_the_next_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    posts, rejected = read(written(tmp_path, LINE + line + LINE), "jsonl")
    assert len(posts) == 2
    assert [bad.line for bad in rejected] == [2]
    assert reason in rejected[0].reason
    assert line.startswith(rejected[0].raw)


def test_a_compressed_file_that_ends_early_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b"%d" % number + ROW for number in range(9_000, 60_000)))
    with open_archive(written(tmp_path, gzip.compress(HEADER) + packed[: len(packed) // 2])) as archive:
        rows = list(archive)
    *posts, last = rows
    assert len(posts) > 100
    assert isinstance(last, Rejected)
    assert "cannot be read any further" in last.reason


def test_a_line_without_end_is_never_held_as_a_whole(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "long.jsonl.gz", "wb") as file:
        file.write(LINE)
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + LINE)
    tracemalloc.start()
    posts, rejected = read(tmp_path / "long.jsonl.gz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(posts), [row.line for row in rejected], len(rejected[0].raw)) == (2, [2], 64 << 10)
    assert peak < 24 << 20

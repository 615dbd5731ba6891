"""Files as they come: packed, in other encodings, cut off, re-saved by a spreadsheet, or not archives at all."""

from __future__ import annotations

import bz2
import gzip
import random
from pathlib import Path

import pyarrow as arrow
import pytest

from hearout.channels.archive.conftest import Reader
from hearout.channels.archive.mapping import ColumnMapping
from hearout.channels.archive.reading import CUT_OFF, MOJIBAKE, Rejected, open_archive
from hearout.channels.base import ChannelError, IncomingPost

FIXTURES = Path(__file__).parent / "fixtures"
TWCS = (FIXTURES / "twcs.csv").read_bytes()
HEARD = (FIXTURES / "posts.jsonl").read_bytes()
HEADER = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
ROW = "7,103,True,Sat Nov 21 09:14:03 +0000 2026,@tidewing hello,,\n"


def zstd(content: bytes) -> bytes:
    return bytes(arrow.compress(content, codec="zstd", asbytes=True))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd])
@pytest.mark.parametrize("content", [TWCS, HEARD])
def test_packed_files_tell_what_plain_ones_do(read: Reader, pack: object, content: bytes) -> None:
    assert callable(pack)
    wanted = read(content)
    assert len(wanted.posts) >= 3
    half = content.index(b"\n") + 1
    assert read(pack(content)) == wanted
    assert read(pack(content[:half]) + pack(content[half:])) == wanted


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, zstd])
def test_a_packed_file_that_ends_early_gives_what_it_holds_and_says_so(read: Reader, pack: object) -> None:
    assert callable(pack)
    chance = random.Random(7)
    rows = "".join(f"{number}{ROW.replace('hello', chance.randbytes(1_000).hex())}" for number in range(900))
    packed = pack((HEADER + rows).encode())
    told = read(packed[: len(packed) * 3 // 4])
    assert len(told.posts) > 100
    assert [row.kind for row in told.rejected][-1].startswith("The file cannot be read any further")
    assert told.warnings == {CUT_OFF: 1}


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("content", [TWCS, HEARD])
def test_other_encodings_of_unicode_are_found_out(read: Reader, content: bytes, name: str) -> None:
    wanted = read(content)
    assert read(content.decode("utf-8").encode(name)) == wanted


def test_a_file_in_another_encoding_is_said_and_can_be_named(read: Reader) -> None:
    content = (HEADER + ROW * 2 + ROW.replace("hello", "grüße")).encode("cp1252")
    told = read(content)
    assert len(told.posts) == 2
    assert told.reasons == [
        (4, "The line is not UTF-8. If the whole file has another encoding, name that in a mapping.")
    ]
    told = read(content, mapping=ColumnMapping(encoding="cp1252"))
    assert (told.format, told.posts[2].text) == ("twcs", "@tidewing grüße")


def test_texts_that_were_decoded_wrongly_before_are_counted(read: Reader) -> None:
    good = ["GRÜSSE", "São Paulo", "NÃO!", "5 € → 7 £", "naïve Â", "👍🏽"]
    bad = [word.encode().decode("cp1252", "replace") for word in ("grüße", "don’t", "😀 wow", "3 €")]
    rows = [ROW.replace("hello", word) for word in good + bad]
    told = read(HEADER + "".join(rows))
    assert len(told.posts) == len(rows)
    assert told.warnings == {MOJIBAKE: len(bad)}


def test_a_twcs_file_that_a_spreadsheet_saved_again_is_read_as_far_as_it_is_true(read: Reader) -> None:
    rows = [
        "1.0;tidewingcare;FALSCH;Sat Nov 21 09:20:00 +0000 2026;'@103 Hello Mira;;3,0",
        '3;103;WAHR;Sat Nov 21 09:14:03 +0000 2026;="@tidewing my bag";1;',
        "1,23457E+17;104;TRUE;Sat Nov 21 10:14:03 +0100 2026;lost;;",
    ]
    for before in ("", "sep=;\r\n"):
        told = read(("\ufeff" + before + HEADER.replace(",", ";") + "\r\n".join(rows)).encode())
        answer, complaint = told.posts
        assert told.format == "twcs"
        assert (answer.external_id, answer.parent_id, answer.by_brand) == ("1", "3", True)
        assert (answer.text, complaint.text) == ("@103 Hello Mira", "@tidewing my bag")
        assert [row.kind for row in told.rejected] == [
            "tweet_id is …, rounded, perhaps by a spreadsheet: its digits are lost."
        ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"PK\x03\x04xl/workbook.xml", "a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Office"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x89PNG\r\n", "a picture"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"\xfd7zXZ\x00\x00", "packed with xz"),
        (b"\n<!DOCTYPE html><html>", "sign in"),
        (gzip.compress(b"posts.csv" + b"\0" * 248 + b"ustar\0" + b"\0" * 300, mtime=0), "a tar file"),
        (b"\x1f\x8b\x08 no gzip at all", "cannot be read any further"),
        (b"Dear sirs,\n", "It is not clear which column holds"),
        (b"Dear sirs\n", "neither a JSON object nor names several columns"),
        (b"\x00\x01\x02\x03" * 40, "no archive"),
        (
            b'{"created_at":"x","id_str":"7","user":{}}\n',
            "JSON of no known kind. Its first object has the fields",
        ),
        (b"{no JSON}\n", "No line of its beginning is JSON"),
        (b"[1, 2]", "No line of its beginning is JSON"),
        (b"PAR1", "no Parquet file"),
    ],
)
def test_a_file_that_is_no_archive_is_refused_with_what_it_is(
    read: Reader, content: bytes, said: str
) -> None:
    with pytest.raises(ChannelError, match=said) as caught:
        read(content)
    assert caught.value.permanent


def test_a_header_alone_is_an_archive_without_posts(read: Reader) -> None:
    assert read(HEADER).posts == []


def test_rejected_rows_can_be_counted_by_kind() -> None:
    with open_archive(FIXTURES / "twcs.csv") as archive:
        assert all(isinstance(row, IncomingPost) for row in archive.posts())
    kinds = {
        Rejected(line, reason, b"").kind
        for line, reason in enumerate(
            [
                "tweet_id is 'a', not a number.",
                'tweet_id is "it\'s", not a number.',
                "The row has 3 of 7 columns: it is torn over several lines.",
                "The row has 12 of 7 columns: it is torn over several lines.",
                "The line has more than 1,048,576 characters.",
                "The line is not UTF-8.",
            ]
        )
    }
    assert kinds == {
        "tweet_id is …, not a number.",
        "The row has … of … columns: it is torn over several lines.",
        "The line has more than … characters.",
        "The line is not UTF-8.",
    }

"""Physical lines of a text file of any size, plain or packed, with their numbers, in constant memory."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from hearout.channels.archive.kinds import refuse_other_kinds
from hearout.channels.payload import reject

MAX_LINE = 1 << 20
"""Characters of one line. The rest of a longer one is skipped, never held."""

KEPT = 64 << 10
"""How much of a line that is too long is kept, for a person to look at."""

CUT_SHORT = "The file cannot be read any further"

HEAD = 512
"""Bytes that are looked at to find out how a file is packed and encoded."""

CHUNK = 128 << 10
"""Bytes that are unpacked at once."""

UNREADABLE = (EOFError, zlib.error, OSError)
_DOCUMENT = re.compile(r"[\s\ufeff]*(\[|\{[ \t]*[\r\n])")
_NOT_UTF_8 = re.compile("[\ud800-\udfff]")
_OF_THE_ROW = re.compile(r"'[^']*'|\"[^\"]*\"|(?<![\w-])\d+(?:[,.]\d+)*")


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its line end. Bytes that are not UTF-8 stand as lone surrogates.

    `number` counts from 1, and a lone carriage return ends a line too, as it does for Python and
    most editors. `fault` says why the line cannot be read, or is "".
    """

    number: int
    text: str
    fault: str = ""

    @property
    def raw(self) -> bytes:
        return self.text.encode("utf-8", "surrogateescape" if _escaped(self.text) else "surrogatepass")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not a post. `line` is where it begins, `raw` its bytes (at most 64 kB of a huge line)."""

    line: int
    reason: str
    raw: bytes

    @property
    def kind(self) -> str:
        """The reason without the row's own words and numbers, so that rows can be counted by it."""
        return _OF_THE_ROW.sub("…", self.reason)


class LineFile:
    """A file open for reading line by line. `position` of `size` bytes have been read from the disk.

    It may be packed with gzip, bzip2 or Zstandard, and be UTF-8 or, where its first bytes say so, UTF-16.
    `encoding` is given where it is another. A line has at most `longest` characters. `is_document`: it
    begins as JSON does that is written over many lines, or with a list.
    """

    def __init__(self, path: Path, *, encoding: str | None = None, longest: int = MAX_LINE) -> None:
        self._disk = open_bytes(path)
        self._longest = longest
        self.size = os.fstat(self._disk.fileno()).st_size
        try:
            plain = _unpacked(self._disk)
            head = _head(plain)
            refuse_other_kinds(path, head)
            name = _codec(encoding) or _encoding_of(head)
        except BaseException:
            self._disk.close()
            raise
        self.is_document = bool(_DOCUMENT.match(head.decode(name, "ignore")))
        errors = "surrogateescape" if name == "utf-8-sig" else "replace"
        self._text = io.TextIOWrapper(plain, encoding=name, errors=errors, newline="")

    @property
    def position(self) -> int:
        return self._disk.tell()

    def __enter__(self) -> LineFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._text.close()
        self._disk.close()

    def __iter__(self) -> Iterator[Line]:
        number = 0
        try:
            while text := self._text.readline(self._longest + 1):
                number += 1
                yield self._whole(number, text)
        except UNREADABLE as error:
            yield Line(number + 1, "", ends_early(error))

    def read(self, characters: int) -> str:
        """The next characters, whatever lines they stand in; "" at the end. Raises the errors of UNREADABLE."""
        return self._text.read(characters)

    def _whole(self, number: int, text: str) -> Line:
        if len(text) <= self._longest:
            return Line(number, text, encoding_fault(text))
        rest = text
        while rest and rest[-1] not in "\r\n":
            rest = self._text.readline(self._longest)
        return Line(number, text[:KEPT], f"The line has more than {self._longest:,} characters.")


def open_bytes(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        reject(f"{path} cannot be read: {error.strerror}.")


def encoding_fault(text: str) -> str:
    if text.isascii() or not _NOT_UTF_8.search(text):
        return ""
    return "The line is not UTF-8. If the whole file has another encoding, name that in a mapping."


def ends_early(error: Exception) -> str:
    return f"{CUT_SHORT}: {error}."


def _escaped(text: str) -> bool:
    return all("\udc80" <= half <= "\udcff" for half in _NOT_UTF_8.findall(text))


def _unpacked(disk: io.BufferedReader) -> io.BufferedReader:
    first = disk.peek(4)[:4]
    if first.startswith(b"\x1f\x8b"):
        return io.BufferedReader(_AsItComes(gzip.GzipFile(fileobj=disk)), CHUNK)
    if first.startswith(b"BZh"):
        return io.BufferedReader(_AsItComes(bz2.BZ2File(cast(BinaryIO, disk))), CHUNK)
    if first == b"\x28\xb5\x2f\xfd":
        import pyarrow as arrow  # takes a tenth of a second, which most files need not pay

        return io.BufferedReader(arrow.CompressedInputStream(arrow.PythonFile(disk, mode="r"), "zstd"))
    return disk


class _AsItComes(io.RawIOBase):
    """Hands on what could be unpacked before it fails: of a file cut short, all that is there."""

    def __init__(self, packed: gzip.GzipFile | bz2.BZ2File) -> None:
        self._packed = packed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        told = self._packed.read1(len(buffer))
        buffer[: len(told)] = told
        return len(told)


def _head(plain: io.BufferedReader) -> bytes:
    try:
        return plain.peek(HEAD)[:HEAD]
    except UNREADABLE:
        return b""  # whoever reads on hears of it


def _codec(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except (LookupError, ValueError):
        reject(f"There is no encoding {encoding!r}; usual ones are utf-8, cp1252, latin-1 and utf-16.")
    return "utf-8-sig" if name == "utf-8" else name


def _encoding_of(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Latin text in UTF-16 has a NUL in every other byte; some programs leave the mark out
    if len(head) >= 4 and head[1] == head[3] == 0 and head[0] and head[2]:
        return "utf-16-le"
    if len(head) >= 4 and head[0] == head[2] == 0 and head[1] and head[3]:
        return "utf-16-be"
    return "utf-8-sig"

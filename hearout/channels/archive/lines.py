"""Physical lines of a text file of any size, plain or gzip, with their numbers, in constant memory."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hearout.channels.payload import reject

MAX_LINE = 1 << 20
"""Characters of one line. The rest of a longer one is skipped, never held."""

KEPT = 64 << 10
"""How much of a line that is too long is kept, for a person to look at."""

_GZIP = b"\x1f\x8b"
_NOT_UTF_8 = re.compile("[\ud800-\udfff]")


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
        return self.text.encode("utf-8", "surrogateescape")


class LineFile:
    """A file open for reading line by line. `position` of `size` bytes have been read from the disk."""

    def __init__(self, path: Path) -> None:
        try:
            self._disk = path.open("rb")
        except OSError as error:
            reject(f"{path} cannot be read: {error.strerror}.")
        self.size = os.fstat(self._disk.fileno()).st_size
        packed = self._disk.peek(2)[:2] == _GZIP
        plain = io.BufferedReader(gzip.GzipFile(fileobj=self._disk)) if packed else self._disk
        self._text = io.TextIOWrapper(plain, encoding="utf-8-sig", errors="surrogateescape", newline="")

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
            while text := self._text.readline(MAX_LINE + 1):
                number += 1
                yield self._whole(number, text)
        except (EOFError, zlib.error, OSError) as error:
            yield Line(number + 1, "", f"The file cannot be read any further: {error}.")

    def _whole(self, number: int, text: str) -> Line:
        if len(text) <= MAX_LINE:
            return Line(number, text, "The line is not UTF-8." if _NOT_UTF_8.search(text) else "")
        rest = text
        while rest and rest[-1] not in "\r\n":
            rest = self._text.readline(MAX_LINE)
        return Line(number, text[:KEPT], f"The line has more than {MAX_LINE:,} characters.")

"""Reading an archive: each row comes out as a payload, or as rejected with its line and the reason."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from hearout.channels.archive.jsonl import dump_post, parse_post
from hearout.channels.archive.lines import Line, LineFile
from hearout.channels.archive.twcs import NEEDED, Columns
from hearout.channels.base import ChannelError, Delivery, IncomingPost
from hearout.channels.payload import decode, encode, reject


class ArchiveFormat(StrEnum):
    TWCS = "twcs"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not a post. `line` is where it begins, `raw` its bytes (at most 64 kB of a huge line)."""

    line: int
    reason: str
    raw: bytes


class Archive:
    """An open archive. Iterate it once; it holds one row at a time, whatever the file's size.

    Each step yields a `Delivery`, whose body is one line of Hearout's JSON Lines, or a `Rejected`.
    `posts()` yields the posts themselves instead, which is faster.
    `position` and `size` are bytes on disk (of the packed file when it is gzip).
    `warnings` counts, by sentence, what was read but should be known.
    """

    def __init__(self, file: LineFile, format: ArchiveFormat) -> None:
        self.format = format
        self.warnings: Counter[str] = Counter()
        self._file = file

    @property
    def size(self) -> int:
        return self._file.size

    @property
    def position(self) -> int:
        return self._file.position

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Delivery | Rejected]:
        for row in self.posts():
            yield row if isinstance(row, Rejected) else encode(dump_post(row))

    def posts(self) -> Iterator[IncomingPost | Rejected]:
        return _READERS[self.format](iter(self._file))


def open_archive(
    path: str | Path, format: str | None = None, mapping: str | Path | None = None, *, zone: str | None = None
) -> Archive:
    """Open a file, plain or gzip; without `format` the first line tells which it is.

    Raises ChannelError(permanent=True) when the file cannot be read or is of neither format.
    """
    format = ArchiveFormat.JSONL if format == "hearout" else format
    if format is not None and format not in set(ArchiveFormat):
        reject(f"There is no archive format {format!r}; there are: {', '.join(ArchiveFormat)}.")
    found = ArchiveFormat(format) if format else _format_of(Path(path))
    return Archive(LineFile(Path(path)), found)


def _format_of(path: Path) -> ArchiveFormat:
    with LineFile(path) as file:
        first = next((line for line in file if line.text.strip() or line.fault), None)
    if first is None:
        reject(f"{path} is empty.")
    if first.text.lstrip().startswith("{"):
        return ArchiveFormat.JSONL
    if "tweet_id" in first.text and "author_id" in first.text:
        return ArchiveFormat.TWCS
    raise ChannelError(
        f"{path} is neither a TWCS CSV file (its first line would name {NEEDED[0]}, {NEEDED[1]} and others) "
        f"nor Hearout's JSON Lines (its first line would begin with {{).",
        permanent=True,
    )


def _jsonl(lines: Iterator[Line]) -> Iterator[IncomingPost | Rejected]:
    for line in lines:
        if line.fault or line.text.strip():
            yield _post(line, partial(_post_of_line, line))


def _post_of_line(line: Line) -> IncomingPost:
    return parse_post(decode(line.raw))


def _twcs(lines: Iterator[Line]) -> Iterator[IncomingPost | Rejected]:
    columns: Columns | None = None
    for row, took in _rows(lines):
        if columns is None:
            columns = Columns([] if isinstance(row, Rejected) else row)
        elif isinstance(row, Rejected):
            yield row
        else:
            yield _post(took, partial(columns.post, row))


_READERS = {ArchiveFormat.JSONL: _jsonl, ArchiveFormat.TWCS: _twcs}


def _post(line: Line, read: Callable[[], IncomingPost]) -> IncomingPost | Rejected:
    if line.fault:
        return Rejected(line.number, line.fault, line.raw)
    try:
        return read()
    except ChannelError as error:
        return Rejected(line.number, error.message, line.raw)


def _rows(lines: Iterator[Line]) -> Iterator[tuple[list[str] | Rejected, Line]]:
    """Rows of a CSV file, each with the lines it took as one; blank lines between rows are not rows.

    A quote that is never closed would swallow all that follows. So when a row cannot be read, only
    its first line is rejected, and reading goes on at the second.
    """
    took: list[Line] = []
    again: deque[Line] = deque()
    reader = csv.reader(_feed(lines, again, took), strict=True)
    while True:
        took.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, ChannelError) as error:
            again.extendleft(reversed(took[1:]))
            first = took[0]
            yield Rejected(first.number, first.fault or f"The row is not CSV: {error}.", first.raw), first
            reader = csv.reader(_feed(lines, again, took), strict=True)
        else:
            if row:
                yield row, Line(took[0].number, "".join(line.text for line in took))


def _feed(lines: Iterator[Line], again: deque[Line], took: list[Line]) -> Iterator[str]:
    """Lines for the CSV reader: those to read `again` first. Each goes into `took` as it is handed out."""
    while line := again.popleft() if again else next(lines, None):
        took.append(line)
        if line.fault:
            raise ChannelError(line.fault, permanent=True)
        yield line.text

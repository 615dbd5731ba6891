"""Rows of CSV files, read so that a bad one costs itself only."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from hearout.channels.archive.cells import delimiter_of
from hearout.channels.archive.lines import Line, LineFile, Rejected
from hearout.channels.base import ChannelError, IncomingPost
from hearout.channels.payload import reject

_EXCEL_HINT = re.compile(r"sep=(.)\s*", re.DOTALL)
"""A first line by which a sheet tells itself the delimiter."""

Row = tuple[list[str] | Rejected, Line]


def header_and_rows(file: LineFile, delimiter: str | None = None) -> tuple[list[str], Iterator[Row]]:
    """The cells of the first row, and the rows after it, each with the lines it took as one.

    Raises ChannelError(permanent=True) where there is no header to read.
    """
    lines = iter(file)
    first = next((line for line in lines if line.text.strip() or line.fault), None)
    if first and (hint := _EXCEL_HINT.fullmatch(first.text)):
        delimiter, first = delimiter or hint[1], next(lines, None)
    if first is None:
        reject("The file is empty.")
    rows = _rows(chain([first], lines), delimiter or delimiter_of(first.text))
    header, _ = next(rows, (Rejected(1, "It is blank.", b""), first))
    if isinstance(header, Rejected):
        reject(f"The first line names no columns. {header.reason}")
    return header, rows


def checked(
    rows: Iterator[Row], post: Callable[[Sequence[str]], IncomingPost], at_the_end: Callable[[], None]
) -> Iterator[IncomingPost | Rejected]:
    """What `post` makes of each row; a row that it refuses is rejected with the cause."""
    for row, took in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        try:
            yield post(row)
        except ChannelError as error:
            yield Rejected(took.number, error.message, took.raw)
    at_the_end()


def _rows(lines: Iterator[Line], delimiter: str) -> Iterator[Row]:
    """Rows of a CSV file; blank lines between rows are not rows.

    A quote that is never closed would swallow all that follows. So when a row cannot be read, only
    its first line is rejected, and reading goes on at the second.
    """
    took: list[Line] = []
    again: deque[Line] = deque()
    reader = csv.reader(_feed(lines, again, took), strict=True, delimiter=delimiter)
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
            reader = csv.reader(_feed(lines, again, took), strict=True, delimiter=delimiter)
        else:
            if row:
                yield row, took[0] if len(took) == 1 else _as_one(took)


def _as_one(took: list[Line]) -> Line:
    return Line(took[0].number, "".join(line.text for line in took))


def _feed(lines: Iterator[Line], again: deque[Line], took: list[Line]) -> Iterator[str]:
    """Lines for the CSV reader: those to read `again` first. Each goes into `took` as it is handed out."""
    while line := again.popleft() if again else next(lines, None):
        took.append(line)
        if line.fault:
            raise ChannelError(line.fault, permanent=True)
        yield line.text

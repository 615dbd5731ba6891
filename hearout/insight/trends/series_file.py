"""Series in CSV files: `timestamp,value` in, with `expected,score,alarm` beside each line out, as they come."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, islice, pairwise
from statistics import median
from typing import NamedTuple

from hearout.insight.trends.detector import FALSE_ALARMS_A_WEEK, Detector, Said

COLUMNS = ("timestamp", "value", "expected", "score", "alarm")
LOOKED_AT = 20
"""Lines from which the length of a bucket is read."""
MOST = 1e15


class SeriesError(ValueError):
    """A line of a file that is no point of a series, with its number."""


class Point(NamedTuple):
    """`written`: both cells as they stood in the file."""

    at: datetime
    value: float
    written: tuple[str, str]


def points(lines: Iterable[str]) -> Iterator[Point]:
    """The points of a CSV file whose header names `timestamp` and `value` (other columns are passed over).

    Times are ISO 8601, with a space or a T, or seconds since 1970. Raises SeriesError for a line that is none,
    and for one that is earlier than the line before it.
    """
    rows = csv.reader(_without_nul(lines))
    header = [cell.strip().lower().lstrip("\ufeff") for cell in next(rows, [])]
    if "timestamp" not in header or "value" not in header:
        raise SeriesError("line 1 does not name the columns: timestamp,value")
    when, what = header.index("timestamp"), header.index("value")
    before: datetime | None = None
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            point = _point(row, when, what, rows.line_num)
            if before is not None and (point.at.tzinfo is None) != (before.tzinfo is None):
                raise SeriesError(f"line {rows.line_num}: with a time zone, where the lines before have none")
            if before is not None and point.at < before:
                raise SeriesError(f"line {rows.line_num}: {row[when]} is earlier than the line before it")
            before = point.at
            yield point
    except csv.Error as error:
        raise SeriesError(f"line {rows.line_num}: {error}") from None


def detected(
    series: Iterable[Point], *, seconds: float | None = None, false_alarms: float = FALSE_ALARMS_A_WEEK
) -> Iterator[tuple[Point, Said]]:
    """What the detector says of each point, as it comes. `seconds` of a bucket, else read off the first lines."""
    coming = iter(series)
    if seconds is None:
        first = list(islice(coming, LOOKED_AT))
        seconds, coming = _seconds(first), chain(first, coming)
    detector = Detector(seconds, false_alarms)
    for point in coming:
        yield point, detector.step(point.at, point.value)


def row_of(point: Point, said: Said) -> tuple[str, ...]:
    """A line of the answer, in the order of COLUMNS. The alarm is 1 or 0."""
    return (*point.written, f"{said.expected:.3f}", f"{said.score:.6f}", str(int(said.alarm)))


def _seconds(first: list[Point]) -> float:
    steps = [(later.at - at.at).total_seconds() for at, later in pairwise(first)]
    forward = [step for step in steps if step > 0]
    return median(forward) if forward else 300.0


def _point(row: list[str], when: int, what: int, line: int) -> Point:
    if len(row) <= max(when, what):
        raise SeriesError(f"line {line}: {len(row)} columns, where the header names more")
    at, value = _time(row[when].strip(), line), row[what].strip()
    try:
        count = float(value)
    except ValueError:
        raise SeriesError(f"line {line}: {value[:40]!r} is no number") from None
    if not 0 <= count < MOST:
        raise SeriesError(f"line {line}: {value[:40]} is no count")
    return Point(at, count, (row[when], row[what]))


def _time(text: str, line: int) -> datetime:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    try:
        return datetime.fromisoformat(text) if math.isnan(seconds) else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise SeriesError(f"line {line}: {text[:40]!r} is no time such as 2026-03-02 10:05:00") from None


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    return (line.replace("\0", "") for line in lines)

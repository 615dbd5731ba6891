"""Rows that DuckDB's reader refused, judged again by the channel's reader, which tells their lines and reasons."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hearout.channels.archive.detecting import ArchiveFormat
from hearout.channels.archive.reading import Rejected, open_archive

LONGEST = 1 << 20
PART = 1 << 24


class TornError(Exception):
    """The two readers do not agree where these rows begin and end."""


@dataclass
class _Region:
    """Whole lines of the file: from `start` to `end`, a byte after a line feed."""

    start: int
    end: int
    raw: bytes = b""


class Torn:
    """`refused`: where rows begin that were refused, in order, and how many bytes they have. Raises TornError."""

    def __init__(self, path: Path, refused: Sequence[tuple[int, int]], packed: bool) -> None:
        if refused and (packed or len(refused) > 1_000):
            raise TornError
        self._path = path
        self._regions: list[_Region] = []
        with path.open("rb") as file:
            for start, length in refused:
                if self._regions and start < self._regions[-1].end:
                    continue
                file.seek(start - 1)
                if file.read(1) != b"\n":
                    raise TornError
                raw = file.read(length) + file.readline(LONGEST)
                self._regions.append(_Region(start, start + len(raw), raw))

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(len(region.raw) for region in self._regions)

    def rejected(self, header: bytes) -> list[Rejected]:
        """What the channel's reader says of them. Raises TornError when it finds a post among them."""
        return [row for region in self._regions for row in self._judged(region, header)]

    def _judged(self, region: _Region, header: bytes) -> list[Rejected]:
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            file.write(header + region.raw)
            file.flush()
            with open_archive(file.name, ArchiveFormat.TWCS) as archive:
                rows = list(archive.posts())
        before = self._lines_before(region.start) - 1
        if not all(isinstance(row, Rejected) for row in rows):
            raise TornError
        return [Rejected(row.line + before, row.reason, row.raw) for row in rows if isinstance(row, Rejected)]

    def _lines_before(self, place: int) -> int:
        """Line ends before a byte, as Python and most editors count them: a lone carriage return is one too."""
        lines, last = 0, b""
        with self._path.open("rb") as file:
            while place and (part := file.read(min(PART, place))):
                place -= len(part)
                whole = last + part
                lines += part.count(b"\n") + part.count(b"\r") - whole.count(b"\r\n")
                last = part[-1:] if part.endswith(b"\r") else b""
        return lines

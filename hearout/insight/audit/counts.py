"""What was read from files and what was left out, counted by reason; the rows that are no posts, in a file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from hearout.channels.archive.reading import Rejected

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass
class ArchiveCounts:
    """`posts` are those kept: without duplicates and faults, which are counted, the latter by reason.

    `rejected`: rows that are no posts, by reason. `first` and `last`: the earliest and the latest network time of
    the posts. `warnings`: sentences about what was read but should be known, and how often.
    """

    posts: int = 0
    first: datetime | None = None
    last: datetime | None = None
    rejected: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)


class Rejects:
    """Where rejected rows go: into the counts, and as JSON Lines (file, line, reason, raw) into a file."""

    def __init__(self, counts: ArchiveCounts, file: IO[str] | None) -> None:
        self._counts, self._file = counts, file

    def add(self, path: Path, row: Rejected) -> None:
        self._counts.rejected[_QUOTED.sub("…", row.reason)] += 1
        if self._file:
            told = {"file": str(path), "line": row.line, "reason": row.reason}
            told["raw"] = row.raw.decode("utf-8", "replace")
            self._file.write(json.dumps(told, ensure_ascii=False) + "\n")


@contextmanager
def rejects_to(path: Path | None, counts: ArchiveCounts) -> Iterator[Rejects]:
    if path is None:
        yield Rejects(counts, None)
        return
    with path.open("w", encoding="utf-8", errors="replace") as file:
        yield Rejects(counts, file)

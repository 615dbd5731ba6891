"""The append-only file that lets the network survive a restart."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

Step = dict[str, Any]


class Journal:
    """JSON Lines of `{"step": what changed or null, "truth": line of the truth log or null}`.

    A line is one write, so a killed process leaves state and truth together or not at all. Lines are handed
    to the operating system at once and not synced: they survive kill -9, not a loss of power.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "journal.jsonl" if folder else None
        self._file: BinaryIO | None = None
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def replay(self) -> Iterator[tuple[Step | None, Step | None]]:
        """What was written before, oldest first; a line torn by a crash is cut off the file."""
        if self._path is None or not self._path.exists():
            return
        good = 0
        with self._path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                good += len(line)
                entry = json.loads(line)
                yield entry["step"], entry["truth"]
        with self._path.open("r+b") as file:
            file.truncate(good)

    def append(self, step: Step | None, truth: Step | None) -> None:
        if self._path is None:
            return
        if self._file is None:
            self._file = self._path.open("ab")
        entry = json.dumps({"step": step, "truth": truth}, separators=(",", ":"))
        self._file.write(entry.encode() + b"\n")
        self._file.flush()

    def forget(self) -> None:
        self.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

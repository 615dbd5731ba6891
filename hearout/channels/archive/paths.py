"""The files that a person means by paths, folders and patterns."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from hearout.channels.payload import reject

PACKED = (".gz", ".bz2", ".zst", ".zstd")
ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".pq")
"""What is taken from a folder, packed or not. A file named by itself may be called anything."""


def archive_paths(patterns: Iterable[str | Path]) -> list[Path]:
    """Files in the order given, those of a folder or a pattern (`*`, `?`, `[ab]`, `**`) by name; none twice.

    Folders are searched to any depth, without hidden files. Raises ChannelError(permanent=True) for a
    pattern that finds nothing.
    """
    found: dict[Path, Path] = {}
    for pattern in patterns:
        for path in _files(pattern):
            found.setdefault(path.resolve(), path)
    return list(found.values())


def _files(pattern: str | Path) -> list[Path]:
    path = Path(pattern)
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file() and _is_archive(one.relative_to(path)))
        return files or reject(f"The folder {path} holds no archive (a file ending in {', '.join(ENDINGS)}).")
    if path.exists():
        return [path]
    matching = sorted(Path(name) for name in glob.glob(str(pattern), recursive=True))
    files = [one for one in matching if one.is_file()]
    return files or reject(f"There is no file {pattern}.")


def _is_archive(path: Path) -> bool:
    if any(part.startswith(".") for part in path.parts):
        return False
    inner = path.with_suffix("") if path.suffix.lower() in PACKED else path
    return inner.suffix.lower() in ENDINGS

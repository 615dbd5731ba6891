"""Which format a file is of, told by its first bytes, its header or its first objects."""

from __future__ import annotations

from enum import StrEnum
from itertools import islice
from pathlib import Path

from hearout.channels.archive import bluesky, jsonl, mastodon, x
from hearout.channels.archive.lines import LineFile, open_bytes
from hearout.channels.archive.parquet import MARK
from hearout.channels.archive.rows import header_and_rows
from hearout.channels.archive.twcs import NEEDED
from hearout.channels.archive.values import LONGEST, values
from hearout.channels.base import Json
from hearout.channels.payload import reject

LOOKED_AT = 50
"""JSON values that are looked at: a stream may begin with some that are no posts."""


class ArchiveFormat(StrEnum):
    TWCS = "twcs"
    HEAROUT = "hearout"
    X = "x"
    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    CSV = "csv"
    PARQUET = "parquet"


_OBJECTS = {
    ArchiveFormat.HEAROUT: jsonl.looks_like,
    ArchiveFormat.BLUESKY: bluesky.looks_like,
    ArchiveFormat.MASTODON: mastodon.looks_like,
    ArchiveFormat.X: x.looks_like,
}


def format_of(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> ArchiveFormat:
    """Raises ChannelError(permanent=True) for a file that is of none."""
    with open_bytes(path) as file:
        if file.read(len(MARK)) == MARK:
            return ArchiveFormat.PARQUET
    with LineFile(path, encoding=encoding, longest=LONGEST) as lines:
        if lines.is_document:
            return _format_of_objects(path, encoding)
        first = next((line for line in lines if line.text.strip() or line.fault), None)
    if first is None:
        reject(f"{path} is empty.")
    if not first.text:
        reject(f"{path}: {first.fault}")
    if first.text.lstrip().startswith("{"):
        return _format_of_objects(path, encoding)
    with LineFile(path, encoding=encoding) as lines:
        header = [name.strip() for name in header_and_rows(lines, delimiter)[0]]
    if set(NEEDED) <= set(header):
        return ArchiveFormat.TWCS
    if len(header) < 2 or "\0" in first.text:
        reject(f"{path} is no archive: its first line is neither a JSON object nor names several columns.")
    return ArchiveFormat.CSV


def _format_of_objects(path: Path, encoding: str | None) -> ArchiveFormat:
    seen: list[str] = []
    with LineFile(path, encoding=encoding, longest=LONGEST) as file:
        for _, value in islice(values(file), LOOKED_AT):
            for format, looks_like in _OBJECTS.items():
                if isinstance(value, dict) and looks_like(value):
                    return format
            seen = seen or _keys(value)
    found = (
        f"Its first object has the fields {', '.join(seen)}." if seen else "No line of its beginning is JSON."
    )
    reject(
        f"{path} is JSON of no known kind. {found} Known are Hearout's JSON Lines, X API v2, Jetstream of "
        "Bluesky and Mastodon statuses; --format says which it is where it cannot be told."
    )


def _keys(value: Json) -> list[str]:
    return [repr(str(key)[:40]) for key in list(value)[:12]] if isinstance(value, dict) else []

"""Reading an archive: each row comes out as a post, or as rejected with its line and the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path

from hearout.channels.archive.bluesky import read_bluesky
from hearout.channels.archive.detecting import ArchiveFormat, format_of
from hearout.channels.archive.jsonl import dump_post, read_jsonl
from hearout.channels.archive.lines import CUT_SHORT, MAX_LINE, LineFile, Rejected
from hearout.channels.archive.mapped import read_csv, read_parquet
from hearout.channels.archive.mapping import ColumnMapping, read_mapping
from hearout.channels.archive.mastodon import read_mastodon
from hearout.channels.archive.parquet import ParquetFile
from hearout.channels.archive.times import zone_of
from hearout.channels.archive.twcs import read_twcs
from hearout.channels.archive.values import LONGEST
from hearout.channels.archive.x import read_x
from hearout.channels.base import ChannelError, Delivery, IncomingPost
from hearout.channels.payload import encode, reject

__all__ = ["Archive", "ArchiveFormat", "Rejected", "open_archive"]

MOJIBAKE = "texts that were decoded wrongly before they came here (such as Ã¤ for ä)"
CUT_OFF = "files that end early: they hold more than could be read"

SPOILT = re.compile(
    "[ÂÃ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2018-\u203a\u20ac\u2122]"
    "|â€|â‚¬|ðŸ|\ufffd"
)
"""What such texts hold."""

_LONG_LINES = (ArchiveFormat.X, ArchiveFormat.MASTODON)
_OTHER_NAMES = {"jsonl": ArchiveFormat.HEAROUT}

Rows = Iterator[IncomingPost | Rejected]


class Archive:
    """An open archive. Iterate it once; it holds one row at a time, whatever the file's size.

    Each step yields a `Delivery`, whose body is one line of Hearout's JSON Lines, or a `Rejected`.
    `posts()` yields the posts themselves instead, which is faster. `position` and `size` are bytes on
    disk (of the packed file where it is packed). `warnings` counts, by sentence, what was read but
    should be known; it is complete when the last row was read.
    """

    def __init__(
        self, file: LineFile | ParquetFile, format: ArchiveFormat, rows: Rows, warnings: Counter[str]
    ) -> None:
        self.format = format
        self.warnings = warnings
        self._file = file
        self._rows = rows

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

    def posts(self) -> Rows:
        for row in self._rows:
            if isinstance(row, Rejected):
                if row.reason.startswith(CUT_SHORT):
                    self.warnings[CUT_OFF] += 1
            elif not row.text.isascii() and SPOILT.search(row.text):
                self.warnings[MOJIBAKE] += 1
            yield row


def open_archive(
    path: str | Path,
    format: str | None = None,
    mapping: str | Path | ColumnMapping | None = None,
    *,
    zone: str | None = None,
) -> Archive:
    """Open a file, plain or packed; without `format` its beginning tells which it is.

    `mapping` (or the TOML file it is in) says what the columns of a CSV or Parquet file hold. `zone` names
    that of times which carry none; it goes before the mapping's.
    Raises ChannelError(permanent=True) when the file cannot be read, is of no known format, or the
    columns cannot be told.
    """
    path = Path(path)
    told = (
        mapping
        if isinstance(mapping, ColumnMapping)
        else read_mapping(mapping)
        if mapping
        else ColumnMapping()
    )
    zone = zone or told.zone
    found = _format(path, format, told)
    file = ParquetFile(path) if found is ArchiveFormat.PARQUET else _lines(path, found, told)
    warnings: Counter[str] = Counter()
    try:
        rows = _rows(file, found, told, zone_of(zone) if zone else None, warnings)
    except ChannelError as error:
        file.close()
        raise ChannelError(f"{path}: {error.message}", permanent=True) from error
    return Archive(file, found, rows, warnings)


def _format(path: Path, name: str | None, mapping: ColumnMapping) -> ArchiveFormat:
    if name is not None and name not in {*ArchiveFormat, *_OTHER_NAMES}:
        reject(f"There is no archive format {name!r}; there are: {', '.join(ArchiveFormat)}.")
    if name is not None:
        return _OTHER_NAMES.get(name) or ArchiveFormat(name)
    found = format_of(path, encoding=mapping.encoding, delimiter=mapping.delimiter)
    # whoever maps columns means them, whatever the file looks like
    return ArchiveFormat.CSV if found is ArchiveFormat.TWCS and mapping.columns else found


def _lines(path: Path, format: ArchiveFormat, mapping: ColumnMapping) -> LineFile:
    longest = LONGEST if format in _LONG_LINES else MAX_LINE
    return LineFile(path, encoding=mapping.encoding, longest=longest)


def _rows(
    file: LineFile | ParquetFile,
    format: ArchiveFormat,
    mapping: ColumnMapping,
    zone: tzinfo | None,
    warnings: Counter[str],
) -> Rows:
    if isinstance(file, ParquetFile):
        return read_parquet(file, warnings, mapping, zone)
    match format:
        case ArchiveFormat.TWCS:
            return read_twcs(file, warnings, delimiter=mapping.delimiter)
        case ArchiveFormat.X:
            return read_x(file, warnings)
        case ArchiveFormat.BLUESKY:
            return read_bluesky(file, warnings)
        case ArchiveFormat.MASTODON:
            return read_mastodon(file, warnings)
        case ArchiveFormat.HEAROUT:
            return read_jsonl(file)
        case _:
            return read_csv(file, warnings, mapping, zone)

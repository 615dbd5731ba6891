"""An archive file as a channel: it can be read, page by page, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NoReturn

from hearout.channels.archive.jsonl import parse_post
from hearout.channels.archive.reading import Archive, Rejected, open_archive
from hearout.channels.base import (
    Channel,
    ChannelError,
    Delivery,
    IncomingPost,
    Length,
    Manifest,
    OutgoingReply,
    Page,
    Receipt,
)
from hearout.channels.payload import MAX_TEXT, decode, encode, reject

PAGE = 500


class ArchiveChannel(Channel):
    """Settings: `path` of a file. Pages come in the order of the file; the cursor counts rows."""

    def __init__(
        self, *, manifest: Manifest, settings: Mapping[str, str], secrets: Mapping[str, str]
    ) -> None:
        self.manifest = manifest
        self._path = settings.get("path", "")
        if not self._path:
            reject("The archive needs a path.")
        self._open: Archive | None = None
        self._rows: Iterator[Delivery | Rejected] = iter(())
        self._at = -1

    def prepare(self, *, webhook_url: str | None, words: Sequence[str]) -> None:
        """A file delivers nothing and searches nothing."""

    def fetch(self, cursor: str) -> Page:
        start = self._start(cursor)
        if start != self._at:
            self._reopen(start)
        rows = list(islice(self._rows, PAGE))
        self._at = end = start + len(rows)
        if len(rows) < PAGE:
            # The end of today: lines may be appended, and the open file would not tell.
            self.close()
        deliveries = [row if isinstance(row, Delivery) else _poison(row) for row in rows]
        return Page(deliveries, str(end), more=len(rows) == PAGE)

    def stream(self, cursor: str) -> Iterator[Page]:
        raise ChannelError("An archive has no stream: nothing happens in a file.", permanent=True)

    def parse(self, delivery: Delivery) -> list[IncomingPost]:
        value = decode(delivery.body)
        if isinstance(value, dict) and "rejected" in value:
            reject(f"Line {value.get('line')}: {value['rejected']}")
        return [parse_post(value)]

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False

    def send(self, reply: OutgoingReply) -> Receipt:
        _read_only()

    def look_up(self, reply: OutgoingReply) -> Receipt | None:
        _read_only()

    def length(self, text: str) -> Length:
        return Length(len(text), MAX_TEXT, self.manifest.text_unit)

    def close(self) -> None:
        if self._open:
            self._open.close()
        self._open, self._rows, self._at = None, iter(()), -1

    @staticmethod
    def _start(cursor: str) -> int:
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
            reject(f"{cursor[:40]!r} is not a cursor of an archive.")
        return int(cursor or 0)

    def _reopen(self, start: int) -> None:
        self.close()
        self._open = open_archive(self._path)
        self._rows = islice(iter(self._open), start, None)


def _poison(row: Rejected) -> Delivery:
    """A rejected row travels on as a payload that `parse` refuses with line and reason: so it is kept."""
    raw = row.raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return encode({"rejected": row.reason, "line": row.line, "raw": raw})


def _read_only() -> NoReturn:
    reject("An archive is read-only: a file is the past, and nobody reads an answer there.")

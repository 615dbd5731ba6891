"""Posts of any table, CSV or Parquet, whose columns a mapping or their usual names tell."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from hearout.channels.archive.cells import RoundedIds, flag, identifier, is_empty, names_in, plain
from hearout.channels.archive.lines import LineFile, Rejected
from hearout.channels.archive.mapping import ColumnMapping, network_of, places_of
from hearout.channels.archive.parquet import ParquetFile
from hearout.channels.archive.rows import checked, header_and_rows
from hearout.channels.archive.times import Times
from hearout.channels.base import ChannelError, IncomingAuthor, IncomingPost, Visibility
from hearout.channels.payload import MAX_ID, MAX_NAME, MAX_NUMBER, MAX_TEXT, Fields, fault_in, reject

NO_PARENTS = "files without a column for the answered post: nothing in them can be an answer"


def read_csv(
    file: LineFile, warnings: Counter[str], mapping: ColumnMapping, zone: tzinfo | None
) -> Iterator[IncomingPost | Rejected]:
    """Raises ChannelError(permanent=True) at once where the columns cannot be told."""
    header, rows = header_and_rows(file, mapping.delimiter)
    table = Table(header, mapping, warnings, zone)
    return checked(rows, table.post, table.end)


def read_parquet(
    file: ParquetFile, warnings: Counter[str], mapping: ColumnMapping, zone: tzinfo | None
) -> Iterator[IncomingPost | Rejected]:
    """Raises ChannelError(permanent=True) at once where the columns cannot be told. Rows count as lines."""
    table = Table(file.header, mapping, warnings, zone)
    return _parquet_posts(file, table)


def _parquet_posts(file: ParquetFile, table: Table) -> Iterator[IncomingPost | Rejected]:
    for number, row in file.rows(table.columns):
        if isinstance(row, str):
            yield Rejected(number, row, b"")
            continue
        try:
            yield table.post(row)
        except ChannelError as error:
            yield Rejected(number, error.message, repr(row).encode("utf-8", "backslashreplace")[:4_000])
    table.end()


class Table:
    """Reads rows, whose cells are text or, from Parquet, of any type."""

    def __init__(
        self, header: Sequence[str], mapping: ColumnMapping, warnings: Counter[str], zone: tzinfo | None
    ) -> None:
        self._at = places_of(header, mapping)
        self._count = len(header)
        self._names = [name.strip() for name in header]
        self._network = network_of(header, mapping)
        self._mapping = mapping
        self._times = Times(warnings, form=mapping.time_format, zone=zone)
        self._rounded = RoundedIds()
        self._warnings = warnings
        if "parent" not in self._at:
            warnings[NO_PARENTS] += 1

    @property
    def columns(self) -> list[int]:
        """The places that are read; a row of `post` may have anything in the others."""
        return sorted(set(self._at.values()))

    def end(self) -> None:
        self._rounded.tell(self._warnings)

    def post(self, row: Sequence[Any]) -> IncomingPost:
        """One row's post. Raises ChannelError(permanent=True) with the cause in plain English."""
        if len(row) != self._count:
            wrong = "torn over several lines" if len(row) < self._count else "split by a stray delimiter"
            reject(f"The row has {len(row)} of {self._count} columns: it is {wrong}.")
        external_id = self._identifier("id", row)
        if external_id is None:
            reject(f"{self._names[self._at['id']]} is empty.")
        self._rounded.see(external_id)
        text = self._text("text", row, MAX_TEXT)
        return IncomingPost(
            network=self._text("network", row, MAX_ID).strip() or self._network,
            external_id=external_id,
            posted_at=self._required_time(row),
            author=self._author(row),
            text=html.unescape(text) if self._mapping.escaped else text,
            parent_id=self._identifier("parent", row),
            conversation_id=self._identifier("conversation", row),
            page_id=self._identifier("page", row),
            recipient_id=self._identifier("recipient", row),
            visibility=self._visibility(row),
            language=self._text("language", row, 35).strip() or None,
            url=Fields({"url": self._text("url", row, 4_000)}, "The row").web_address("url"),
            mentions=self._mentions(row),
            edited_at=self._time("edited", row),
            deleted_at=self._time("deleted", row),
            automatic=bool(self._flag("automatic", row)),
            by_brand=self._by_brand(row),
        )

    def _value(self, what: str, row: Sequence[Any]) -> Any:
        place = self._at.get(what)
        return None if place is None else row[place]

    def _cell(self, what: str, row: Sequence[Any]) -> str:
        value = self._value(what, row)
        if value is None:
            return ""
        return value if isinstance(value, str) else str(value)

    def _name(self, what: str) -> str:
        return self._names[self._at[what]]

    def _text(self, what: str, row: Sequence[Any], most: int) -> str:
        text = plain(self._cell(what, row))
        if len(text) > most:
            reject(f"{self._name(what)} has {len(text):,} characters; at most {most:,} are kept.")
        if fault := fault_in(text):
            reject(f"{self._name(what)} {fault}.")
        return text

    def _identifier(self, what: str, row: Sequence[Any]) -> str | None:
        cell = self._cell(what, row)
        return None if is_empty(cell) else identifier(self._name(what), cell)

    def _author(self, row: Sequence[Any]) -> IncomingAuthor:
        handle = self._text("handle", row, MAX_ID).strip().lstrip("@＠")
        author = self._identifier("author", row) or handle
        if not author:
            reject("The row has no author.")
        return IncomingAuthor(
            external_id=author,
            handle=handle or author,
            name=self._text("name", row, MAX_NAME).strip(),
            followers=self._followers(row),
        )

    def _followers(self, row: Sequence[Any]) -> int | None:
        cell = self._cell("followers", row).strip().removesuffix(".0")
        return min(int(cell), MAX_NUMBER) if cell.isascii() and cell.isdigit() and len(cell) < 20 else None

    def _required_time(self, row: Sequence[Any]) -> datetime:
        moment = self._time("time", row)
        if moment is None:
            reject(f"{self._name('time')} is empty.")
        return moment

    def _time(self, what: str, row: Sequence[Any]) -> datetime | None:
        value = self._value(what, row)
        if value is None or (isinstance(value, str) and is_empty(value)):
            return None
        return self._times.read(self._name(what), value if isinstance(value, date) else str(value))

    def _flag(self, what: str, row: Sequence[Any]) -> bool | None:
        cell = self._cell(what, row)
        return None if is_empty(cell) else flag(self._name(what), cell)

    def _by_brand(self, row: Sequence[Any]) -> bool | None:
        if self._mapping.brand_values and "by_brand" in self._at:
            return self._cell("by_brand", row).strip().lower() in self._mapping.brand_values
        if (told := self._flag("by_brand", row)) is not None:
            return told
        customer = self._flag("by_customer", row)
        return None if customer is None else not customer

    def _visibility(self, row: Sequence[Any]) -> Visibility:
        word = self._cell("visibility", row).strip().lower()
        return Visibility.PRIVATE if word in ("private", "direct") else Visibility.PUBLIC

    def _mentions(self, row: Sequence[Any]) -> Sequence[str] | None:
        value = self._value("mentions", row)
        if value is None:
            return None
        names = names_in([str(one) for one in value] if isinstance(value, list) else str(value))
        return tuple(name[:MAX_ID] for name in names[:1_000] if not fault_in(name))

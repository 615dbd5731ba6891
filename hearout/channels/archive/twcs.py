"""Rows of "Customer Support on Twitter" (TWCS) CSV files, as posts of the network `twitter`.

Columns, in any order, with or without a leading index column: `tweet_id, author_id, inbound,
created_at, text, response_tweet_id, in_response_to_tweet_id`. Authors that are brands have names
instead of numbers and `inbound` False.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from hearout.channels.archive.cells import RoundedIds, flag, identifier, plain
from hearout.channels.archive.lines import LineFile, Rejected
from hearout.channels.archive.rows import checked, header_and_rows
from hearout.channels.archive.times import twitter_time
from hearout.channels.base import IncomingAuthor, IncomingPost
from hearout.channels.payload import MAX_ID, MAX_TEXT, YEARS, reject

NETWORK = "twitter"
NEEDED = ("tweet_id", "author_id", "inbound", "created_at", "text", "in_response_to_tweet_id")


def read_twcs(
    file: LineFile, warnings: Counter[str], *, delimiter: str | None = None
) -> Iterator[IncomingPost | Rejected]:
    """Every row as a post or as rejected. Raises ChannelError(permanent=True) at once where columns lack."""
    header, rows = header_and_rows(file, delimiter)
    columns = Columns(header)
    return checked(rows, columns.post, lambda: columns.rounded.tell(warnings))


class Columns:
    """Where in a row the columns are, learnt from the header."""

    def __init__(self, header: Sequence[str]) -> None:
        names = [name.strip() for name in header]
        if missing := [name for name in NEEDED if name not in names]:
            reject(f"The file has no column {', '.join(missing)}, so it is not a TWCS file.")
        self.rounded = RoundedIds()
        self._count = len(names)
        self._at = tuple(names.index(name) for name in NEEDED)

    def post(self, row: Sequence[str]) -> IncomingPost:
        """One row's post. Raises ChannelError(permanent=True) with the cause in plain English."""
        if len(row) != self._count:
            wrong = "torn over several lines" if len(row) < self._count else "split by a stray comma"
            reject(f"The row has {len(row)} of {self._count} columns: it is {wrong}.")
        if "\0" in "".join(row):
            reject("The row contains a NUL character.")
        tweet_id, author, inbound, created_at, text, parent = (row[place] for place in self._at)
        author = plain(author.strip())
        if not author:
            reject("The row has no author_id.")
        if len(author) > MAX_ID:
            reject(f"author_id has {len(author):,} characters; at most {MAX_ID:,} are kept.")
        if len(text) > MAX_TEXT:
            reject(f"text has {len(text):,} characters; at most {MAX_TEXT:,} are kept.")
        number = _identifier("tweet_id", tweet_id)
        self.rounded.see(number)
        return IncomingPost(
            network=NETWORK,
            external_id=number,
            posted_at=_time(created_at),
            author=IncomingAuthor(external_id=author, handle=author),
            text=unescape(plain(text)),
            # pandas wrote the column with gaps as floats: "3.0" is the tweet "3"
            parent_id=_identifier("in_response_to_tweet_id", parent) if parent.strip() else None,
            by_brand=not flag("inbound", inbound),
        )


def unescape(text: str) -> str:
    """Twitter escaped exactly these three; the customer typed the plain ones."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _identifier(name: str, cell: str) -> str:
    text = cell.strip()
    if not (text.isascii() and text.isdigit()):
        text = identifier(name, cell)
        if not (text.isascii() and text.isdigit()):
            reject(f"{name} is {cell[:40]!r}, not a number.")
    if len(text) > 30:
        reject(f"{name} is {cell[:40]!r}, too long for a tweet's id.")
    return text


def _time(cell: str) -> datetime:
    try:
        moment = twitter_time(cell.strip())
    except (ValueError, OverflowError):
        reject(f"created_at is {cell[:40]!r}, a time that does not exist.")
    if moment is None:
        reject(f"created_at is {cell[:40]!r}, not a time such as 'Tue Oct 31 22:10:47 +0000 2017'.")
    if moment.year not in YEARS:
        reject(f"created_at is {cell[:40]!r}, not in the years {YEARS[0]} to {YEARS[-1]}.")
    return moment

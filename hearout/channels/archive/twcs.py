"""Rows of "Customer Support on Twitter" (TWCS) CSV files, as posts of the network `twitter`.

Columns, in any order, with or without a leading index column: `tweet_id, author_id, inbound,
created_at, text, response_tweet_id, in_response_to_tweet_id`. Authors that are brands have names
instead of numbers and `inbound` False.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from hearout.channels.base import IncomingAuthor, IncomingPost
from hearout.channels.payload import reject

NETWORK = "twitter"
NEEDED = ("tweet_id", "author_id", "inbound", "created_at", "text", "in_response_to_tweet_id")

_ID = re.compile(r"(\d{1,30})(\.0)?", re.ASCII)
_TIME = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d) (\d{4})", re.ASCII
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Columns:
    """Where in a row the columns are, learnt from the header."""

    def __init__(self, header: Sequence[str]) -> None:
        names = [name.strip() for name in header]
        if missing := [name for name in NEEDED if name not in names]:
            reject(f"The file has no column {', '.join(missing)}, so it is not a TWCS file.")
        self._count = len(names)
        self._at = {name: names.index(name) for name in NEEDED}

    def post(self, row: Sequence[str]) -> IncomingPost:
        """One row's post. Raises ChannelError(permanent=True) with the cause in plain English."""
        if len(row) != self._count:
            wrong = "torn over several lines" if len(row) < self._count else "split by a stray comma"
            reject(f"The row has {len(row)} of {self._count} columns: it is {wrong}.")
        if "\0" in "".join(row):
            reject("The row contains a NUL character.")
        cell = {name: row[place] for name, place in self._at.items()}
        author = cell["author_id"].strip()
        if not author:
            reject("The row has no author_id.")
        return IncomingPost(
            network=NETWORK,
            external_id=_identifier("tweet_id", cell["tweet_id"]),
            posted_at=_time(cell["created_at"]),
            author=IncomingAuthor(external_id=author, handle=author),
            text=_unescape(cell["text"]),
            parent_id=_parent(cell["in_response_to_tweet_id"]),
            by_brand=_by_brand(cell["inbound"]),
        )


def _identifier(name: str, value: str) -> str:
    found = _ID.fullmatch(value.strip())
    if found is None:
        reject(f"{name} is {value[:40]!r}, not a number.")
    return found[1]


def _parent(value: str) -> str | None:
    """pandas wrote the column with gaps as floats: "3.0" is the tweet "3"."""
    return _identifier("in_response_to_tweet_id", value) if value.strip() else None


def _by_brand(inbound: str) -> bool:
    word = inbound.strip().lower()
    if word not in ("true", "false"):
        reject(f"inbound is {inbound[:40]!r}, neither True nor False.")
    return word == "false"


def _unescape(text: str) -> str:
    """Twitter escaped exactly these three; the customer typed the plain ones."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _time(value: str) -> datetime:
    """`Tue Oct 31 22:10:47 +0000 2017`, by hand because strptime follows the locale and is slow."""
    found = _TIME.fullmatch(value.strip())
    if found is None or found[1] not in _MONTHS:
        reject(f"created_at is {value[:40]!r}, not a time such as 'Tue Oct 31 22:10:47 +0000 2017'.")
    day, hour, minute, second = (int(found[part]) for part in (2, 3, 4, 5))
    offset = timedelta(hours=int(found[7]), minutes=int(found[8])) * (-1 if found[6] == "-" else 1)
    try:
        zone = timezone(offset) if offset else UTC
        local = datetime(int(found[9]), _MONTHS.index(found[1]) + 1, day, hour, minute, second, tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        reject(f"created_at is {value[:40]!r}, a time that does not exist.")

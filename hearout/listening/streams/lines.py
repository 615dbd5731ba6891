"""Posts as JSON Lines, for trying and for whatever has no channel: `{"id": 1, "text": "..."}` or Hearout's own form.

They are stored as payloads of the channel `archive`, which reads Hearout's own form (`channels/archive/README.md`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from hearout.channels.archive.jsonl import parse_post
from hearout.channels.base import ChannelError, Delivery, Page
from hearout.channels.payload import decode, encode, reject

NETWORK = "lines"
NOBODY = "unknown"
_SHORT = frozenset({"id", "text", "author", "network", "language", "created_at", "place", "parent_id"})


class Lines:
    """A stream of lines; None stands for one too long. `refused(number, cause)` hears of those that are no posts."""

    name = "standard input"
    channel = "archive"
    connection_id: int | None = None

    def __init__(
        self,
        groups: Iterable[list[bytes | None]],
        refused: Callable[[int, str], None] = lambda *_: None,
        network: str = NETWORK,
    ) -> None:
        self._groups = iter(groups)
        self._network = network
        self._refused = refused
        self._number = 0

    def mine(self) -> bool:
        return True

    def pages(self) -> Iterator[Page]:
        for group in self._groups:
            yield Page(list(self._posts(group)), str(self._number))

    def moved(self, cursor: str) -> None:
        """Standard input cannot be read again: there is no place to remember."""

    def _posts(self, group: list[bytes | None]) -> Iterator[Delivery]:
        for line in group:
            self._number += 1
            if line is not None and not line.strip():
                continue
            try:
                yield payload_of(line, datetime.now(UTC), self._network)
            except ChannelError as error:
                self._refused(self._number, error.message)


def payload_of(line: bytes | None, now: datetime, network: str = NETWORK) -> Delivery:
    """The payload of one line. `now` and `network` are those of a post that does not say. Raises ChannelError."""
    if line is None:
        reject("The line is too long.")
    found = decode(line)
    if not isinstance(found, dict):
        reject('The line is not an object such as {"id": 1, "text": "..."}.')
    value = found if "external_id" in found else _spelt_out(found, now, network)
    parse_post(value)
    return encode(value)


def _spelt_out(short: dict[str, Any], now: datetime, network: str) -> dict[str, Any]:
    if unknown := sorted(short.keys() - _SHORT):
        reject(f"The post has an unknown field {json.dumps(unknown[0])[:80]}.")
    number, text = short.get("id"), short.get("text")
    if isinstance(number, bool) or not isinstance(number, str | int) or number == "":
        reject("The post: id is neither a string nor a whole number.")
    if not isinstance(text, str):
        reject("The post: text is missing, or no text.")
    full = {
        "network": short.get("network") or network,
        "external_id": str(number),
        "posted_at": short.get("created_at") or now.isoformat(),
        "author": _author(short.get("author")),
        "text": text,
        "language": short.get("language"),
        "parent_id": short.get("parent_id"),
        "extra": {"place": short["place"]} if short.get("place") else None,
    }
    return {name: value for name, value in full.items() if value is not None}


def _author(said: Any) -> Any:
    if said is None or said == "":
        return {"external_id": NOBODY, "handle": NOBODY}
    if isinstance(said, str):
        handle = said.lstrip("@") or NOBODY
        return {"external_id": handle, "handle": handle}
    return said

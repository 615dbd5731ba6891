"""Reading a network's JSON without trusting it: every field is checked before it is used.

Whatever is wrong ends as `ChannelError(permanent=True)` with the field and the cause, because the
same bytes will be as wrong tomorrow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import NoReturn

from hearout.channels.base import ChannelError, Delivery, Json

MAX_BYTES = 1 << 20
"""The largest payload that is looked at. A full webhook of 50 posts is about 50 kB."""

MAX_ID = 512
MAX_NAME = 1_000
MAX_TEXT = 100_000
"""Characters of one post. PostgreSQL cannot index the words of a text of 1 MB."""

MAX_DEPTH = 32
MAX_NUMBER = 2**31 - 1
YEARS = range(1970, 2200)

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)


def reject(cause: str) -> NoReturn:
    raise ChannelError(cause, permanent=True)


def decode(body: bytes) -> Json:
    """JSON of a payload. Raises ChannelError(permanent=True) where it is not JSON in UTF-8."""
    if len(body) > MAX_BYTES:
        reject(f"The payload has {len(body):,} bytes; at most {MAX_BYTES:,} are read.")
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        reject(f"The payload is not UTF-8: {error.reason} at byte {error.start}.")
    except RecursionError:
        reject("The payload is nested too deeply.")
    except ValueError as error:
        reject(f"The payload is not JSON: {error}.")


def encode(value: Json) -> Delivery:
    """A payload as compact UTF-8. Half characters stay escaped, so that hostile text passes through here
    and is refused, with a cause, where it is read."""
    try:
        return Delivery(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))
    except RecursionError:
        reject("The payload is nested too deeply.")
    except UnicodeEncodeError:
        return Delivery(json.dumps(value, separators=(",", ":")).encode("ascii"))


def fault_in(text: str) -> str:
    """Why no database could keep this text, or ""."""
    if "\0" in text:
        return "contains a NUL character"
    if not text.isascii() and _HALF_CHARACTER.search(text):
        return "contains half a character (a lone surrogate)"
    return ""


class Fields:
    """One JSON object of a payload, read field by field. `where` names it in causes."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            reject(f"{where} is {_kind(value)}, not an object.")
        self._value: Mapping[str, Json] = value
        self._where = where

    def only(self, known: frozenset[str]) -> None:
        """Refuse fields that are not `known`: a misspelt name would lose its content silently."""
        if unknown := sorted(self._value.keys() - known):
            reject(f"{self._where} has an unknown field {unknown[0][:80]!r}.")

    def raw(self, name: str) -> Json:
        return self._value.get(name)

    def text(self, name: str, *, most: int, default: str = "") -> str:
        """Text of at most `most` characters; `default` when absent or null."""
        value = self._value.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            self._wrong(name, f"is {_kind(value)}, not text")
        if len(value) > most:
            self._wrong(name, f"has {len(value):,} characters; at most {most:,} are kept")
        # most texts are plain: this saves the call, twelve times a post
        if not (value.isascii() and "\0" not in value) and (fault := fault_in(value)):
            self._wrong(name, fault)
        return value

    def identifier(self, name: str) -> str:
        """An id, which is text and is there."""
        value = self.optional_identifier(name)
        if value is None:
            self._wrong(name, "is missing")
        return value

    def optional_identifier(self, name: str) -> str | None:
        if self._value.get(name) is None:
            return None
        value = self.text(name, most=MAX_ID)
        if not value or value.isspace():
            self._wrong(name, "is empty")
        return value

    def time(self, name: str) -> datetime:
        """A time with its zone, in UTC."""
        value = self.optional_time(name)
        if value is None:
            self._wrong(name, "is missing")
        return value

    def optional_time(self, name: str) -> datetime | None:
        if self._value.get(name) is None or not (text := self.text(name, most=64)):
            return None
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                self._wrong(name, f"{text!r} has no time zone")
            if moment.tzinfo is not UTC:
                moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self._wrong(name, f"{text!r} is not a time in ISO 8601")
        if moment.year not in YEARS:
            self._wrong(name, f"{text!r} is not in the years {YEARS[0]} to {YEARS[-1]}")
        return moment

    def optional_count(self, name: str) -> int | None:
        value = self._value.get(name)
        if value is None:
            return None
        if type(value) is not int or not 0 <= value <= MAX_NUMBER:
            self._wrong(name, f"is not a whole number from 0 to {MAX_NUMBER:,}")
        return value

    def optional_flag(self, name: str) -> bool | None:
        value = self._value.get(name)
        if value is not None and not isinstance(value, bool):
            self._wrong(name, f"is {_kind(value)}, not true or false")
        return value

    def optional_names(self, name: str) -> Sequence[str] | None:
        """A list of handles; None when the network does not say."""
        value = self._value.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) > 1_000:
            self._wrong(name, "is not a list of at most 1,000 handles")
        one = [Fields({name: entry}, self._where) for entry in value]
        return tuple(entry.identifier(name) for entry in one)

    def web_address(self, name: str) -> str:
        """A link of the kinds a page may show; any other kind (`javascript:`) is dropped."""
        value = self.text(name, most=4_000)
        return value if _WEB_ADDRESS.fullmatch(value) else ""

    def optional_object(self, name: str) -> Fields | None:
        value = self._value.get(name)
        return None if value is None else Fields(value, f"{self._where}'s {name}")

    def plain(self, name: str) -> Mapping[str, Json]:
        """An object of any JSON, kept as it is; {} when absent. Refuses what a database would choke on."""
        value = self._value.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._wrong(name, f"is {_kind(value)}, not an object")
        for leaf in _leaves(value, self._where):
            if isinstance(leaf, str) and (fault := fault_in(leaf)):
                self._wrong(name, fault)
            if isinstance(leaf, float) and not isfinite(leaf):
                self._wrong(name, "holds a number too large to keep")
        return value

    def _wrong(self, name: str, cause: str) -> NoReturn:
        reject(f"{self._where}: {name} {cause}.")


def _leaves(value: Json, where: str) -> Iterator[Json]:
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Json] = []
        for node in level:
            if isinstance(node, dict):
                yield from node
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
            else:
                yield node
        if not below:
            return
        level = below
    reject(f"{where} is nested more than {MAX_DEPTH} deep.")


def _kind(value: Json) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return kinds.get(type(value), "a number")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)  # json.loads would make one for each payload

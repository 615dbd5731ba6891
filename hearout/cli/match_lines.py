"""The lines that `hearout match` takes and gives: a post as JSON on each, one out for each one in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from hearout.cli.read_lines import LONGEST_LINE, LONGEST_TEXT, LineError, decoded
from hearout.lib.clean import clean_text
from hearout.listening.engine import Match
from hearout.listening.query.text import Text

_TOLD = ("author", "network", "language", "place")
_BREAKS = tuple((sign.encode(), b"\\u%04x" % ord(sign)) for sign in "\x85\u2028\u2029")
"""JSON need not escape these, but some programs break lines at them."""


def post_of(line: bytes | None) -> Text:
    """The post on a line. Raises LineError for whatever else stands there, however odd."""
    if line is None:
        raise LineError(f"longer than {LONGEST_LINE:,} bytes")
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        found = decoded(line)
    if type(found) is not dict:
        raise LineError('not an object such as {"id": 1, "text": "..."}')
    id, text = found.get("id"), found.get("text")
    if type(text) is not str or type(id) not in (str, int):
        _complain(found)
    assert isinstance(text, str)  # or it was complained of
    if not text.isascii() or "\0" in text or len(text) > LONGEST_TEXT:
        text = clean_text(text, LONGEST_TEXT)
    told = (_told(value, field, id) if (value := found.get(field)) else "" for field in _TOLD)
    author, network, language, place = told
    return Text(id, text, author, network, language, place, _time(found.get("created_at"), id))


def line_of(id: str | float | None, matches: Sequence[Match], names: Sequence[str]) -> bytes:
    """One line of JSON; the id as it came in."""
    found = [
        {
            "query": names[one.query],
            "directness": one.directness,
            "words": one.words,
            "distance": one.distance,
        }
        for one in matches
    ]
    try:
        line = orjson.dumps({"id": id, "matches": found})
    except (orjson.JSONEncodeError, TypeError):  # half characters, or numbers of more than 64 bits
        line = json.dumps({"id": id, "matches": found}, separators=(",", ":")).encode("ascii")
    if not line.isascii():
        for sign, escaped in _BREAKS:
            line = line.replace(sign, escaped)
    return line + b"\n"


def _complain(found: dict[str, Any]) -> None:
    """Says what is wrong with the id or the text, if anything is."""
    id = found.get("id")
    if isinstance(id, bool) or not isinstance(id, str | int | float | None):
        raise LineError('"id" is neither a string nor a number')
    if isinstance(id, float) and abs(id) == float("inf"):
        raise LineError('"id" is too large a number')
    if "text" not in found:
        raise LineError('no "text"', id)
    if not isinstance(found["text"], str):
        raise LineError('"text" is not a string', id)


def _told(value: object, field: str, id: str | float | None) -> str:
    if type(value) is not str:
        raise LineError(f'"{field}" is not a string', id)
    return value if value.isascii() and "\0" not in value else clean_text(value, LONGEST_TEXT)


def _time(value: object, id: str | float | None) -> datetime | None:
    """No query asks for it yet, but what is told wrongly is said."""
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise LineError('"created_at" is not a time such as "2026-11-22T12:00:00Z"', id) from None

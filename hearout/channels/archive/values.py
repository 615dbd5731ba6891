"""JSON values of a file: one a line, or written as one document over many lines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from hearout.channels.archive.lines import (
    KEPT,
    UNREADABLE,
    Line,
    LineFile,
    Rejected,
    encoding_fault,
    ends_early,
)
from hearout.channels.base import ChannelError, IncomingPost, Json

LONGEST = 16 << 20
"""Characters of one value of a network's API: a response with 500 posts and all fields has about 3 million."""

_CHUNK = 1 << 16
_BETWEEN = re.compile(r"[\s,\[\]\ufeff]*")
_NEXT_OBJECT = re.compile(r"\n(?=\{)")
_TOKEN = 64
"""An error this near to the end of what was read may be no error once more is read."""


def values(file: LineFile) -> Iterator[tuple[Line, Json | Rejected]]:
    """Each value with the line or lines it stands in, or why it is none.

    Of a document, the objects of its lists come one by one, so that it may be larger than the memory.
    """
    if file.is_document:
        yield from _document(file)
        return
    for line in file:
        if line.fault or line.text.strip():
            yield _decoded(line)


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of a value that should be a post and is none."""

    reason: str
    part: Json

    @property
    def raw(self) -> bytes:
        try:
            return json.dumps(self.part).encode("ascii")[:KEPT]
        except RecursionError:
            return b""


def told(
    file: LineFile, posts: Callable[[Json], Iterator[IncomingPost | Refused]]
) -> Iterator[IncomingPost | Rejected]:
    """What `posts` makes of each value."""
    for line, value in values(file):
        if isinstance(value, Rejected):
            yield value
            continue
        try:
            for post in posts(value):
                yield Rejected(line.number, post.reason, post.raw) if isinstance(post, Refused) else post
        except ChannelError as error:
            yield Rejected(line.number, error.message, line.raw[:KEPT])


def _decoded(line: Line) -> tuple[Line, Json | Rejected]:
    if line.fault:
        return line, Rejected(line.number, line.fault, line.raw)
    try:
        return line, _DECODER.decode(line.text)
    except RecursionError:
        cause = "The line is nested too deeply."
    except ValueError as error:
        cause = f"The line is not JSON: {error}."
    return line, Rejected(line.number, cause, line.raw[:KEPT])


def _document(file: LineFile) -> Iterator[tuple[Line, Json | Rejected]]:
    """The objects of a document, with as much of it in memory as the one that is being read needs."""
    text, place, number, ended = "", 0, 1, False
    while True:
        start = _after_brackets(text, place)
        number += text.count("\n", place, start)
        found = _found(text, start, ended)
        if found:
            place = found.end
            line = Line(number, text[start:place])
            fault = found.fault or encoding_fault(line.text)
            yield line, Rejected(number, fault, line.raw[:KEPT]) if fault else found.value
            number += text.count("\n", start, place)
        elif ended:
            return
        else:
            try:
                more = file.read(max(_CHUNK, len(text) - start))
            except UNREADABLE as error:
                yield Line(number, ""), Rejected(number, ends_early(error), b"")
                return
            text, place, ended = text[start:] + more, 0, not more


def _after_brackets(text: str, place: int) -> int:
    found = _BETWEEN.match(text, place)
    return found.end() if found else place


@dataclass(frozen=True, slots=True)
class _Found:
    """A value of a document, or why there is none; and where the next may begin."""

    value: Json
    end: int
    fault: str = ""


def _found(text: str, start: int, ended: bool) -> _Found | None:
    """None: `text` ends before the value that begins at `start` does."""
    if start == len(text):
        return None
    try:
        return _Found(*_DECODER.raw_decode(text, start))
    except RecursionError:
        cause = "nested too deeply"
    except json.JSONDecodeError as error:
        at_the_end = error.pos >= len(text) - _TOKEN or error.msg.startswith("Unterminated string")
        if at_the_end and not ended and len(text) - start < LONGEST:
            return None
        cause = f"not JSON: {error.msg}"
    except ValueError as error:
        cause = f"not JSON: {error}"
    following = _NEXT_OBJECT.search(text, start)
    return _Found(None, following.end() if following else len(text), f"Here the file is {cause}.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)

"""Payloads that a hostile or broken network could send, made from one good post. For the contract suite."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Sequence

from hearout.channels.base import Json

NESTED = 10_000
HUGE = 8 << 20
FLIPS = 300

JUNK: tuple[Json, ...] = (
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    1e400,
    "",
    " ",
    "\0",
    "a\0b",
    "\ud83d",
    "\udc00\ud800",
    "\u202e\u2066",
    "x" * 200_000,
    [],
    ["x"],
    [[[]]],
    {},
    {"id": 7},
)
NOT_AN_ID: tuple[Json, ...] = (7, 1.5, True, [], ["7"], {}, "", " ", "\0", "\ud83d", "x" * 200_000)
NOT_TEXT: tuple[Json, ...] = (7, True, [], {}, "a\0b", "\ud83d\ud83d", "x" * 200_000)
NOT_A_TIME: tuple[Json, ...] = (
    1700000000,
    True,
    [],
    {},
    "yesterday",
    "2026-11-21T09:14:03",
    "10000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30T00:00:00Z",
    "\0",
)


def broken_bodies(sample: Json) -> Iterator[tuple[str, bytes]]:
    """Bodies that hold no post at all, each with a name. A parser must refuse every one."""
    whole = _dump(sample)
    yield "nothing", b""
    yield "a NUL byte", b"\0"
    yield "a NUL byte behind a post", whole + b"\0"
    yield "not UTF-8", whole.replace(b":", b":\xff", 1)
    yield "UTF-16", whole.decode("ascii").encode("utf-16")
    yield "a half-read post", whole[: len(whole) // 2]
    yield "two posts in a row", whole + whole
    yield "no JSON", b"<html>Bad gateway</html>"
    for word in (b"null", b"true", b"7", b'"text"', b"NaN", b"[null]", b"[7]", b"[[]]", b'{"unknown": {}}'):
        yield word.decode(), word
    yield "lists in lists", b"[" * NESTED + b"]" * NESTED
    yield "lists without an end", b"[" * NESTED
    yield "objects in objects", b'{"a":' * NESTED + b"1" + b"}" * NESTED
    yield "8 MB of text", b'"' + b"x" * HUGE + b'"'
    yield "8 MB around a post", b" " * HUGE + whole
    yield "a number of 100,000 digits", b"9" * 100_000


def broken_posts(
    sample: Json, *, required: Sequence[str], ids: Sequence[str], texts: Sequence[str], times: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """The sample with one field made wrong. Fields are paths such as `author.id`. All must be refused."""
    for path in required:
        yield f"{path} missing", _dump(_without(sample, path))
        yield f"{path} null", _dump(_with(sample, path, None))
    for kind, paths, values in (
        ("id", ids, NOT_AN_ID),
        ("text", texts, NOT_TEXT),
        ("time", times, NOT_A_TIME),
    ):
        for path in paths:
            for value in values:
                yield f"{kind} {path} = {ascii(value)[:40]}", _dump(_with(sample, path, value))
    for path in {path.rpartition(".")[0] for path in [*required, *ids, *texts, *times]} - {""}:
        for value in ([], [{}], "text", 7, True):
            yield f"object {path} = {value!r}", _dump(_with(sample, path, value))


def odd_posts(sample: Json) -> Iterator[tuple[str, bytes]]:
    """The sample with anything anywhere, and with bytes flipped. A parser may read or refuse each."""
    for path in _paths(sample):
        for value in JUNK:
            yield f"{path} = {ascii(value)[:40]}", _dump(_with(sample, path, value))
        yield f"{path} deep", _deep(sample, path)
    chance = random.Random(7)
    whole = _dump(sample)
    for number in range(FLIPS):
        body = bytearray(whole)
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        yield f"flip {number}", bytes(body)


def _deep(sample: Json, path: str) -> bytes:
    marker = "the place to nest"
    nested = b"[" * NESTED + b"]" * NESTED
    return _dump(_with(sample, path, marker)).replace(_dump(marker), nested)


def _dump(value: Json) -> bytes:
    return json.dumps(value).encode("ascii")


def _paths(value: Json, above: str = "") -> Iterator[str]:
    for name, below in value.items():
        yield above + name
        if isinstance(below, dict):
            yield from _paths(below, f"{above}{name}.")


def _with(sample: Json, path: str, value: Json) -> Json:
    changed = copy.deepcopy(sample)
    *above, last = path.split(".")
    node = changed
    for name in above:
        node = node[name]
    node[last] = value
    return changed


def _without(sample: Json, path: str) -> Json:
    changed = copy.deepcopy(sample)
    *above, last = path.split(".")
    node = changed
    for name in above:
        node = node[name]
    del node[last]
    return changed

"""Archives for tests: written to a file, and read both ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hearout.channels.archive.jsonl import dump_post, parse_post
from hearout.channels.archive.reading import Rejected, open_archive
from hearout.channels.base import Delivery, IncomingPost


@dataclass
class Told:
    """What an archive told: posts and rejected rows in its order, and how often each warning was due."""

    format: str
    posts: list[IncomingPost]
    rejected: list[Rejected]
    warnings: dict[str, int]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(row.line, row.reason) for row in self.rejected]


Reader = Callable[..., Told]


def read_both_ways(path: Path, *options: Any, **more: Any) -> Told:
    """Posts told directly are those told as payloads, and no row that could be read is refused later."""
    with open_archive(path, *options, **more) as archive:
        direct = list(archive.posts())
        assert archive.position == archive.size
    with open_archive(path, *options, **more) as again:
        encoded = [parse_post(json.loads(row.body)) if isinstance(row, Delivery) else row for row in again]
    assert encoded == direct
    assert again.warnings == archive.warnings
    posts = [row for row in direct if isinstance(row, IncomingPost)]
    assert [parse_post(dump_post(post)) for post in posts] == posts
    rejected = [row for row in direct if isinstance(row, Rejected)]
    return Told(archive.format.value, posts, rejected, dict(archive.warnings))


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Reads bytes, text, or a list of JSON values as lines, kept in a file."""

    def reader(content: bytes | str | list[Any], *options: Any, **more: Any) -> Told:
        if isinstance(content, list):
            content = "".join(json.dumps(value) + "\n" for value in content)
        path = tmp_path / "archive"
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return read_both_ways(path, *options, **more)

    return reader

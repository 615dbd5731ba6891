"""What a person types is turned into files, each once."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearout.channels.archive.paths import archive_paths
from hearout.channels.base import ChannelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b.csv",
        "a.jsonl.gz",
        "deep/c.PARQUET",
        "notes.md",
        ".hidden/d.csv",
        "deep/.e.csv",
        "odd[1].csv",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def names(folder: Path, *patterns: str) -> list[str]:
    return [str(path.relative_to(folder)) for path in archive_paths(str(folder / one) for one in patterns)]


def test_a_folder_gives_its_archives_at_any_depth_and_nothing_hidden(folder: Path) -> None:
    assert names(folder, ".") == ["a.jsonl.gz", "b.csv", "deep/c.PARQUET", "odd[1].csv"]


def test_patterns_are_expanded_and_no_file_comes_twice(folder: Path) -> None:
    assert names(folder, "*.csv") == ["b.csv", "odd[1].csv"]
    assert names(folder, "**/*.[cC][sS][vV]", "b.csv", "deep/../b.csv") == ["b.csv", "odd[1].csv"]
    assert names(folder, "b.csv", "a*") == ["b.csv", "a.jsonl.gz"]


def test_a_file_is_taken_whatever_its_name(folder: Path) -> None:
    assert names(folder, "notes.md", "odd[1].csv", ".hidden/d.csv") == [
        "notes.md",
        "odd[1].csv",
        ".hidden/d.csv",
    ]


def test_what_finds_nothing_is_said(folder: Path) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(ChannelError, match=r"no file .*missing\.csv"):
        archive_paths([folder / "b.csv", folder / "missing.csv"])
    with pytest.raises(ChannelError, match=r"no file .*\*\.xls"):
        archive_paths([str(folder / "*.xls")])
    with pytest.raises(ChannelError, match="empty holds no archive"):
        archive_paths([folder / "empty"])

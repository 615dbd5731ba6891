"""What the files tell, row by row, as one table of an engine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import ibis
from ibis.expr.types import Table

from hearout.channels.archive.detecting import ArchiveFormat, format_of
from hearout.channels.archive.reading import MOJIBAKE, SPOILT, Archive, open_archive
from hearout.insight.audit import gathering, twcs_duck
from hearout.insight.audit.counts import ArchiveCounts, Rejects, rejects_to
from hearout.insight.duck import DuckEngine
from hearout.insight.engine import Engine


class Files(Protocol):
    """What of an audit's inputs matters here."""

    paths: Sequence[Path]
    format: str | None
    mapping: Path | None
    zone: str | None
    rejects: Path | None


class TakesParquet(Engine, Protocol):
    def read_parquet(self, name: str, path: Path) -> Table:
        """The rows of a file, kept as a table."""


@dataclass(frozen=True)
class Told:
    """One row a post, no key twice: key, parent_key (null: none), network, author_id, handle, by_brand, text,
    posted_at, and the columns of `varying`, which other formats do not tell. `forget` frees it.
    """

    table: Table
    varying: tuple[str, ...]
    forget: Callable[[], None]


def tell(engine: Engine, files: Files, counts: ArchiveCounts, progress: Callable[[float], None]) -> Told:
    """Everything in the files, on the engine. What was left out is put into `counts`. Raises ChannelError."""
    with rejects_to(files.rejects, counts) as rejects:
        if isinstance(engine, DuckEngine):
            return _tell(engine, files, counts, rejects, progress)
        with DuckEngine() as duck, tempfile.TemporaryDirectory(prefix="hearout-told-") as folder:
            told = _tell(duck, files, counts, rejects, progress)
            path = Path(folder) / "told.parquet"
            duck.write_parquet(told.table, path)
            return Told(_elsewhere(engine, path), told.varying, lambda: None)


def _elsewhere(engine: Engine, path: Path) -> Table:
    reading: TakesParquet = engine  # type: ignore[assignment]
    return reading.read_parquet("told", path)


def _tell(
    engine: DuckEngine,
    files: Files,
    counts: ArchiveCounts,
    rejects: Rejects,
    progress: Callable[[float], None],
) -> Told:
    varying: tuple[str, ...] = ()
    try:
        table = _plain_twcs(engine, files, counts, rejects)
    except twcs_duck.NotPlainError:
        rows = gathering.gather(
            engine, files.paths, lambda path: _open(files, path), counts, rejects, progress
        )
        table, varying = gathering.one_each(engine, rows, counts), gathering.VARYING
    _count(engine, table, counts)
    return Told(table, varying, lambda: None)


def _open(files: Files, path: Path) -> Archive:
    return open_archive(path, files.format, files.mapping, zone=files.zone)


def _plain_twcs(engine: DuckEngine, files: Files, counts: ArchiveCounts, rejects: Rejects) -> Table:
    """Raises NotPlainError when the files are anything else, or need a closer look."""
    if files.mapping or (files.format or ArchiveFormat.TWCS) != ArchiveFormat.TWCS:
        raise twcs_duck.NotPlainError
    if not files.format and any(format_of(path) is not ArchiveFormat.TWCS for path in files.paths):
        raise twcs_duck.NotPlainError
    table, rejected = twcs_duck.read(engine, files.paths)
    for path, row in rejected:
        rejects.add(path, row)
    spoilt = ibis.ifelse(table.text.re_search(SPOILT.pattern), 1, 0).sum()
    [[found]] = engine.run(table.aggregate(rows=ibis._.count(), keys=table.key.nunique(), spoilt=spoilt))
    counts.duplicates = found["rows"] - found["keys"]
    if found["spoilt"]:
        counts.warnings[MOJIBAKE] += found["spoilt"]
    return engine.keep("told", _first_of_each(table)) if counts.duplicates else table


def _first_of_each(table: Table) -> Table:
    table = table.mutate(number=ibis.row_number().over(ibis.window()))
    table = table.mutate(place=ibis.row_number().over(group_by="key", order_by="number"))
    return table.filter(table.place == 0).drop("number", "place")


def _count(engine: Engine, table: Table, counts: ArchiveCounts) -> None:
    at = table.posted_at
    [[found]] = engine.run(table.aggregate(posts=ibis._.count(), first=at.min(), last=at.max()))
    counts.posts, counts.first, counts.last = found["posts"], found["first"], found["last"]

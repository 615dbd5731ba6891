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
from hearout.channels.archive.reading import MOJIBAKE, Archive, open_archive
from hearout.channels.archive.twcs import NETWORK
from hearout.insight.audit import gathering, twcs_duck
from hearout.insight.audit.brands import Brands
from hearout.insight.audit.counts import ArchiveCounts, Rejects, rejects_to
from hearout.insight.audit.looking import looked_into, spoilt
from hearout.insight.duck import DuckEngine
from hearout.insight.engine import Engine


@dataclass(frozen=True)
class Inputs:
    """What to load. `paths` are files; `zone` is that of times without one; `tone` False reads no text.

    `rejects`: a file for the rows that are no posts, with line and reason; None keeps them nowhere.
    """

    paths: Sequence[Path]
    format: str | None = None
    mapping: Path | None = None
    zone: str | None = None
    brands: Brands | None = None
    tone: bool = True
    rejects: Path | None = None


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


def tell(engine: Engine, files: Inputs, counts: ArchiveCounts, progress: Callable[[float], None]) -> Told:
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
    files: Inputs,
    counts: ArchiveCounts,
    rejects: Rejects,
    progress: Callable[[float], None],
) -> Told:
    all_texts = files.tone or bool(files.brands)
    varying: tuple[str, ...] = ()
    try:
        table = _plain_twcs(engine, files, counts, rejects, all_texts)
    except twcs_duck.NotPlainError:
        rows = gathering.gather(
            engine, files.paths, lambda path: _open(files, path), counts, rejects, progress
        )
        kept, varying = gathering.one_each(engine, rows, counts), gathering.VARYING
        table = looked_into(kept, texts_of_customers=all_texts)
    else:
        kept, table = table, table.mutate(network=ibis.literal(NETWORK), handle=table.author_id)
    _count(engine, table, counts)
    return Told(table, varying, lambda: engine.drop(kept))


def _open(files: Inputs, path: Path) -> Archive:
    return open_archive(path, files.format, files.mapping, zone=files.zone)


def _plain_twcs(
    engine: DuckEngine, files: Inputs, counts: ArchiveCounts, rejects: Rejects, all_texts: bool
) -> Table:
    """Raises NotPlainError when the files are anything else, or need a closer look."""
    if files.mapping or (files.format or ArchiveFormat.TWCS) != ArchiveFormat.TWCS:
        raise twcs_duck.NotPlainError
    if not files.format and any(format_of(path) is not ArchiveFormat.TWCS for path in files.paths):
        raise twcs_duck.NotPlainError

    def look(rows: Table) -> Table:
        return looked_into(rows.mutate(spoilt=spoilt(rows)), texts_of_customers=all_texts)

    table, rejected = twcs_duck.read(engine, files.paths, look)
    for path, row in rejected:
        rejects.add(path, row)
    spoils = ibis.ifelse(table.spoilt, 1, 0).sum()
    [[found]] = engine.run(table.aggregate(rows=ibis._.count(), keys=table.key.nunique(), spoilt=spoils))
    counts.duplicates = found["rows"] - found["keys"]
    if found["spoilt"]:
        counts.warnings[MOJIBAKE] += found["spoilt"]
    if not counts.duplicates:
        return table
    once = engine.keep("told", _first_of_each(table))
    engine.drop(table)
    return once


def _first_of_each(table: Table) -> Table:
    table = table.mutate(number=ibis.row_number().over(ibis.window()))
    table = table.mutate(place=ibis.row_number().over(group_by="key", order_by="number"))
    return table.filter(table.place == 0).drop("number", "place")


def _count(engine: Engine, table: Table, counts: ArchiveCounts) -> None:
    at = table.posted_at
    [[found]] = engine.run(table.aggregate(posts=ibis._.count(), first=at.min(), last=at.max()))
    counts.posts, counts.first, counts.last = found["posts"], found["first"], found["last"]

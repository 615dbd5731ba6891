"""What the files tell, row by row, as one table of an engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
from ibis.expr.types import Table

from hearout.insight.audit import twcs_duck
from hearout.insight.duck import DuckEngine
from hearout.insight.engine import Engine

if TYPE_CHECKING:
    from hearout.insight.audit.loading import ArchiveCounts, Inputs


@dataclass(frozen=True)
class Told:
    """One row a post, no key twice: key, parent_key (null: none), network, author_id, handle, by_brand, text,
    posted_at, and the columns of `varying`, in which alone the posts of this format differ further.
    """

    table: Table
    varying: tuple[str, ...]
    forget: Callable[[], None]


def tell(engine: Engine, paths: Sequence[Path], counts: ArchiveCounts, inputs: Inputs) -> Told:
    """Everything in the files. What was read and left out is put into `counts`."""
    assert isinstance(engine, DuckEngine)
    table, torn = twcs_duck.read(engine, paths)
    if torn:
        counts.rejected["The row is torn"] += torn
    [[found]] = engine.run(
        table.aggregate(
            rows=table.count(),
            keys=table.key.nunique(),
            first=table.posted_at.min(),
            last=table.posted_at.max(),
        )
    )
    counts.posts, counts.first, counts.last = found["keys"], found["first"], found["last"]
    counts.duplicates = found["rows"] - found["keys"]
    if counts.duplicates:
        table = engine.keep("told", _first_of_each(table))
    return Told(table, (), lambda: None)


def _first_of_each(table: Table) -> Table:
    table = table.mutate(number=ibis.row_number().over(ibis.window()))
    table = table.mutate(place=ibis.row_number().over(group_by="key", order_by="number"))
    return table.filter(table.place == 0).drop("number", "place")

"""Python work on many texts, spread over the cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from ibis.expr.types import Table

from hearout.insight.engine import Engine, Row

FEW = 5_000
"""Fewer texts than these are done before another process has started."""
PART = 40_000
"""Rows that are fetched from the engine at a time."""
BATCH = 1_000

Result = tuple[Any, ...]
Work = Callable[[Sequence[Row]], list[Result]]


def parts(engine: Engine, rows: Table, count: int) -> Iterator[list[Row]]:
    """The rows of a table with a column `id`, some at a time, so that memory does not grow with them."""
    pieces = -(-count // PART)
    for piece in range(pieces):
        [found] = engine.run(rows.filter(rows.id % pieces == piece) if pieces > 1 else rows)
        yield found


def count_of(engine: Engine, rows: Table) -> int:
    [[found]] = engine.run(rows.aggregate(n=rows.count()))
    return int(found["n"])


@contextmanager
def crew(count: int) -> Iterator[Callable[[Work, Sequence[Row]], list[Result]]]:
    """A function that maps rows in batches, `do(work, rows)`, over as many processes as `count` rows are worth."""
    cores = len(os.sched_getaffinity(0))
    if count < FEW or cores < 2:
        yield lambda work, rows: work(rows)
        return
    # not by fork: the engine has threads
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:

        def do(work: Work, rows: Sequence[Row]) -> list[Result]:
            batches = [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]
            return [one for done in pool.map(work, batches) for one in done]

        yield do

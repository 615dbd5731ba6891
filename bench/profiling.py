"""Where the time of a post goes: each inside stage alone, in one process, its Python and its SQL by statement."""

from __future__ import annotations

import cProfile
import io
import pstats
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ground import life, openings

POSTS = 6_000
MOST_STATEMENTS, MOST_FUNCTIONS = 9, 14


@dataclass
class Spent:
    """Seconds and calls by statement, and the seconds of commits."""

    statements: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def seconds(self) -> float:
        return sum(sum(one) for one in self.statements.values())


def profile(
    store: Callable[[list[dict[str, Any]]], object], empty: Callable[[], None], *, quick: bool
) -> None:
    count = 600 if quick else next((int(one) for one in sys.argv if one.isdigit()), POSTS)
    for title, posts in (("every post opens a case", openings), ("closer to life", life)):
        for detailed in (False, True):
            empty()
            store(posts(count))
            if not detailed:
                print(f"\n{title}, {count:,} posts, one process; µs a post")
                print(
                    f"{'stage':>10} {'rows':>7} {'calls':>6} {'all':>7} {'Python':>7} {'SQL':>7} {'of it CPU':>9}"
                )
            for stage in _stages():
                _with_functions(stage, count) if detailed else _by_statement(stage, count)


def _stages() -> Iterator[Any]:
    from hearout import pipeline

    return iter(pipeline.choose(outside=False))


def _run(stage: Any) -> tuple[int, int]:
    """(rows, calls) until nothing is left for the stage."""
    rows = calls = 0
    while calls < 100_000:
        calls += 1
        moved = stage.step(stage.batch, datetime.now(UTC))
        rows += moved
        if not moved:
            break
    return rows, calls


def _by_statement(stage: Any, posts: int) -> None:
    with _timed() as spent:
        began, cpu = time.perf_counter(), time.process_time()
        rows, calls = _run(stage)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    each = 1e6 / posts
    print(
        f"{stage.name:>10} {rows:>7,} {calls:>6} {seconds * each:>7.1f} {(seconds - spent.seconds) * each:>7.1f} "
        f"{spent.seconds * each:>7.1f} {cpu * each:>9.1f}"
    )
    dearest = sorted(spent.statements.items(), key=lambda one: -sum(one[1]))[:MOST_STATEMENTS]
    for statement, times in dearest:
        if sum(times) * each >= 0.5:
            print(f"{'':34} {sum(times) * each:>7.1f} in {len(times):>4} x {statement}")


def _with_functions(stage: Any, posts: int) -> None:
    profiler = cProfile.Profile()
    profiler.enable()
    _run(stage)
    profiler.disable()
    text = io.StringIO()
    stats = pstats.Stats(profiler, stream=text)
    if stats.total_tt * 1e6 / posts < 5:  # type: ignore[attr-defined]
        return
    stats.strip_dirs().sort_stats("tottime").print_stats(MOST_FUNCTIONS)
    lines = [line for line in text.getvalue().splitlines() if line.strip()]
    print(f"\n{stage.name}: functions by their own time (the profiler itself slows Python)")
    print("\n".join(line for line in lines if not line.lstrip().startswith(("Ordered", "List"))))


@contextmanager
def _timed() -> Iterator[Spent]:
    """Sums the time of every statement and commit of Django's connection."""
    from django.db import connection

    spent = Spent()

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return run(sql, params, many, context)
        finally:
            spent.statements[" ".join(str(sql).split())[:90]].append(time.perf_counter() - began)

    commit = connection._commit

    def timed_commit() -> Any:
        began = time.perf_counter()
        try:
            return commit()
        finally:
            spent.statements["COMMIT"].append(time.perf_counter() - began)

    connection._commit = timed_commit  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(execute):
            yield spent
    finally:
        del connection._commit  # type: ignore[method-assign]

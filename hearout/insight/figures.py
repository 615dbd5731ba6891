"""A figure: a metric taken over a scope, with all that is needed to believe it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import chain
from typing import Any, Protocol, cast

from ibis.expr.types import Table

from hearout.insight import metrics
from hearout.insight.catalogue import definition, metric_names
from hearout.insight.dimensions import order_of, split, times
from hearout.insight.engine import Row, run
from hearout.insight.facts import Facts, facts
from hearout.insight.results import Interval, Result
from hearout.insight.scope import Scope, archive_id
from hearout.insight.tables import live_tables

__all__ = ["Figure", "Part", "definition", "figure", "metric", "metric_names"]


class Metric(Protocol):
    """What a module in `insight/metrics/` has. Its docstring is the definition that people read.

    `UNITS`: the unit of each value: seconds, share, score or grade. `measure(facts, by)`: an expression
    that counts, with the columns `by` beside the counts. `result(rows)`: values from any part of its rows.
    """

    UNITS: dict[str, str]
    measure: Callable[[Facts, Sequence[str]], Table]
    result: Callable[[Sequence[Row]], Result]


@dataclass(frozen=True)
class Part(Result):
    """The figure of one group, such as {"tone": "complaint"}."""

    group: dict[str, Any] | None = None


@dataclass(frozen=True)
class Figure:
    """`exclusions`: what was left out or ignored and how often. `by`: the same figure for each group."""

    metric: str
    definition: str
    scope: Scope
    units: dict[str, str]
    n: int
    value: dict[str, float | str | None]
    intervals: dict[str, Interval]
    numerator: dict[str, int]
    denominator: dict[str, int]
    exclusions: dict[str, int]
    by: list[Part]

    def as_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`, always of this shape."""
        parts = [asdict(part) for part in self.by]
        plain = {name: getattr(self, name) for name in SHAPE}
        return {**plain, "scope": self.scope.as_json(), "by": parts}


SHAPE = (
    "metric", "scope", "definition", "n", "value", "intervals", "units", "numerator", "denominator",
    "exclusions", "by",
)  # fmt: skip

EXCLUSIONS = {
    "orphans": "customers' posts whose parent is named but not known: left out",
    "unaddressed": "openings that address no known brand: left out",
    "deleted_unanswered": "openings deleted before anybody answered: left out",
    "answers_before_opening": "brand posts dated before the opening they answer: ignored",
    "automatic_answers": "automatic acknowledgements: ignored",
    "probes": "test posts of mystery shoppers that have been reported: left out",
}


@cache
def metric(name: str) -> Metric:
    """The module of a metric. Raises ScopeError when there is none."""
    definition(name)
    return cast("Metric", importlib.import_module(f"{metrics.__name__}.{name.replace('-', '_')}"))


def figure(name: str, *, scope: Scope | None = None, by: Sequence[str] | str | None = None) -> Figure:
    """A metric over a scope (live when left out), also split by dimensions. Raises ScopeError."""
    module, scope = metric(name), scope or Scope()
    dimensions = [by] if isinstance(by, str) else list(dict.fromkeys(by or ()))
    known = facts(live_tables(), scope, archive_id(scope))
    splits = [split(known.openings, known.tables, dimensions, nth) for nth in range(times(dimensions))]
    counts = [module.measure(replace(known, openings=openings), dimensions) for openings in splits]
    excluded, rows, *further = run(known.exclusions, *counts)
    result = module.result(rows)
    return Figure(
        metric=name,
        definition=definition(name),
        scope=scope,
        units=module.UNITS,
        exclusions=exclusions_of(excluded),
        by=_parts(module, [*rows, *chain(*further)], dimensions) if dimensions else [],
        **asdict(result),
    )


def exclusions_of(rows: Sequence[Row]) -> dict[str, int]:
    """What was left out or ignored, by reason; rows of `Facts.exclusions`."""
    counts = {row["reason"]: row["count"] for row in rows}
    return {reason: counts.get(reason, 0) for reason in EXCLUSIONS}


def _parts(module: Metric, rows: Sequence[Row], dimensions: Sequence[str]) -> list[Part]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in dimensions), []).append(row)
    parts = []
    for key, members in groups.items():
        result = module.result(members)
        if result.n:
            parts.append(Part(**asdict(result), group=dict(zip(dimensions, key, strict=True))))
    return sorted(parts, key=lambda part: order_of(part.group or {}))

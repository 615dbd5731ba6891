"""A figure: a metric taken over a scope, with all that is needed to believe it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Protocol, cast

from ibis.expr.types import Table

from hearout.insight import metrics
from hearout.insight.dimensions import order_of, split
from hearout.insight.engine import Row, run
from hearout.insight.facts import Facts, facts
from hearout.insight.results import Interval, Result
from hearout.insight.scope import ALL, LIVE, Scope, ScopeError
from hearout.insight.tables import live_tables


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
        return {**{name: getattr(self, name) for name in _PLAIN}, "scope": self.scope.as_json(), "by": parts}


_PLAIN = (
    "metric", "definition", "n", "value", "intervals", "units", "numerator", "denominator", "exclusions",
)  # fmt: skip

EXCLUSIONS = {
    "orphans": "customers' posts whose parent is named but not known: left out",
    "unaddressed": "openings that address no known brand: left out",
    "deleted_unanswered": "openings deleted before anybody answered: left out",
    "answers_before_opening": "brand posts dated before the opening they answer: ignored",
    "automatic_answers": "automatic acknowledgements: ignored",
}


def metric_names() -> list[str]:
    """Every metric there is: the files in `insight/metrics/`, with hyphens."""
    found = (module.name for module in pkgutil.iter_modules(metrics.__path__))
    return sorted(name.replace("_", "-") for name in found if not name.startswith(("test_", "_")))


def definition(name: str) -> str:
    """What a metric means, how it is computed and by whom it was thought of. Raises ScopeError for no metric."""
    return inspect.cleandoc(metric(name).__doc__ or "")


@cache
def metric(name: str) -> Metric:
    """The module of a metric. Raises ScopeError when there is none."""
    if name not in metric_names():
        raise ScopeError(f"There is no metric {name!r}. Choose among: {', '.join(metric_names())}.")
    return cast("Metric", importlib.import_module(f"{metrics.__name__}.{name.replace('-', '_')}"))


def figure(name: str, *, scope: Scope | None = None, by: Sequence[str] | str | None = None) -> Figure:
    """A metric over a scope (live when left out), also split by dimensions. Raises ScopeError."""
    module, scope = metric(name), scope or Scope()
    dimensions = [by] if isinstance(by, str) else list(dict.fromkeys(by or ()))
    known = facts(live_tables(), scope, _archive_id(scope))
    known = Facts(split(known.openings, known.tables, dimensions), known.exclusions, known.tables)
    rows = run(module.measure(known, dimensions))
    excluded = {row["reason"]: row["count"] for row in run(known.exclusions)}
    result = module.result(rows)
    return Figure(
        metric=name,
        definition=definition(name),
        scope=scope,
        units=module.UNITS,
        exclusions={reason: excluded.get(reason, 0) for reason in EXCLUSIONS},
        by=_parts(module, rows, dimensions) if dimensions else [],
        **asdict(result),
    )


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


def _archive_id(scope: Scope) -> int | None:
    """The archive of a scope; its brands are checked on the way, for a misspelt one would give an empty figure."""
    from hearout.listening.models import Archive
    from hearout.people.models import Brand

    known = set(Brand.objects.filter(slug__in=scope.brands).values_list("slug", flat=True))
    if missing := [slug for slug in scope.brands if slug not in known]:
        raise ScopeError(f"There is no brand {missing[0]!r}.")
    if scope.archive in (LIVE, ALL):
        return None
    pk = Archive.objects.filter(name=scope.archive).values_list("pk", flat=True).first()
    if pk is None:
        names = ", ".join([LIVE, ALL, *Archive.objects.values_list("name", flat=True)[:10]])
        raise ScopeError(f"There is no archive {scope.archive!r}. Choose among: {names}.")
    return pk

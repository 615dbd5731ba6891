"""The figures of an audit: every metric of every brand, and again by each dimension, in two small queries each.

The metrics' own modules say what each figure is: what they count is taken of every opening alone, kept
beside it, and then only added up. The rows of all brands together are those of the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

import ibis
from ibis.expr.types import BooleanValue, Table, Value

from hearout.insight.dimensions import order_of, split
from hearout.insight.engine import Engine, Row
from hearout.insight.facts import Facts
from hearout.insight.figures import metric
from hearout.insight.metrics.expectation import STEPS
from hearout.insight.metrics.first_response import of_waits
from hearout.insight.results import Interval, Result, Waits, share, waits_by, waits_of

Json = dict[str, Any]

DIMENSIONS = {
    "tone": "tone",
    "directness": "directness",
    "handle_role": "role",
    "place": "place",
    "hour": "hour",
    "weekday": "weekday",
    "network": "network",
}
"""The names in the document, and those of `insight.dimensions`."""

ALL = list(DIMENSIONS.values())

USED = (
    "brand", "answered", "seconds", "waited", "opened_at", "first_at", "first_handle_id", "any_at", "last_before",
    "asks",
)  # fmt: skip
"""Columns of the openings, beside the dimensions, from which `moves` and `findings` take more than figures do."""

WITHIN = (1800, 3600, 86_400)
SHARES = {
    "first_contact_resolution": "first-contact-resolution",
    "loop_closed": "loop-closed",
    "kudos_rate": "kudos",
    "moved_to_private": "moved-to-private",
    "leak_rate": "leak-rate",
}
"""Figures that are a plain number in the document, and the metrics they come from."""

NEED_TONE = ("first_contact_resolution", "loop_closed", "kudos_rate", "leak_rate")
"""They rest on what texts were read as, so without readings they are unknown, not nought."""


@dataclass
class Counted:
    """What was counted of one group: `waits` as from `results.waits_by`; `shares`: by figure, of how many it holds."""

    waits: list[Row] = field(default_factory=list)
    shares: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: {name: [] for name in SHARES})

    def add(self, other: Counted) -> None:
        self.waits += other.waits
        for name, rows in other.shares.items():
            self.shares[name] += rows


Groups = dict[tuple[str, Any], Counted]
"""By brand (its slug) and part (such as "complaint"); the part is None where nothing is split."""


class Counting(Protocol):
    """A metric that counts single openings: which of them matter, and of which of those it holds."""

    def counted(self, openings: Table) -> tuple[BooleanValue, BooleanValue]: ...


def count(
    facts: Facts, engine: Engine, *, tone: bool = True, tell: Callable[[str], None] = lambda text: None
) -> dict[str, Groups]:
    """The groups of every dimension, by its name in the document; `""` for the brands as they are.

    `facts` are those of `with_flags`. Without `tone` nothing is counted that rests on it.
    """
    names, openings = _counting(tone), facts.openings
    found = {}
    for name, dimension in {"": "", **DIMENSIONS}.items():
        tell(f"counting by {name.replace('_', ' ')}" if name else "counting by brand")
        by = ["brand", dimension] if dimension else ["brand"]
        waits, shares = engine.run(waits_by(openings, by), _sums(openings, by, names))
        found[name] = _grouped(waits, shares, dimension, names)
    return found


def _counting(tone: bool) -> list[str]:
    return [name for name in SHARES if tone or name not in NEED_TONE]


def with_flags(facts: Facts, *, tone: bool) -> Facts:
    """The openings with every dimension, and with what every metric counts of one opening alone: `of_...` that it
    matters, `has_...` that it holds. Of their other columns those that an audit uses. `facts` as of `with_threads`."""
    openings = split(facts.openings, facts.tables, ALL)
    flags: dict[str, Value] = {}
    for name in _counting(tone):
        of, has = cast("Counting", metric(SHARES[name])).counted(openings)
        flags |= {f"of_{name}": ibis.ifelse(of, 1, 0), f"has_{name}": ibis.ifelse(of & has, 1, 0)}
    return replace(facts, openings=openings.select(*USED, *ALL, **flags))


def _sums(openings: Table, by: Sequence[str], names: Sequence[str]) -> Table:
    columns = [f"{kind}_{name}" for name in names for kind in ("of", "has")]
    return openings.group_by(by).aggregate(**{name: openings[name].sum() for name in columns})


def _grouped(waits: Sequence[Row], shares: Sequence[Row], dimension: str, names: Sequence[str]) -> Groups:
    groups: Groups = defaultdict(Counted)
    for row in waits:
        groups[row["brand"], row.get(dimension)].waits.append(row)
    for row in shares:
        counted = groups[row["brand"], row.get(dimension)]
        for name in names:
            counted.shares[name].append((row[f"of_{name}"], row[f"has_{name}"]))
    return dict(groups)


def together(groups: Iterable[Counted]) -> Counted:
    """Several groups as one."""
    whole = Counted()
    for one in groups:
        whole.add(one)
    return whole


def of_brand(groups: Mapping[str, Groups], brand: str | None, *, tone: bool) -> Json:
    """The figures of a brand (None: of all), with those of its parts in `by`."""
    parts: dict[str, dict[Any, list[Counted]]] = {name: defaultdict(list) for name in groups}
    for name, members in groups.items():
        for (slug, part), counted in members.items():
            if brand is None or slug == brand:
                parts[name][part].append(counted)
    whole = together(one for several in parts[""].values() for one in several)
    by = {
        name: {
            str(part): figures_of(together(parts[name][part]), tone=tone)
            for part in _sorted(name, parts[name])
        }
        for name in DIMENSIONS
    }
    return {**figures_of(whole, tone=tone), "by": by}


def _sorted(name: str, parts: Iterable[Any]) -> list[Any]:
    return sorted(parts, key=lambda part: order_of({DIMENSIONS[name]: part}))


def figures_of(counted: Counted, *, tone: bool = True) -> Json:
    """The figures of a group in the document's shape, without `by`."""
    waits = waits_of(counted.waits)
    rate = share([{"n": waits.openings, "answered": len(waits.answered)}], "answered")
    first = of_waits(waits)
    within = {str(limit): _share_json(_within(rate.n, waits.within(limit))) for limit in WITHIN}
    score = metric("expectation").result([_reached(rate.n, waits)])
    shares = {
        name: None if name in NEED_TONE and not tone else _share_of(pairs)
        for name, pairs in counted.shares.items()
    }
    return {
        "openings": rate.n,
        "answered": first.n,
        "response_rate": _share_json(rate),
        "first_response_seconds": {"n": first.n} | {name: first.value[name] for name in ("median", "p90", "mean")},
        "typical_wait_seconds": first.value["everybody_median"],
        "answered_within": within,
        "expectation_score": score.value["score"],
        "grade": score.value["grade"],
        **{name: result.value["share"] if result else None for name, result in shares.items()},
        "intervals": _intervals(rate, first, score, shares),
    }  # fmt: skip


def _intervals(rate: Result, first: Result, score: Result, shares: Mapping[str, Result | None]) -> Json:
    named: dict[str, tuple[Interval, int]] = {
        **{name: (first.intervals[name], first.n) for name in ("median", "p90", "mean")},
        "typical_wait_seconds": (first.intervals["everybody_median"], rate.n),
        "expectation_score": (score.intervals["score"], score.n),
        **{
            name: (
                result.intervals["share"] if result and result.n else (None, None),
                result.n if result else 0,
            )
            for name, result in shares.items()
        },
    }
    return {name: {"low": low, "high": high, "n": n} for name, ((low, high), n) in named.items()}


def _share_of(pairs: Iterable[tuple[int, int]]) -> Result:
    return share([{"n": n, "holds": holds} for n, holds in pairs], "holds")


def _within(n: int, count: int) -> Result:
    return share([{"n": n, "within": count}], "within")


def _share_json(result: Result) -> Json:
    low, high = result.intervals["share"] if result.n else (None, None)
    return {"value": result.value["share"], "low": low, "high": high, "n": result.n}


def _reached(n: int, waits: Waits) -> Row:
    """What the metric `expectation` counts: how many were answered by each of its steps."""
    reached = {name: len(waits.answered) if most is None else waits.within(most) for name, most in STEPS}
    return {"n": n, **reached}

"""Leaks week by week and handle by handle: the metric `leak-rate`, cut into weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hearout.insight.engine import Row, run
from hearout.insight.facts import facts, whole_second
from hearout.insight.metrics import leak_rate
from hearout.insight.results import Result
from hearout.insight.scope import Scope, ScopeError
from hearout.insight.tables import live_tables

WEEK = timedelta(days=7)
BY = ("week", "network", "handle_name", "role")


@dataclass(frozen=True)
class LeakWeek:
    """Openings that want an answer in the week from `start`, a Monday in UTC: how many of them came to a main
    handle. `by_handle`: the same of each (network, handle) that is main; the shares add up to that of all."""

    start: datetime
    all: Result
    by_handle: dict[tuple[str, str], Result]


def leaks(brand: str, *, weeks: int = 8, now: datetime | None = None) -> list[LeakWeek]:
    """The last weeks of a brand (its slug), the one that is not over last. Raises ScopeError for no brand."""
    if not brand:
        raise ScopeError("Choose a brand.")
    now = now or datetime.now(UTC)
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=today.weekday()) - (weeks - 1) * WEEK
    known = facts(live_tables(), Scope(brands=(brand,), since=first, wanting_answer=True, now=now), None)
    passed = whole_second(known.openings.opened_at) - int(first.timestamp())
    openings = known.openings.mutate(week=passed // int(WEEK.total_seconds()))
    (rows,) = run(leak_rate.measure(replace(known, openings=openings), BY))
    return [
        _week(first + place * WEEK, [row for row in rows if row["week"] == place]) for place in range(weeks)
    ]


def _week(start: datetime, rows: Sequence[Row]) -> LeakWeek:
    n = sum(row["n"] for row in rows)
    return LeakWeek(
        start,
        leak_rate.result(rows),
        {
            (row["network"], row["handle_name"]): leak_rate.result([{"n": n, "leaked": row["leaked"]}])
            for row in rows
            if row["role"] == "main"
        },
    )

"""The figures of the overview, taken at most once a minute for the same brands: each costs real queries."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Lock
from typing import Any, TypeVar

from hearout.insight.charts import Chart, volume, waits_chart
from hearout.insight.figures import Figure, figure
from hearout.insight.live import Overview, overview
from hearout.insight.scope import Scope

FRESH_SECONDS = 45.0
MOST_KEPT = 64
WEEK = timedelta(days=7)

Value = TypeVar("Value")
_kept: dict[Any, tuple[float, Any]] = {}
_lock = Lock()


@dataclass(frozen=True)
class Taken:
    """`wanting`: response rate of the week's openings that want an answer, by directness.

    `leak`: leak rate of the week, by handle. `agents`: first response by agent, None for who may not see it.
    """

    live: Overview
    wanting: Figure
    leak: Figure
    agents: Figure | None
    hours: Chart
    waits: Chart


def taken(slugs: Sequence[str], zone: tzinfo, *, led: Sequence[str]) -> Taken:
    """The figures of these brands (at least one). `led`: those whose agents' figures the asker may see."""
    live: Overview = kept(("live", *slugs, str(zone)), lambda: overview(slugs, zone=zone))
    return Taken(
        live=live,
        wanting=figure_of("response-rate", slugs, by="directness", wanting=True),
        leak=figure_of("leak-rate", slugs, by="handle"),
        agents=figure_of("first-response", led, by="agent") if led else None,
        hours=volume(live.day_hours, "Openings in the last 24 hours"),
        waits=waits_chart(live.week.waits, "First response, last 7 days"),
    )


def figure_of(
    name: str, slugs: Sequence[str], *, by: str = "", wanting: bool = False, since: timedelta | None = WEEK
) -> Figure:
    """A metric of these brands' live posts since then (None: ever). Raises ScopeError.

    Never of no brand: to the engine that would mean all of them.
    """
    if not slugs:
        raise ValueError("a figure needs a brand")

    def take() -> Figure:
        now = datetime.now(UTC)
        start = now - since if since else None
        scope = Scope(brands=tuple(slugs), since=start, wanting_answer=wanting, now=now)
        return figure(name, scope=scope, by=by or None)

    return kept((name, by, wanting, since, *slugs), take)


def kept(key: Any, take: Callable[[], Value]) -> Value:
    """What was taken less than a minute ago, else taken now. Two that ask at once may both take."""
    found = _kept.get(key)
    if found and found[0] > time.monotonic():
        value: Value = found[1]
        return value
    value = take()
    with _lock:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = (time.monotonic() + FRESH_SECONDS, value)
    return value


def forget() -> None:
    """Take everything anew: for tests."""
    _kept.clear()

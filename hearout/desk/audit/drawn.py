"""The charts of an audit with the tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.safestring import mark_safe

from hearout.desk.audit.findings import ENOUGH
from hearout.desk.audit.told import Told
from hearout.desk.audit.words import Json, Value, count, number, plain, value_of
from hearout.insight.audit.charts import Drawn, Point, Times, league_chart, times_chart

MOST = 20
"""Brands in the table beside the league; the rest are in the table of brands."""


@dataclass(frozen=True)
class LeagueRow:
    brand: str
    published: bool
    source: str
    rate: Value
    mean: Value
    median: Value
    openings: str


def times_drawn(rows: Sequence[Told], title: str, *, letters: int) -> Drawn | None:
    """Hours or weekdays, by the first letters of their names. None when nothing is known of them."""
    if not any(row.openings for row in rows):
        return None
    values = [
        Times(row.name[:letters], row.openings, row.hour.number, row.hour.low, row.hour.high) for row in rows
    ]
    return _safe(times_chart(values, title, "share answered within the hour"))


def league_drawn(document: Json) -> Drawn | None:
    """Time against rate; where there are several brands with openings enough, only those and the published."""
    points = [
        Point(
            plain(one.get("brand")),
            seconds,
            rate,
            int(one.get("openings") or 0),
            bool(one.get("published")),
        )
        for one in document.get("league") or []
        for seconds, rate in [(number(one.get("mean_seconds")), number(one.get("rate")))]
        if seconds and rate is not None
    ]
    large = [point for point in points if point.openings >= ENOUGH]
    least = ENOUGH if len(large) > 1 else 0
    shown = [point for point in points if point.published or point.openings >= least]
    if all(point.published for point in shown):
        return None
    return _safe(league_chart(shown, "Response time against response rate"))


def league_rows(document: Json) -> list[LeagueRow]:
    league: Sequence[Json] = document.get("league") or []
    return [
        LeagueRow(
            brand=plain(one.get("brand")),
            published=bool(one.get("published")),
            source=plain(one.get("source")),
            rate=value_of(one.get("rate"), "share"),
            mean=value_of(one.get("mean_seconds"), "seconds"),
            median=value_of(one.get("median_seconds"), "seconds"),
            openings=count(one.get("openings")),
        )
        for one in sorted(league, key=lambda one: not one.get("published"))[:MOST]
    ]


def _safe(drawn: Drawn) -> Drawn:
    """The pictures as markup: `insight/charts.py` builds them of drawing elements and plain text alone."""
    chart = replace(drawn.chart, svg=mark_safe(drawn.chart.svg))  # noqa: S308
    return Drawn(chart, mark_safe(drawn.narrow))  # noqa: S308

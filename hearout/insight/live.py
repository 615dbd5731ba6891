"""The figures on the desk's overview, by the same definitions as everywhere, in three queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from hearout.insight.engine import Row, run
from hearout.insight.facts import facts
from hearout.insight.figures import exclusions_of, metric
from hearout.insight.results import Result, Waits
from hearout.insight.scope import Scope, ScopeError
from hearout.insight.tables import live_tables
from hearout.lib.tally import Tally

HOUR = timedelta(hours=1)
COLUMNS = ("opened_at", "answered", "seconds", "waited", "tone", "handle_name")


@dataclass(frozen=True)
class Summary:
    """How well a set of openings was answered: the metrics `response-rate` and `first-response` of them."""

    openings: int
    response_rate: Result
    first_response: Result
    waits: Waits = field(repr=False)


@dataclass(frozen=True)
class HourCount:
    """Openings that began in the hour from `start`, and how many of them have been answered by now."""

    start: datetime
    openings: int
    answered: int


@dataclass(frozen=True)
class Overview:
    """Live figures of some brands. `by_tone` and `by_handle` are of the week; the largest come first.

    `today` begins at local midnight, `week` 7 days ago. `day_hours` are the last 24 hours, the current
    one included, `week_hours` the last 168. `backlog` is the metric `backlog-age` of all time.
    """

    now: datetime
    today: Summary
    week: Summary
    backlog: Result
    by_tone: dict[str, Summary]
    by_handle: dict[str, Summary]
    day_hours: list[HourCount]
    week_hours: list[HourCount]
    exclusions: dict[str, int]


def overview(brands: Sequence[str], *, now: datetime | None = None, zone: tzinfo = UTC) -> Overview:
    """The live figures of these brands (slugs). `zone` is where their day begins. Raises ScopeError for none."""
    if not brands:
        raise ScopeError("Choose a brand.")
    now = now or datetime.now(UTC)
    local = now.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    this_hour = local.replace(minute=0, second=0, microsecond=0)
    since = min(now - timedelta(days=7), this_hour - 167 * HOUR)
    week = facts(live_tables(), Scope(brands=tuple(brands), since=since, now=now), None)
    ever = facts(live_tables(), Scope(brands=tuple(brands), wanting_answer=True, now=now), None)
    backlog = metric("backlog-age")
    found, waiting, excluded = run(week.openings.select(*COLUMNS), backlog.measure(ever, ()), week.exclusions)
    recent = [row for row in found if row["opened_at"] >= now - timedelta(days=7)]
    hours = _hours(found, this_hour, 168)
    return Overview(
        now=now,
        today=summary(row for row in found if row["opened_at"] >= midnight),
        week=summary(recent),
        backlog=backlog.result(waiting),
        by_tone=_by(recent, lambda row: str(row["tone"])),
        by_handle=_by(recent, lambda row: f"@{row['handle_name']}" if row["handle_name"] else "none"),
        day_hours=hours[-24:],
        week_hours=hours,
        exclusions=exclusions_of(excluded),
    )


def summary(rows: Iterable[Row]) -> Summary:
    """The two metrics of openings given as rows."""
    rows = list(rows)
    counted = [{**row, "n": 1, "wait": row["seconds"] if row["answered"] else row["waited"]} for row in rows]
    waits = Waits(
        Tally((row["seconds"], 1) for row in rows if row["answered"]),
        Tally((row["waited"], 1) for row in rows if not row["answered"]),
    )
    return Summary(
        len(rows), metric("response-rate").result(counted), metric("first-response").result(counted), waits
    )


def _by(rows: Sequence[Row], key: Callable[[Row], str]) -> dict[str, Summary]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {name: summary(members) for name, members in ordered}


def _hours(rows: Iterable[dict[str, Any]], last: datetime, count: int) -> list[HourCount]:
    """The `count` hours up to and with the one from `last`, also those in which nothing happened."""
    first = last.astimezone(UTC) - (count - 1) * HOUR
    openings, answered = [0] * count, [0] * count
    for row in rows:
        place = (row["opened_at"] - first) // HOUR
        if 0 <= place < count:
            openings[place] += 1
            answered[place] += row["answered"]
    starts = ((first + place * HOUR).astimezone(last.tzinfo) for place in range(count))
    return [HourCount(*hour) for hour in zip(starts, openings, answered, strict=True)]

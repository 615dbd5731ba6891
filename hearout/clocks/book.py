"""The book of promises: standards and calendars as this process remembers them, read anew when they change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from hearout.clocks.calendars import calendar_of
from hearout.clocks.facts import Promise
from hearout.clocks.models import Hours, Standard
from hearout.lib.calendar import Calendar

# A few dozen short rows: reading them all is cheaper than missing a change that forgot to say so.
EDITION = """
SELECT md5(coalesce((SELECT string_agg(s::text, ';' ORDER BY id) FROM clocks_standard s), '')),
       md5(coalesce((SELECT string_agg(h::text, ';' ORDER BY id) FROM clocks_hours h), '')
           || '|' || coalesce((SELECT string_agg(s::text, ';' ORDER BY id) FROM clocks_shift s), '')
           || '|' || coalesce((SELECT string_agg(d::text, ';' ORDER BY id) FROM clocks_dayoverride d), ''))
"""


@dataclass(frozen=True)
class Book:
    """`promises`: brand to measure to standards, the most specific first. `calendars`: by hours."""

    edition: tuple[object, ...]
    promises: Mapping[int, Mapping[str, Sequence[Promise]]]
    calendars: Mapping[int, Calendar]


_remembered = Book((), {}, {})


def book() -> Book:
    """The book as it is now, at the price of one small query while nothing has changed."""
    global _remembered
    with connection.cursor() as cursor:
        cursor.execute(EDITION)
        # The year belongs to the edition: a long-lived process needs the holidays of the years to come.
        edition = (*cursor.fetchall()[0], datetime.now(UTC).year)
    if edition != _remembered.edition:
        _remembered = Book(edition, _promises(), _calendars())
    return _remembered


def _promises() -> dict[int, dict[str, list[Promise]]]:
    promises: dict[int, dict[str, list[Promise]]] = defaultdict(lambda: defaultdict(list))
    for standard in Standard.objects.all():
        promises[standard.brand_id][standard.measure].append(promise_of(standard))
    for measures in promises.values():
        for ranked in measures.values():
            ranked.sort(key=lambda promise: promise.rank)
    return {brand: dict(measures) for brand, measures in promises.items()}


def promise_of(standard: Standard) -> Promise:
    return Promise(
        id=standard.pk,
        measure=standard.measure,
        target_seconds=standard.target_seconds,
        warn_share=standard.warn_share,
        hours=standard.hours_id,
        kind=standard.kind,
        network=standard.network,
        priority=standard.priority,
        team=standard.team_id,
        in_force_at=standard.in_force_at,
        retired_at=standard.retired_at,
    )


def _calendars() -> dict[int, Calendar]:
    every = Hours.objects.prefetch_related("shifts", "overrides")
    return {hours.pk: calendar_of(hours) for hours in every}

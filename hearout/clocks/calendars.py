"""Business hours as people enter them, made into calendars that can reckon."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time
from functools import lru_cache

import holidays
from django.db import connection, transaction
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.clocks.models import Clock, Hours
from hearout.journal.writing import note
from hearout.lib import calendar
from hearout.lib.calendar import Calendar
from hearout.lib.doorbell import ring
from hearout.people.models import User

YEARS_BACK, YEARS_AHEAD = 3, 10


def calendar_of(hours: Hours, today: date | None = None) -> Calendar:
    """The calendar of these hours, with the public holidays from three years back to ten ahead of `today`.

    Raises ValueError for a time zone that does not exist. A country without known holidays has none.
    """
    if hours.always:
        return Calendar.always()
    shifts: dict[int, list[calendar.Shift]] = defaultdict(list)
    for shift in hours.shifts.all():
        shifts[shift.weekday].append((_minute(shift.starts), _minute(shift.ends)))
    overrides: dict[date, list[calendar.Shift]] = defaultdict(list)
    for day in hours.overrides.all():
        overrides[day.date] += [(_minute(day.starts), _minute(day.ends))] if day.starts and day.ends else []
    year = (today or datetime.now().date()).year
    return Calendar(hours.timezone, shifts, overrides, public_holidays(hours.country, year))


def rearranged(hours: Hours, *, by: User) -> None:
    """After any change of hours, shifts or overrides: clocks that run by them get new due times.

    Call it in the transaction of the change.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        hours.changed_at = now()
        hours.save(update_fields=["changed_at"])
        running = Clock.objects.filter(standard__hours=hours, stopped_at=None)
        Case.objects.filter(pk__in=running.values("case")).update(clocks_due_at=now())
        note("settings.changed", brand_id=hours.brand_id, noun="hours", noun_id=hours.pk, by=by.pk)
        ring(cursor, [f"brand:{hours.brand_id}"])


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The public holidays of a country (ISO 3166, two letters) around a year; none for an unknown one."""
    if country.upper() not in holidays.list_supported_countries(include_aliases=False):
        return frozenset()
    years = range(year - YEARS_BACK, year + YEARS_AHEAD + 1)
    return frozenset(holidays.country_holidays(country.upper(), years=years))


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute

"""Raising an alarm: once for an event, with what is behind it; and a person's word that it was nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from hearout.insight.trends.behind import words_behind
from hearout.insight.trends.counting import BUCKET, Span, posts_of, texts_of
from hearout.insight.trends.detector import TOGETHER, Detector, Said
from hearout.insight.trends.models import Alarm, Series, Severity
from hearout.journal.writing import note
from hearout.lib.doorbell import ring
from hearout.people.models import User

LASTS = timedelta(hours=2)
"""An event that is quiet for so long is over; what comes then is another one, if it is news."""
A_DAY = timedelta(days=1)
SAME_STORY = timedelta(hours=1)
MOST_POSTS, MOST_BEFORE = 200, 1_000
BEFORE = timedelta(days=2)
SERIOUS, CRITICAL = 1.0, 3.0
"""Powers of ten by which an event is rarer than the setting."""


def risen(series: Series, detector: Detector, said: Said, at: datetime, span: Span) -> Alarm | None:
    """A bucket that begins at `at` is as rare as the setting asks for: news of its own, or an event that lasts.

    Returns the alarm that was raised or that grew; None where it is old news of an event that is not known.
    """
    lasting = Alarm.objects.filter(series=series, last_at__gt=at - LASTS).order_by("-began_at").first()
    if lasting is None and not said.alarm:
        return None
    alarm = lasting or Alarm(brand_id=series.brand_id, series=series, began_at=at - (TOGETHER - 1) * BUCKET)
    alarm.last_at = at + BUCKET
    grown = lasting is None or (said.alarm and said.weeks > alarm.weeks)
    if grown:
        alarm.count, alarm.expected = round(detector.counted), round(detector.due, 3)
        alarm.weeks = said.weeks
        alarm.severity = severity_of(series, said.weeks - detector.wanted)
    if lasting is None:
        alarm.event = _same_story(alarm)
    alarm.save()
    _look_behind(alarm, Span(span.brand_id, at - (TOGETHER - 1) * BUCKET, at + BUCKET, span.after), grown)
    if grown:
        _tell(alarm, "alarm.grew" if lasting else "alarm.raised")
    return alarm


def severity_of(series: Series, over: float) -> Severity:
    """`over`: by how many powers of ten the event is rarer than the setting. Praise wakes nobody up."""
    if (series.by, series.name) == (Series.By.TONE, "praise") or over < SERIOUS:
        return Severity.NOTICE
    return Severity.CRITICAL if over >= CRITICAL else Severity.SERIOUS


def unheeded(at: datetime) -> QuerySet[Alarm]:
    """Events of the day before `at` that are neither an incident nor said to be nothing. Not those of praise."""
    events = Alarm.objects.filter(event=None, incident=None, false_at=None, last_at__gt=at - A_DAY)
    return events.exclude(series__by=Series.By.TONE, series__name="praise")


def call_false(alarm: Alarm, *, by: User) -> None:
    """Say that an alarm, and those beside it, were nothing; said again, take it back."""
    with transaction.atomic():
        event = Alarm.objects.select_for_update().get(pk=alarm.event_id or alarm.pk)
        false_at, false_by = (None, None) if event.false_at else (now(), by)
        for one in (event, *event.beside.all()):
            one.false_at, one.false_by = false_at, false_by
            one.save(update_fields=["false_at", "false_by"])
        verb = "alarm.called_false" if false_at else "alarm.called_true"
        note(verb, brand_id=event.brand_id, noun="alarm", noun_id=event.pk, by=by.pk)


def _same_story(alarm: Alarm) -> Alarm | None:
    near = Alarm.objects.filter(brand=alarm.brand_id, event=None, last_at__gt=alarm.began_at - SAME_STORY)
    return near.filter(began_at__lte=alarm.last_at + SAME_STORY).order_by("-began_at", "pk").first()


def _look_behind(alarm: Alarm, span: Span, grown: bool) -> None:
    key = (alarm.series.by, alarm.series.name)
    room = MOST_POSTS - alarm.posts.count()
    alarm.posts.add(*posts_of(span, key, max(0, room)))
    if alarm.incident and alarm.incident.is_open:
        alarm.incident.posts.add(*alarm.posts.values_list("pk", flat=True))
    if grown:
        before = posts_of(Span(span.brand_id, alarm.began_at - BEFORE, alarm.began_at), key, MOST_BEFORE)
        behind = list(alarm.posts.values_list("pk", flat=True))
        alarm.words = words_behind(texts_of(behind), texts_of(before))
        alarm.save(update_fields=["words"])


def _tell(alarm: Alarm, verb: str) -> None:
    facts: dict[str, Any] = {"series": alarm.series_id, "severity": alarm.severity, "count": alarm.count}
    note(verb, brand_id=alarm.brand_id, noun="alarm", noun_id=alarm.pk, expected=alarm.expected, **facts)
    with connection.cursor() as cursor:
        ring(cursor, [f"brand:{alarm.brand_id}"])

"""What we promised: business hours, standards, and the clocks that run on cases."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.people.models import Brand, Team


class Hours(models.Model):
    """Business hours in a time zone, with the public holidays of a country (ISO 3166 code, blank: none)."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="hours")
    name = models.CharField(max_length=80)
    timezone = models.CharField(max_length=64, default="UTC")
    country = models.CharField(max_length=2, blank=True)
    always = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name_plural = "hours"

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """Open from `starts` to `ends` (local; ends at or before the start: the next day) on a weekday (Monday 0)."""

    hours = models.ForeignKey(Hours, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        ordering: ClassVar = ["weekday", "starts"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="weekday_is_a_weekday")
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.starts:%H:%M}-{self.ends:%H:%M}"


class DayOverride(models.Model):
    """One date that differs: closed when it has no times, else open just then (several rows add up)."""

    hours = models.ForeignKey(Hours, on_delete=models.CASCADE, related_name="overrides")
    date = models.DateField()
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["date", "starts"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(starts__isnull=True, ends__isnull=True)
                | models.Q(starts__isnull=False, ends__isnull=False),
                name="both_times_or_none",
            )
        ]

    def __str__(self) -> str:
        return f"{self.date}"


class Measure(models.TextChoices):
    FIRST_RESPONSE = "first_response", "First response"
    NEXT_RESPONSE = "next_response", "Next response"
    RESOLUTION = "resolution", "Resolution"


class Standard(models.Model):
    """A promise about time. Blank conditions match everything; the most specific standard wins.

    A change makes a new row: `retired_at` ends the old one, and clocks keep the standard that was
    in force when they started. `target_seconds` are staffed seconds, or the customer's own when
    the hours are always open.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="standards")
    name = models.CharField(max_length=120)
    measure = models.CharField(max_length=16, choices=Measure.choices)
    kind = models.CharField(max_length=10, blank=True)
    network = models.CharField(max_length=40, blank=True)
    priority = models.PositiveSmallIntegerField(null=True, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    target_seconds = models.PositiveIntegerField()
    warn_share = models.FloatField(default=0.75)
    hours = models.ForeignKey(Hours, on_delete=models.PROTECT, related_name="+")
    escalate_to = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    in_force_at = models.DateTimeField(default=now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["measure", "target_seconds"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(target_seconds__gt=0), name="target_is_positive"),
            models.CheckConstraint(
                condition=models.Q(warn_share__gt=0, warn_share__lte=1), name="warn_share_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Clock(models.Model):
    """A standard running on a case. What state it is in follows from these facts and the time (`clocks/state.py`).

    `due_at` and `at_risk_at` are null while it is paused. `customer_seconds` and `staffed_seconds`
    are known when it has stopped; while it runs both are computed. `warned_at` and `breached_at`
    are when we announced it, once.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="+", db_index=False)
    measure = models.CharField(max_length=16, choices=Measure.choices)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    at_risk_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    customer_seconds = models.FloatField(null=True)
    staffed_seconds = models.FloatField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "measure", "started_at"], name="one_clock_per_start")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["brand", "due_at"],
                name="clock_running",
                condition=models.Q(stopped_at__isnull=True, due_at__isnull=False),
            ),
            models.Index(
                fields=["at_risk_at"],
                name="clock_to_warn",
                condition=models.Q(stopped_at__isnull=True, warned_at__isnull=True),
            ),
            models.Index(
                fields=["due_at"],
                name="clock_to_breach",
                condition=models.Q(stopped_at__isnull=True, breached_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} on case {self.case_id}"

"""What the watch keeps: its settings, the series it counts, the alarms they raised, and incidents made of them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.listening.models import Post
from hearout.people.models import Brand, User


class Watch(models.Model):
    """A brand's counts are watched. `false_alarms`: how many a week are accepted, over all its series.

    Buckets before `judged_until` (network time) are judged, from `started_at` on. Posts up to `known_id` had come
    long before `judged_until` and are not looked at again; `next_id` takes its place at `next_at`.
    `off_at`: switched off by a person. `due_at`: when there is something to judge again.
    """

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="watch")
    false_alarms = models.FloatField(default=1.0, db_default=1.0)
    off_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True)
    judged_until = models.DateTimeField(null=True)
    known_id = models.BigIntegerField(default=0)
    next_id = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(default=now)

    class Meta:
        app_label = "insight"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(false_alarms__gt=0, false_alarms__lte=100), name="false_alarms_are_some"
            )
        ]

    def __str__(self) -> str:
        return f"watch of {self.brand_id}"


class Series(models.Model):
    """Counts of a brand's posts in buckets of five minutes: all, or those of one topic, tone or query.

    `state` is the detector's, as it stood at `judged_until` of the watch; it can be made again from the posts.
    """

    class By(models.TextChoices):
        BRAND = "brand", "All posts"
        TONE = "tone", "Tone"
        TOPIC = "topic", "Topic"
        QUERY = "query", "Query"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    by = models.CharField(max_length=5, choices=By.choices)
    name = models.CharField(max_length=80, blank=True)
    state = models.JSONField(default=dict)

    class Meta:
        app_label = "insight"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "by", "name"], name="one_series_of_a_name")
        ]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return "all posts" if self.by == self.By.BRAND else f"{self.by} {self.name}"

    @property
    def label(self) -> str:
        return "All posts" if self.by == self.By.BRAND else f"{self.get_by_display()}: {self.name}"


class Hour(models.Model):
    """Twelve buckets of a series: what was counted and what was expected, from `at` on (network time).

    An hour without a post has a row for the brand as a whole only. Kept as long as the detector remembers.
    """

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="hours", db_index=False)
    at = models.DateTimeField()
    counts = ArrayField(models.IntegerField())
    expected = ArrayField(models.FloatField())

    class Meta:
        app_label = "insight"
        constraints: ClassVar = [models.UniqueConstraint(fields=["series", "at"], name="one_row_an_hour")]

    def __str__(self) -> str:
        return f"{self.series_id} at {self.at}"


class Incident(models.Model):
    """Something is going on: many posts and cases, one story. Open until it is closed, with a reason."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="incidents", db_index=False)
    name = models.CharField(max_length=120)
    opened_at = models.DateTimeField(default=now)
    opened_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=300, blank=True)
    cases = models.ManyToManyField(Case, related_name="incidents")
    posts = models.ManyToManyField(Post, related_name="+")

    class Meta:
        app_label = "insight"
        indexes: ClassVar = [models.Index(fields=["brand", "-opened_at"], name="incident_of_brand")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | Q(closed_at__isnull=False) & ~Q(outcome=""),
                name="closed_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class IncidentNote(models.Model):
    """What somebody wrote about an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notes")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    text = models.TextField()

    class Meta:
        app_label = "insight"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"note {self.pk} on {self.incident_id}"


class Severity(models.IntegerChoices):
    """By how much rarer than the setting: as rare, ten times, a thousand times. Praise is never above the first."""

    NOTICE = 1, "Notice"
    SERIOUS = 2, "Serious"
    CRITICAL = 3, "Critical"


class Alarm(models.Model):
    """A series rose above what was to be expected. One row an event of a series, while it lasts and grows.

    `began_at` to `last_at`: the buckets that alarmed (network time, `last_at` the end of the last one);
    `told_at`: when we said so. `count` of `expected` posts in the rarest two buckets, which come again by
    themselves after 10 ** `weeks` weeks. `words` stand out in `posts`. `event`: the first alarm of the same
    story at the brand, itself null. `false_at`: a person said that it was nothing.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="alarms")
    event = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="beside")
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    told_at = models.DateTimeField(default=now)
    count = models.IntegerField()
    expected = models.FloatField()
    weeks = models.FloatField()
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    words = models.JSONField(default=list)
    posts = models.ManyToManyField(Post, related_name="+")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="alarms")
    false_at = models.DateTimeField(null=True)
    false_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        app_label = "insight"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "began_at"], name="one_alarm_of_a_beginning")
        ]
        indexes: ClassVar = [models.Index(fields=["brand", "-began_at"], name="alarm_of_brand")]

    def __str__(self) -> str:
        return f"alarm {self.pk} of {self.series_id}"

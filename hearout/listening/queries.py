"""The queries an admin writes, in versions; and by what each mention was found, as people judged it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now

from hearout.people.models import Brand, User

TOLERANCES = (0, 1, 2)
"""As in `query.toml`: exact only; at most one edit; by length (two edits from eight letters on)."""


class Query(models.Model):
    """A question put to every post. `version` is the number of the version that listens.

    A query that is switched off keeps its versions and what is known of its precision.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="queries", db_index=False)
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(default=now)
    off_at = models.DateTimeField(null=True)
    off_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint("brand", Lower("name"), name="one_query_per_name"),
        ]
        verbose_name_plural = "queries"

    def __str__(self) -> str:
        return self.name

    @property
    def listens(self) -> bool:
        return self.off_at is None


class QueryVersion(models.Model):
    """What a query asked from `at` on, until the next version. `tolerance` is one of TOLERANCES."""

    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    expression = models.TextField()
    languages = models.JSONField(default=list)
    networks = models.JSONField(default=list)
    tolerance = models.PositiveSmallIntegerField(default=2)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["query", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["query", "number"], name="one_version_of_a_query_per_number"),
            models.CheckConstraint(
                condition=models.Q(tolerance__in=TOLERANCES), name="tolerance_is_none_one_or_by_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.query_id} as of version {self.number}"


class MentionHit(models.Model):
    """One way in which a mention was found. `query` null: by a handle or watchword.

    `term`: what was looked for, `words`: what stood in the post, `distance`: edits between the two,
    `variant`: how they differ (`plural`, `joined`, ...), "" when not at all. Nothing is checked on writing but
    that no hit is told twice: it is written with every post heard, and can be derived from the posts again.
    """

    class Route(models.TextChoices):
        TAG = "tag", "@ tag"
        REPLY = "reply", "Reply to us"
        NAME = "name", "Name"
        HASHTAG = "hashtag", "Hashtag"
        LINK = "link", "Link"

    mention = models.ForeignKey(
        "listening.Mention",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="hits",
        db_index=False,
    )
    brand = models.ForeignKey(
        Brand, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    query = models.ForeignKey(
        Query, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    route = models.CharField(max_length=8, choices=Route.choices)
    term = models.CharField(max_length=120)
    words = models.CharField(max_length=120)
    distance = models.PositiveSmallIntegerField(default=0, db_default=0)
    variant = models.CharField(max_length=16, blank=True, default="", db_default="")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["mention", "query", "route", "term"], name="one_hit_a_way", nulls_distinct=False
            )
        ]
        indexes: ClassVar = [
            models.Index("query", "at", name="hit_of_query", condition=models.Q(query__isnull=False)),
            BrinIndex("at", name="hit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.mention_id} by {self.term}"


class Relevance(models.Model):
    """A person said whether a mention is about us. The latest word counts; `unsaid` takes it back.

    `drawn`: the post was drawn by chance for judging, so that it stands for all; the others were chosen
    because somebody noticed something. `by` null: nobody is known any more.
    """

    class Says(models.TextChoices):
        US = "us", "Ours"
        NOT_US = "not_us", "Not us"
        UNSAID = "unsaid", "Taken back"

    mention = models.ForeignKey("listening.Mention", on_delete=models.CASCADE, related_name="relevance")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    says = models.CharField(max_length=6, choices=Says.choices)
    drawn = models.BooleanField(default=False)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["brand", "-id"], name="relevance_of_brand")]
        verbose_name_plural = "relevance"

    def __str__(self) -> str:
        return f"{self.mention_id}: {self.get_says_display()}"

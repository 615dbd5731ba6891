"""What people at this installation taught: their corrections, the posts drawn for checking, and the versions
of the reader that were made of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from hearout.listening.models import Post
from hearout.people.models import Brand, User


class Correction(models.Model):
    """A person said what one label of one post should have been. The database keeps these rows as they are.

    `read_as` is what the reader had said, `corrected_to` the person's word; the same in both is a
    confirmation. `sure` is the reader's confidence then (None where a rule decided, not the reading), `unsure`
    whether it abstained. `revision` is that of the text. `sampled`: the post was drawn by chance for checking,
    so that it stands for all posts; the others were chosen because somebody saw an error in them.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    verdict = models.ForeignKey(
        "triage.Verdict", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    label = models.CharField(max_length=16)
    read_as = models.CharField(max_length=16)
    corrected_to = models.CharField(max_length=16)
    sure = models.FloatField(null=True)
    unsure = models.BooleanField(default=False)
    reader = models.CharField(max_length=40, blank=True)
    revision = models.PositiveIntegerField(default=0)
    sampled = models.BooleanField(default=False)
    by = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index("brand", "at", name="correction_of_brand")]

    def __str__(self) -> str:
        return f"{self.label} of {self.post_id}: {self.read_as} was {self.corrected_to}"


class SampledPost(models.Model):
    """A post drawn by chance for a person to check. `week`: the Monday of the week it was posted in.

    `checked_at` with `skipped`: looked at, but nobody can tell.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    verdict = models.ForeignKey("triage.Verdict", on_delete=models.CASCADE, related_name="+", db_index=False)
    week = models.DateField()
    drawn_at = models.DateTimeField(default=now)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    skipped = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["verdict"], name="drawn_once"),
            models.CheckConstraint(
                condition=models.Q(skipped=False) | models.Q(checked_at__isnull=False), name="skipped_is_seen"
            ),
        ]
        indexes: ClassVar = [models.Index("brand", "week", name="sample_of_brand")]

    def __str__(self) -> str:
        return f"sampled verdict {self.verdict_id}"


class ReaderVersion(models.Model):
    """What was learnt here at one time, on top of a shipped reader (`base`). One a brand reads at most.

    `arrays` is NumPy's npz, read without pickle; empty when it was not taken up, for then nobody may use it:
    `why_not` says why. `facts` holds the comparison on the held-out posts, label by label.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    base = models.CharField(max_length=40)
    made_at = models.DateTimeField(default=now)
    facts = models.JSONField(default=dict)
    arrays = models.BinaryField(default=bytes)
    why_not = models.CharField(max_length=300, blank=True)
    taken_up_at = models.DateTimeField(null=True)
    taken_up_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["brand", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "number"], name="one_version_per_number"),
            models.UniqueConstraint(
                fields=["brand"],
                name="one_version_reads",
                condition=models.Q(taken_up_at__isnull=False, retired_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=models.Q(why_not="") | models.Q(taken_up_at__isnull=True),
                name="what_is_worse_is_not_taken_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}+{self.brand_id}.{self.number}"

    @property
    def reads(self) -> bool:
        return self.taken_up_at is not None and self.retired_at is None


class Lesson(models.Model):
    """When a brand's reader learns next, and how it went the last time: one row a brand."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    learnt_at = models.DateTimeField(null=True)
    told = models.CharField(max_length=300, blank=True)
    fault = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"lesson of {self.brand_id}, due {self.due_at:%Y-%m-%d %H:%M}"

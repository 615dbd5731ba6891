"""The journal: the append-only log of who did what when. It stands below everything it speaks of,
so it names things by table and id and outlives them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now


class Entry(models.Model):
    """One verb. `actor_id` is null when Hearout acted by itself. `facts` are small and hold no text of posts."""

    brand_id = models.BigIntegerField()
    at = models.DateTimeField(default=now)
    actor_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=40)
    noun = models.CharField(max_length=20)
    noun_id = models.BigIntegerField()
    facts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["noun", "noun_id", "id"], name="journal_of_noun")]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.verb} {self.noun} {self.noun_id}"

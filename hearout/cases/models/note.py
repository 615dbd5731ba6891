from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from hearout.people.models import User


class Note(models.Model):
    """What a colleague wrote about a case; customers never see it."""

    LENGTH = 10_000

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="notes")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=now)
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:60]

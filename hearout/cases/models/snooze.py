from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from hearout.people.models import User


class Snooze(models.Model):
    """A case was put aside until a time, or a post of the customer, whichever comes first.

    `until` null: only a post of the customer ends it.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="snoozes")
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=now)
    woken_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["until"], name="snooze_due", condition=models.Q(woken_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"until {self.until or 'a reply'}"

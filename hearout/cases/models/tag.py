from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from hearout.people.models import Brand


class Tag(models.Model):
    """A word by which a brand sorts its cases. Upper and lower case are the same tag."""

    LENGTH = 60

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=LENGTH)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint("brand", Lower("name"), name="one_tag_per_name")]

    def __str__(self) -> str:
        return self.name

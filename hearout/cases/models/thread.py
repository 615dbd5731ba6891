from __future__ import annotations

from typing import ClassVar

from django.db import models

from hearout.listening.models import Post
from hearout.people.models import Brand


class CasePost(models.Model):
    """A post in a case's thread, as the case has last seen it.

    `ours`: the brand wrote it. `wants_answer`: it starts a clock (a thank-you does not, nor does a
    deleted post). `revision` and `deleted` are those of the post when it was last placed: a
    difference tells that the thread has changed. `version`: the thread's when the post joined or changed.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="posts", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    posted_at = models.DateTimeField()
    ours = models.BooleanField()
    automatic = models.BooleanField(default=False)
    wants_answer = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=0)
    deleted = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "brand"], name="one_case_per_post_and_brand")
        ]
        indexes: ClassVar = [models.Index(fields=["case", "posted_at", "id"], name="case_thread")]

    def __str__(self) -> str:
        return f"post {self.post_id} in case {self.case_id}"

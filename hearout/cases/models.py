"""Cases: one contact from opening to close, with the thread of posts it holds."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now

from hearout.customers.models import Customer
from hearout.listening.models import Post
from hearout.people.models import Brand, Team, User
from hearout.triage.models import Priority


class Case(models.Model):
    """One contact with one customer about one brand. Open while it has no closure, one open at a time.

    Times are network times. `waiting_since`: the oldest customer's post nobody has answered, null
    when the customer has the word. `thread_version` grows with every post that joins, changes or
    leaves. `clocks_due_at`: when the clocks must be reckoned anew, null when they are up to date.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="cases", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cases")
    opening = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", db_index=False)
    network = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    how = models.CharField(max_length=8)
    subject = models.CharField(max_length=160)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    assignee = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="cases", db_index=False)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    opened_at = models.DateTimeField()
    last_post_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    thread_version = models.PositiveIntegerField(default=1)
    closure = models.OneToOneField("Closure", null=True, on_delete=models.SET_NULL, related_name="+")
    snooze = models.OneToOneField("Snooze", null=True, on_delete=models.SET_NULL, related_name="+")
    clocks_due_at = models.DateTimeField(null=True, default=now)
    tags = models.ManyToManyField("Tag", blank=True, related_name="cases")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "brand"],
                condition=models.Q(closure__isnull=True),
                name="one_open_case_per_customer",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["brand", "-last_post_at", "-id"],
                name="case_open_newest",
                condition=models.Q(closure__isnull=True),
            ),
            models.Index(
                fields=["assignee", "-last_post_at", "-id"],
                name="case_open_mine",
                condition=models.Q(closure__isnull=True, assignee__isnull=False),
            ),
            models.Index(fields=["brand", "-last_post_at", "-id"], name="case_newest"),
            models.Index("id", name="case_clocks_due", condition=models.Q(clocks_due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class Closure(models.Model):
    """A case was closed, by whom and why. A reopened case keeps its closures as history."""

    class Reason(models.TextChoices):
        SOLVED = "solved", "Solved"
        ANSWERED = "answered", "Answered, nothing open"
        NO_ANSWER_NEEDED = "no_answer_needed", "No answer needed"
        NO_REPLY = "no_reply", "Customer did not come back"
        SPAM = "spam", "Spam or abuse"
        NOT_US = "not_us", "Not about us"
        DUPLICATE = "duplicate", "Duplicate"
        MERGED = "merged", "Merged into another case"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="closures")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=now)
    reopened_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return self.get_reason_display()


class Snooze(models.Model):
    """A case was put aside until a time, or a reply from the customer, whichever comes first."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="snoozes")
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


class CasePost(models.Model):
    """A post in a case's thread.

    `ours`: the brand wrote it. `wants_answer`: it starts a clock (a thank-you does not).
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="posts", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    posted_at = models.DateTimeField()
    ours = models.BooleanField()
    automatic = models.BooleanField(default=False)
    wants_answer = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "brand"], name="one_case_per_post_and_brand")
        ]
        indexes: ClassVar = [models.Index(fields=["case", "posted_at", "id"], name="case_thread")]

    def __str__(self) -> str:
        return f"post {self.post_id} in case {self.case_id}"


class Note(models.Model):
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=now)
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class Tag(models.Model):
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint("brand", Lower("name"), name="one_tag_per_name")]

    def __str__(self) -> str:
        return self.name

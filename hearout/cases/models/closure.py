from __future__ import annotations

from django.db import models
from django.utils.timezone import now

from hearout.people.models import User


class Closure(models.Model):
    """A case was closed, by whom and why. A reopened case keeps its closures as history.

    `at` and `reopened_at` are our times; a case that a customer's post reopened was reopened at the
    network time of that post.
    """

    class Reason(models.TextChoices):
        SOLVED = "solved", "Solved"
        ANSWERED = "answered", "Answered, nothing open"
        NO_ANSWER_NEEDED = "no_answer_needed", "No answer needed"
        NO_REPLY = "no_reply", "Customer did not come back"
        SPAM = "spam", "Spam or abuse"
        NOT_US = "not_us", "Not about us"
        DUPLICATE = "duplicate", "Duplicate"
        MERGED = "merged", "Merged into another case"

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="closures")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=now)
    reopened_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("cases.Case", null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return self.get_reason_display()

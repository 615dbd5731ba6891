"""Replies: answers from draft to seen on the network."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.channels.base import Act
from hearout.customers.models import Author
from hearout.listening.models import Handle, Post
from hearout.people.models import Brand, User


class Reply(models.Model):
    """One answer. Its state follows from its times (`replies/state.py`); each is set once, by one verb.

    `key` is the same for every attempt. `thread_version` is the thread that its author saw.
    `due_at`: when the sender takes it up (undo runs until then), null when there is nothing to do.
    `lease_until`: a sender is at work. `uncertain_at`: an attempt ended without an answer, so the
    network is asked before anything is sent again.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="replies")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    handle = models.ForeignKey(Handle, on_delete=models.PROTECT, related_name="+", db_index=False)
    act = models.CharField(max_length=16, choices=[(a.value, a.value.replace("_", " ")) for a in Act])
    target = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(
        Author, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    text = models.TextField(blank=True)
    saved_reply = models.ForeignKey("SavedReply", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    thread_version = models.PositiveIntegerField()
    drafted_at = models.DateTimeField(default=now)
    approval_asked_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    queued_at = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True)
    uncertain_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)
    cause = models.TextField(blank=True)
    external_id = models.TextField(blank=True)
    url = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "replies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "by"],
                condition=Q(
                    queued_at__isnull=True, approval_asked_at__isnull=True, discarded_at__isnull=True
                ),
                name="one_draft_per_person_and_case",
            ),
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True) | Q(failed_at__isnull=True, parked_at__isnull=True),
                name="seen_is_neither_failed_nor_parked",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="reply_due", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["brand", "-id"],
                name="reply_trouble",
                condition=Q(discarded_at__isnull=True)
                & (Q(failed_at__isnull=False) | Q(parked_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"reply {self.pk} to case {self.case_id}"


class SavedReply(models.Model):
    """A text to begin from, with placeholders such as {first_name}, {handle}, {agent}."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="saved_replies")
    name = models.CharField(max_length=80)
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name_plural = "saved replies"
        constraints: ClassVar = [
            models.UniqueConstraint("brand", Lower("name"), name="one_saved_reply_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class Brake(models.Model):
    """While a brand has an open brake, nothing is sent."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="brakes")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=now)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["brand"], condition=Q(released_at__isnull=True), name="one_brake_per_brand"
            )
        ]

    def __str__(self) -> str:
        return self.reason


class Move(models.Model):
    """A case that came to a main handle is answered from the care handle from now on.

    `line`: what a draft got that tells the customer where help is; undoing takes it out again.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="moves", db_index=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    main = models.ForeignKey(Handle, on_delete=models.CASCADE, related_name="+", db_index=False)
    care = models.ForeignKey(Handle, on_delete=models.CASCADE, related_name="+", db_index=False)
    line = models.TextField(blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    undone_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(undone_at__isnull=True), name="one_move_per_case"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["brand", "at"], name="move_by_time", condition=Q(undone_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} to {self.care}"

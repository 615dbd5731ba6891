"""Accounts that could be taken for ours, the alarm when they talk to our customers, and what people said to it."""

from __future__ import annotations

from typing import ClassVar

from django.db import connection, models, transaction
from django.utils.timezone import now

from hearout.customers.models import Author
from hearout.journal.writing import note
from hearout.lib.clean import clean_text
from hearout.lib.doorbell import ring
from hearout.listening import likeness
from hearout.people.models import Brand, User

LONGEST_WHY = 200


class ImpostorError(Exception):
    """What cannot be done, with a sentence for the person who tried."""


class Impostor(models.Model):
    """An account that resembles `ours`, a handle or name of the brand: one row for each author, ever.

    `alarmed_at`: it talked to our customers, and that was announced; null while it has only been noticed.
    `due_at`: when to look (again) whether it does, null when there is nothing to look for. `shown_handle` and
    `shown_name` are what it called itself then. `settled_at`: a person said what it is, by `outcome`.
    """

    class Where(models.TextChoices):
        HANDLE = likeness.Where.HANDLE.value, "Handle"
        NAME = likeness.Where.NAME.value, "Display name"

    class How(models.TextChoices):
        COPY = likeness.How.COPY.value, "copied"
        DRAWN = likeness.How.DRAWN.value, "letters that look alike"
        EDIT = likeness.How.EDIT.value, "one letter off"
        SERVICE = likeness.How.SERVICE.value, "our name with a word of service"

    class Outcome(models.TextChoices):
        US = "us", "That is us"
        FAN = "fan", "A fan or a namesake"
        KNOWN = "known", "Known, and allowed"
        REPORTED = "reported", "Reported to the network"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")
    handle = models.ForeignKey("listening.Handle", null=True, on_delete=models.SET_NULL, related_name="+")
    ours = models.TextField()
    where = models.CharField(max_length=6, choices=Where.choices)
    how = models.CharField(max_length=7, choices=How.choices)
    shown_handle = models.TextField(blank=True)
    shown_name = models.TextField(blank=True)
    found_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(null=True, default=now)
    looks = models.PositiveSmallIntegerField(default=0)
    alarmed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    why = models.CharField(max_length=LONGEST_WHY, blank=True)
    posts = models.ManyToManyField("listening.Post", through="ImpostorPost", related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "author"], name="one_alarm_per_author"),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True, outcome="")
                | models.Q(settled_at__isnull=False, alarmed_at__isnull=False) & ~models.Q(outcome=""),
                name="what_is_settled_says_how",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="impostor_due", condition=models.Q(due_at__isnull=False)),
            models.Index(
                fields=["brand", "-alarmed_at"],
                name="impostor_alarmed",
                condition=models.Q(alarmed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.shown_handle}"

    @transaction.atomic
    def settle(self, *, by: User, outcome: str, why: str = "") -> None:
        """Say what an alarmed account is; it raises no other alarm. Raises ImpostorError."""
        fresh = self._locked()
        if outcome not in self.Outcome.values:
            raise ImpostorError("Choose what this account is.")
        if fresh.alarmed_at is None:
            raise ImpostorError("This account has not talked to customers, so there is nothing to settle.")
        if fresh.settled_at:
            raise ImpostorError(f"{fresh.settled_by or 'Somebody'} has settled this already.")
        self.settled_at, self.settled_by, self.due_at = now(), by, None
        self.outcome, self.why = outcome, " ".join(clean_text(why, 2_000).split())[:LONGEST_WHY]
        self._noted("impostor.settled", by, outcome=outcome, why=self.why)

    @transaction.atomic
    def reopen(self, *, by: User) -> None:
        """Take back what was said of it: the alarm stands again. Raises ImpostorError."""
        fresh = self._locked()
        if fresh.settled_at is None:
            raise ImpostorError("This alarm stands already.")
        before = fresh.outcome
        self.settled_at, self.settled_by, self.outcome, self.why = None, None, "", ""
        self.due_at = now()
        self._noted("impostor.reopened", by, before=before)

    def _locked(self) -> Impostor:
        return Impostor.objects.select_for_update(of=("self",)).select_related("settled_by").get(pk=self.pk)

    def _noted(self, verb: str, by: User, **facts: str) -> None:
        self.save(update_fields=["settled_at", "settled_by", "outcome", "why", "due_at"])
        note(verb, brand_id=self.brand_id, noun="impostor", noun_id=self.pk, by=by.pk, **facts)
        with connection.cursor() as cursor:
            ring(cursor, [f"brand:{self.brand_id}"])


class ImpostorPost(models.Model):
    """Evidence: what the account wrote to a customer of ours, who is the author of the post it answers."""

    impostor = models.ForeignKey(Impostor, on_delete=models.CASCADE, related_name="evidence", db_index=False)
    post = models.ForeignKey("listening.Post", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["impostor", "post"], name="one_proof_per_post"),
        ]

    def __str__(self) -> str:
        return f"{self.impostor_id} by {self.post_id}"


class LookOut(models.Model):
    """How far the posts have been looked through for accounts that resemble ours: one row."""

    post_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"up to post {self.post_id}"

"""The case and what one does with it.

Each verb is one transaction: it locks the case, checks, writes, leaves one journal entry and rings
once. What cannot be done is a CaseError with a sentence for the person who tried. Who may try is
decided at the door (`cases/doors.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar

from django.db import IntegrityError, connection, models, transaction
from django.utils.timezone import now

from hearout.cases.errors import CaseError
from hearout.cases.models.closure import Closure
from hearout.cases.models.note import Note
from hearout.cases.models.snooze import Snooze
from hearout.cases.models.tag import Tag
from hearout.customers.models import Customer
from hearout.journal.writing import note
from hearout.lib.clean import clean_text
from hearout.lib.doorbell import ring
from hearout.listening.models import Mention, Post
from hearout.listening.relevance import judge
from hearout.people.doors import WORKS_CASES
from hearout.people.models import Brand, Membership, Team, User
from hearout.triage.models import Priority

Q = models.Q


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
    assignee = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="cases", db_index=False
    )
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    opened_at = models.DateTimeField()
    last_post_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    thread_version = models.PositiveIntegerField(default=1)
    closure = models.ForeignKey(
        Closure, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    snoozed = models.ForeignKey(
        Snooze, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    clocks_due_at = models.DateTimeField(null=True, default=now)
    tags = models.ManyToManyField(Tag, blank=True, related_name="cases")

    class Meta:
        constraints: ClassVar = [
            # Partial, so that the many cases with neither cost nothing when they are written.
            models.UniqueConstraint(
                fields=["closure"], name="one_case_per_closure", condition=Q(closure__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["snoozed"], name="one_case_per_snooze", condition=Q(snoozed__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["customer", "brand"],
                condition=Q(closure__isnull=True),
                name="one_open_case_per_customer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["brand", "-last_post_at", "-id"],
                name="case_open_newest",
                condition=Q(closure__isnull=True),
            ),
            models.Index(
                fields=["brand", "waiting_since", "id"],
                name="case_open_waiting",
                condition=Q(closure__isnull=True),
            ),
            models.Index(
                fields=["assignee", "-last_post_at", "-id"],
                name="case_open_mine",
                condition=Q(closure__isnull=True, assignee__isnull=False),
            ),
            models.Index(
                fields=["team", "-priority", "opened_at"],
                name="case_to_hand_out",
                condition=Q(closure__isnull=True, assignee__isnull=True, snoozed__isnull=True),
            ),
            models.Index(fields=["brand", "-last_post_at", "-id"], name="case_newest"),
            models.Index("id", name="case_clocks_due", condition=Q(clocks_due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closure_id is None

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_id is not None

    def claim(self, *, by: User) -> None:
        """Take a case that nobody has. Of two who try at once one gets it."""
        with self.changing():
            self.must_be_open()
            if self.assignee_id == by.pk:
                return
            if self.assignee:
                raise CaseError(f"{self.assignee} was faster and has this case.")
            self.assignee = by
            self.record("case.claimed", by, "assignee")

    def assign(self, *, by: User, to: User | None = None, team: Team | None = None) -> None:
        """Give it to a person, to a team (whose members then claim it), or to a person in a team."""
        with self.changing():
            self.must_be_open()
            if to is None and team is None:
                raise CaseError("Choose a person or a team.")
            if team and team.brand_id != self.brand_id:
                raise CaseError(f"{team} is not a team of {self.brand}.")
            if to and not self._has_at_work(to):
                raise CaseError(f"{to} does not work on cases of {self.brand}.")
            self.assignee = to
            self.team = team or self.team
            self.clocks_due_at = now()
            facts = {"to": to and to.pk, "team": team and team.name}
            self.record("case.assigned", by, "assignee", "team", "clocks_due_at", **facts)

    def release(self, *, by: User) -> None:
        """Back to the team, for anyone to claim."""
        with self.changing():
            self.must_be_open()
            if self.assignee_id is None:
                raise CaseError("Nobody has this case, so there is nothing to give back.")
            held_by = self.assignee_id
            self.assignee = None
            self.record("case.released", by, "assignee", held_by=held_by)

    def note(self, *, by: User, text: str) -> Note:
        """Leave a note for colleagues."""
        with self.changing():
            text = clean_text(text.strip(), Note.LENGTH + 1)
            if not text:
                raise CaseError("Write something first.")
            if len(text) > Note.LENGTH:
                raise CaseError(f"A note has at most {Note.LENGTH:,} characters.")
            written = Note.objects.create(case=self, by=by, text=text)
            self.record("case.noted", by, note=written.pk)
            return written

    def tag(self, *, by: User, name: str) -> Tag:
        """Put a tag on; a new name makes a new tag of the brand."""
        with self.changing():
            name = " ".join(clean_text(name, 1_000).split())
            if not name or len(name) > Tag.LENGTH:
                raise CaseError(f"A tag has between 1 and {Tag.LENGTH} characters.")
            tag, _ = Tag.objects.get_or_create(
                brand_id=self.brand_id, name__iexact=name, defaults={"name": name}
            )
            if not self.tags.contains(tag):
                self.tags.add(tag)
                self.record("case.tagged", by, tag=tag.name)
            return tag

    def untag(self, *, by: User, name: str) -> None:
        """Take a tag off, if it is on."""
        with self.changing():
            name = " ".join(clean_text(name, 1_000).split())
            tag = self.tags.filter(name__iexact=name).first()
            if tag:
                self.tags.remove(tag)
                self.record("case.untagged", by, tag=tag.name)

    def prioritise(self, *, by: User, priority: int) -> None:
        with self.changing():
            self.must_be_open()
            if priority not in Priority.values:
                raise CaseError("Choose a priority between Low and Urgent.")
            if priority == self.priority:
                return
            before, self.priority = self.priority, priority
            self.clocks_due_at = now()
            facts = {"before": before, "after": int(priority)}
            self.record("case.prioritised", by, "priority", "clocks_due_at", **facts)

    def snooze(self, *, by: User, until: datetime | None = None) -> None:
        """Put it aside until a time or the customer's next post; without a time, until that post."""
        with self.changing():
            self.must_be_open()
            if until and until <= now():
                raise CaseError("That time has passed. Choose a later one.")
            self._end_snooze()
            self.snoozed = Snooze.objects.create(case=self, by=by, until=until)
            self.record("case.snoozed", by, "snoozed", until=until and until.isoformat())

    def wake(self, *, by: User | None = None) -> None:
        """End the snooze, if there is one."""
        with self.changing():
            if self.snoozed_id:
                self._end_snooze()
                self.record("case.woken", by, "snoozed")

    def close(self, *, by: User, reason: str) -> None:
        """Resolve it for one of Closure.Reason (merging has a verb of its own)."""
        with self.changing():
            if self.closure:
                raise CaseError(f"{self.closure.by or 'Somebody'} has closed this case already.")
            if reason not in Closure.Reason.values or reason == Closure.Reason.MERGED:
                raise CaseError("Choose why the case can be closed.")
            self.shut(by=by, reason=reason)
            if reason == Closure.Reason.NOT_US:
                judge(self.mentions(), says="not_us", by=by)
            self.record("case.closed", by, "closure", "snoozed", "clocks_due_at", reason=str(reason))

    def reopen(self, *, by: User) -> None:
        """Open it again; the closure stays as history."""
        with self.changing():
            if self.closure is None:
                raise CaseError("This case is open already.")
            if self.closure.merged_into_id:
                raise CaseError(f"This case was merged: go on in case {self.closure.merged_into_id}.")
            reason, self.closure.reopened_at = self.closure.reason, now()
            self.clocks_due_at = self.closure.reopened_at
            self.closure.save(update_fields=["reopened_at"])
            self.closure = None
            try:
                with transaction.atomic():
                    self.save(update_fields=["closure"])
            except IntegrityError:
                other = Case.objects.get(brand=self.brand_id, customer=self.customer_id, closure=None)
                raise CaseError(
                    f"This customer has an open case already: go on in case {other.pk}."
                ) from None
            if reason == Closure.Reason.NOT_US:
                judge(self.mentions(), says="unsaid", by=by)
            self.record("case.reopened", by, "clocks_due_at")

    def mentions(self) -> models.QuerySet[Mention]:
        """Why the customer's posts of the case concern the brand."""
        theirs = self.posts.filter(ours=False).values("post_id")
        return Mention.objects.filter(brand=self.brand_id, post__in=theirs)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the case, seen as it is now, until the transaction ends."""
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Case.objects.select_for_update(no_key=True))
            yield

    def must_be_open(self) -> None:
        if not self.is_open:
            raise CaseError("This case is closed. Reopen it first.")

    def shut(self, *, by: User, reason: str, merged_into: Case | None = None) -> None:
        """Prepare the closing of a case that is held; the caller saves closure, snoozed, clocks_due_at."""
        self._end_snooze()
        self.closure = Closure.objects.create(case=self, by=by, reason=reason, merged_into=merged_into)
        self.clocks_due_at = now()

    def record(self, verb: str, by: User | None, *changed: str, **facts: Any) -> None:
        """Save what a verb has changed, with its one journal entry and its one ring."""
        if changed:
            self.save(update_fields=changed)
        note(verb, brand_id=self.brand_id, noun="case", noun_id=self.pk, by=by.pk if by else None, **facts)
        with connection.cursor() as cursor:
            ring(cursor, [f"brand:{self.brand_id}", f"case:{self.pk}"])

    def _end_snooze(self) -> None:
        if self.snoozed_id:
            Snooze.objects.filter(pk=self.snoozed_id).update(woken_at=now())
            self.snoozed = None

    def _has_at_work(self, user: User) -> bool:
        return Membership.objects.filter(
            brand_id=self.brand_id, user=user, user__is_active=True, role__in=WORKS_CASES
        ).exists()

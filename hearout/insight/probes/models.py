"""Mystery shopping: test accounts, plans, and the probes they send."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from hearout.people.models import Brand


class Shopper(models.Model):
    """A test account. `disclosed_to` says who knows that it is one: never nobody.

    `secrets` is encrypted and bound to this row. `cursor` moves with what `Told` brings.
    """

    name = models.SlugField(max_length=40, unique=True)
    channel = models.CharField(max_length=40)
    network = models.CharField(max_length=40)
    external_id = models.TextField()
    handle = models.TextField()
    settings = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    disclosed_to = models.TextField()
    cursor = models.TextField(blank=True)
    heard_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "insight"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "external_id"], name="one_shopper_per_account"),
            models.CheckConstraint(condition=~Q(disclosed_to=""), name="a_shopper_is_disclosed"),
        ]

    def __str__(self) -> str:
        return self.name


class Plan(models.Model):
    """Probes over a window of time. Blind until `reported_at`: no page and no journal speaks of it before.

    `others`: whether it was allowed to write to brands that are not ours. `source` is the plan's file.
    """

    name = models.SlugField(max_length=60, unique=True)
    seed = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    others = models.BooleanField(default=False)
    source = models.TextField(blank=True)
    made_at = models.DateTimeField(default=now)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "insight"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(starts_at__lt=models.F("ends_at")), name="a_plan_has_a_window")
        ]

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """A handle to which probes go. `brand` is null for somebody else's.

    `handles`: role by name, lower case, of all accounts whose answer counts, this one among them.
    `call_it`: how a customer writes of it without an @. `page_id`: the account's id, for posts on its page.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="targets")
    brand = models.ForeignKey(Brand, null=True, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=40)
    handle = models.TextField()
    call_it = models.CharField(max_length=120)
    handles = models.JSONField(default=dict)
    page_id = models.TextField(blank=True)

    class Meta:
        app_label = "insight"

    def __str__(self) -> str:
        return f"@{self.handle}"


class Probe(models.Model):
    """One test post. Its state follows from its times, as with replies; `key` is the same for every attempt.

    `tone`: question, complaint, praise. `directness`: direct, indirect. `own_page`: written on the
    brand's page. `sent_at`: the network has it. `followed_back`: whether the
    handle followed the test account when it was last asked; null when it could not be asked.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="probes")
    brand = models.ForeignKey(Brand, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="probes")
    shopper = models.ForeignKey(Shopper, on_delete=models.PROTECT, related_name="probes")
    tone = models.CharField(max_length=10)
    directness = models.CharField(max_length=10)
    own_page = models.BooleanField(default=False)
    text = models.TextField()
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True)
    uncertain_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    cause = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    external_id = models.TextField(blank=True)
    url = models.TextField(blank=True)
    followed_back = models.BooleanField(null=True)

    class Meta:
        app_label = "insight"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "text"], name="one_probe_per_text"),
            models.UniqueConstraint(
                fields=["shopper", "external_id"], condition=~Q(external_id=""), name="one_probe_per_post"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(failed_at__isnull=True, parked_at__isnull=True),
                name="sent_is_neither_failed_nor_parked",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="probe_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"probe {self.pk} of {self.plan_id}"


class Told(models.Model):
    """A payload exactly as a network told it to a test account. It never joins what the desk has received."""

    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="told")
    body = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    received_at = models.DateTimeField(default=now)

    class Meta:
        app_label = "insight"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shopper", "digest"], name="one_row_per_told_payload")
        ]
        verbose_name_plural = "told"

    def __str__(self) -> str:
        return f"told {self.pk} to {self.shopper_id}"

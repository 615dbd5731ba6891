"""Authors as networks know them, and the customers behind them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Left, Lower
from django.utils.timezone import now


class Customer(models.Model):
    """The person behind one or more authors. Customers are the organisation's, cases a brand's."""

    name = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.name or f"customer {self.pk}"


class Author(models.Model):
    """An account on a network. `external_id` is its identity; the handle may change hands."""

    network = models.CharField(max_length=40)
    external_id = models.TextField()
    handle = models.TextField(blank=True)
    name = models.TextField(blank=True)
    followers = models.BigIntegerField(null=True)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="authors")
    first_seen_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "external_id"], name="one_author_per_network_id")
        ]
        # Cut, because a B-tree refuses entries of some kilobytes and names come from strangers.
        indexes: ClassVar = [
            models.Index(
                OpClass(Left(Lower("handle"), 60), name="text_pattern_ops"), name="author_handle_prefix"
            ),
            models.Index(
                OpClass(Left(Lower("name"), 60), name="text_pattern_ops"), name="author_name_prefix"
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"


class Identifier(models.Model):
    """A mail address, phone or CRM id that belongs to a customer."""

    class Kind(models.TextChoices):
        MAIL = "mail"
        PHONE = "phone"
        CRM = "crm"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=320)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "value"], name="one_customer_per_identifier")
        ]

    def __str__(self) -> str:
        return self.value

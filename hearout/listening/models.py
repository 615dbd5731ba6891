"""What we heard: handles and their connections, payloads as received, posts, and why they concern a brand."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now

from hearout.customers.models import Author
from hearout.listening.impostors import Impostor, ImpostorPost, LookOut  # noqa: F401  Django looks here
from hearout.listening.queries import MentionHit, Query, QueryVersion, Relevance  # noqa: F401  Django looks here
from hearout.people.models import Brand


class Handle(models.Model):
    """An account that a brand owns (main or care) or watches."""

    class Role(models.TextChoices):
        MAIN = "main", "Main"
        CARE = "care", "Care"
        WATCHED = "watched", "Watched"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="handles")
    network = models.CharField(max_length=40)
    handle = models.TextField()
    external_id = models.TextField(blank=True)
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MAIN)

    class Meta:
        ordering: ClassVar = ["network", "handle"]
        constraints: ClassVar = [
            models.UniqueConstraint("network", Lower("handle"), name="one_handle_per_network_name"),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"


class Connection(models.Model):
    """How we reach a handle's network: which channel, with which settings and secrets, and how it fares.

    `cursor` moves in the transaction that stores what it brought. `lease_until` keeps two workers
    from asking at once. `secrets` is encrypted and bound to this row.
    """

    handle = models.OneToOneField(Handle, on_delete=models.CASCADE, related_name="connection")
    channel = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    hook_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cursor = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True, default=now)
    lease_until = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    faults = models.PositiveSmallIntegerField(default=0)
    last_fault = models.TextField(blank=True)
    last_fault_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.channel} for {self.handle}"


class Watchword(models.Model):
    """A name, product, hashtag or web address by which people speak of the brand without its handle."""

    class Kind(models.TextChoices):
        NAME = "name", "Name"
        PRODUCT = "product", "Product"
        HASHTAG = "hashtag", "Hashtag"
        LINK = "link", "Web address"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="watchwords")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["kind", "text"]
        constraints: ClassVar = [
            models.UniqueConstraint("brand", "kind", Lower("text"), name="one_watchword_per_text")
        ]

    def __str__(self) -> str:
        return self.text


class Archive(models.Model):
    """One import of posts from a file. Its posts open no cases and stay apart from live figures."""

    name = models.SlugField(max_length=120, unique=True)
    path = models.TextField()
    imported_at = models.DateTimeField(default=now)
    posts = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-imported_at"]

    def __str__(self) -> str:
        return self.name


class Received(models.Model):
    """A payload exactly as a network told it, stored before it is acknowledged.

    `digest` (SHA-256 of channel, connection and body) makes a payload told twice one row.
    `due_at` null: done. `dead_at` set: a dead letter, with `fault` saying why.
    """

    class Route(models.TextChoices):
        WEBHOOK = "webhook"
        SWEEP = "sweep"
        STREAM = "stream"
        READ_BACK = "read_back"
        IMPORT = "import"

    connection = models.ForeignKey(Connection, null=True, on_delete=models.SET_NULL)
    archive = models.ForeignKey(Archive, null=True, on_delete=models.CASCADE, related_name="received")
    channel = models.CharField(max_length=40)
    route = models.CharField(max_length=10, choices=Route.choices)
    body = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    received_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(null=True, default=now)
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.TextField(blank=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["digest"], name="one_row_per_payload")]
        indexes: ClassVar = [
            models.Index("id", name="received_due", condition=models.Q(due_at__isnull=False)),
            models.Index("id", name="received_dead", condition=models.Q(dead_at__isnull=False)),
        ]
        verbose_name_plural = "received"

    def __str__(self) -> str:
        return f"received {self.pk} by {self.channel}"


class Post(models.Model):
    """One public or private message on a network. `posted_at` is the network's time, `received_at` ours.

    `root` is the topmost post known of its thread (itself when none is above). `handle` is set when
    a brand's own account wrote it.
    """

    network = models.CharField(max_length=40)
    external_id = models.TextField()
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="posts")
    handle = models.ForeignKey(Handle, null=True, on_delete=models.SET_NULL, related_name="written")
    parent_external_id = models.TextField(blank=True)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="answers", db_index=False
    )
    root = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="thread")
    conversation_id = models.TextField(blank=True)
    page = models.ForeignKey(Handle, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    recipient = models.ForeignKey(
        Author, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    private = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=16, blank=True)
    url = models.TextField(blank=True)
    automatic = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=0)
    posted_at = models.DateTimeField()
    received_at = models.DateTimeField(default=now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    archive = models.ForeignKey(Archive, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "external_id"], name="one_post_per_network_id")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["network", "parent_external_id"],
                name="post_waits_for_parent",
                condition=models.Q(parent__isnull=True) & ~models.Q(parent_external_id=""),
            ),
            models.Index(
                fields=["network", "conversation_id"],
                name="post_in_conversation",
                condition=~models.Q(conversation_id=""),
            ),
            GinIndex(SearchVector("text", config="simple"), name="post_text"),
        ]

    def __str__(self) -> str:
        return f"{self.network}:{self.external_id}"


class PostVersion(models.Model):
    """The text a post had before an edit."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions")
    revision = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    replaced_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "revision"], name="one_text_per_revision")
        ]

    def __str__(self) -> str:
        return f"{self.post_id} as of revision {self.revision}"


class Mention(models.Model):
    """Why a post concerns a brand, with the matching words. Triage takes it from here.

    `how`: direct (@handle, reply to us, our page, message to us), indirect (name or product),
    hashtag, or ours (the brand wrote it). `due_at` null: triage has decided. `chance` that it is us, by the
    words around the name, as people's "Not us" and "Ours" taught; null where nothing is known.
    """

    class How(models.TextChoices):
        DIRECT = "direct", "Direct"
        INDIRECT = "indirect", "Indirect"
        HASHTAG = "hashtag", "Hashtag"
        OURS = "ours", "Ours"

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="mentions")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+", db_index=False)
    handle = models.ForeignKey(Handle, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    how = models.CharField(max_length=8, choices=How.choices)
    own_page = models.BooleanField(default=False)
    words = models.JSONField(default=list)
    chance = models.FloatField(null=True)
    due_at = models.DateTimeField(null=True, default=now)
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.TextField(blank=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "brand"], name="one_mention_per_brand")
        ]
        indexes: ClassVar = [
            models.Index("id", name="mention_due", condition=models.Q(due_at__isnull=False)),
            models.Index("id", name="mention_dead", condition=models.Q(dead_at__isnull=False)),
            models.Index(
                fields=["brand", "-id"], name="mention_by_chance", condition=models.Q(chance__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} concerns {self.brand_id} ({self.how})"

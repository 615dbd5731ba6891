"""Posts on their way out, as archives that can be imported again or as a sheet."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet

from hearout.channels.archive.jsonl import write_jsonl
from hearout.channels.base import IncomingAuthor, IncomingPost, Visibility
from hearout.insight.scope import ALL, LIVE, Scope
from hearout.insight.sheets import neutral
from hearout.listening.models import Mention, Post
from hearout.understanding.own_numbers import OwnNumbers
from hearout.understanding.private_data import mask

BATCH = 2_000
COLUMNS = (
    "network", "external_id", "posted_at", "author_id", "author_handle", "author_name", "by_brand", "visibility",
    "parent_id", "text", "language", "url", "automatic", "edited_at", "deleted_at",
)  # fmt: skip

_FIELDS = (
    "network", "external_id", "posted_at", "author__external_id", "author__handle", "author__name",
    "author__followers", "text", "parent_external_id", "conversation_id", "page__external_id",
    "recipient__external_id", "private", "language", "url", "revision", "edited_at", "deleted_at", "automatic",
    "handle_id",
)  # fmt: skip


def chosen_posts(scope: Scope, archive_id: int | None) -> QuerySet[Post]:
    """The posts of a scope in order of network time; with brands, the whole trees in which one is mentioned.

    `since` and `until` bound the posts themselves.
    """
    wanted = Q()
    if scope.archive == LIVE:
        wanted &= Q(archive=None)
    elif scope.archive != ALL:
        wanted &= Q(archive=archive_id)
    if scope.brands:
        mentions = Mention.objects.filter(brand__slug__in=scope.brands)
        wanted &= Q(root__in=mentions.values("post__root"))
    if scope.since:
        wanted &= Q(posted_at__gte=scope.since)
    if scope.until:
        wanted &= Q(posted_at__lt=scope.until)
    return Post.objects.filter(wanted).order_by("posted_at", "id")


def told(posts: QuerySet[Post]) -> Generator[IncomingPost, None, None]:
    """The posts as a channel would tell them, read in batches."""
    for row in posts.values(*_FIELDS).iterator(chunk_size=BATCH):
        yield _incoming(row)


def masked(posts: Iterable[IncomingPost], own: OwnNumbers | None) -> Iterator[IncomingPost]:
    """The posts without private data in their texts and their authors' names; `own` are the brand's numbers."""
    for post in posts:
        author = post.author and replace(post.author, name=mask(post.author.name, own))
        yield replace(post, text=mask(post.text, own), author=author)


def jsonl(posts: Iterable[IncomingPost]) -> Iterator[str]:
    """Lines of Hearout's archive format. What was deleted takes two: the post, then that it is gone."""
    return write_jsonl(line for post in posts for line in _as_it_happened(post))


def sheet(posts: Iterable[IncomingPost]) -> Iterator[str]:
    """Lines of a CSV file with a header, in which no cell is a formula."""
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for post in posts:
        yield writer.writerow([neutral(cell) for cell in _cells(post)])


class _Echo:
    """A file that hands each line back to the caller."""

    def write(self, line: str) -> str:
        return line


def _as_it_happened(post: IncomingPost) -> list[IncomingPost]:
    """A deletion alone would lose who wrote the post and where it hung."""
    if post.deleted_at is None or post.author is None:
        return [post]
    return [replace(post, deleted_at=None), post]


def _cells(post: IncomingPost) -> list[str]:
    author = post.author or IncomingAuthor("", "")
    times = [at.isoformat() if at else "" for at in (post.posted_at, post.edited_at, post.deleted_at)]
    return [
        post.network, post.external_id, times[0], author.external_id, author.handle, author.name,
        "yes" if post.by_brand else "no", post.visibility.value, post.parent_id or "", post.text,
        post.language or "", post.url, "yes" if post.automatic else "no", times[1], times[2],
    ]  # fmt: skip


def _incoming(row: dict[str, Any]) -> IncomingPost:
    author = IncomingAuthor(
        external_id=row["author__external_id"],
        handle=row["author__handle"],
        name=row["author__name"],
        followers=row["author__followers"],
    )
    return IncomingPost(
        network=row["network"],
        external_id=row["external_id"],
        posted_at=row["posted_at"],
        author=author if author.external_id else None,
        text=row["text"],
        parent_id=row["parent_external_id"] or None,
        conversation_id=row["conversation_id"] or None,
        page_id=row["page__external_id"] or None,
        recipient_id=row["recipient__external_id"] or None,
        visibility=Visibility.PRIVATE if row["private"] else Visibility.PUBLIC,
        language=row["language"] or None,
        url=row["url"],
        revision=row["revision"],
        edited_at=row["edited_at"],
        deleted_at=row["deleted_at"],
        automatic=row["automatic"],
        by_brand=row["handle_id"] is not None,
    )

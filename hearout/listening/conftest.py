"""A network that tells what a test wants told, in the words of Hearout's own JSON Lines."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from hearout.channels.archive.jsonl import dump_post
from hearout.channels.base import IncomingAuthor, IncomingPost
from hearout.channels.payload import encode
from hearout.listening.hearing import hear
from hearout.listening.models import Connection, Mention, Post, PostVersion, Received
from hearout.listening.receiving import store


class Network:
    """`post` makes posts, `tell` stores payloads of one post each, `hear` lets the stage work."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        self.connection = Connection.objects.create(
            handle=cast.care_handle, channel="archive", settings={"path": "-"}, due_at=None
        )

    def at(self, minutes: float) -> datetime:
        return self.cast.monday + timedelta(minutes=minutes)

    def post(
        self, external_id: str, text: str = "", author: str = "mira_k", minutes: float = 0, **more: Any
    ) -> IncomingPost:
        fields: dict[str, Any] = {
            "network": "simulator",
            "posted_at": self.at(minutes),
            "author": IncomingAuthor(f"u_{author}", author, author.title())
            if isinstance(author, str)
            else author,
            "text": text,
        }
        return IncomingPost(external_id=external_id, **{**fields, **more})

    def deletion(self, external_id: str, minutes: float = 60) -> IncomingPost:
        return self.post(external_id, author="nobody", deleted_at=self.at(minutes), minutes=minutes)

    def tell(self, *posts: IncomingPost) -> int:
        return self.tell_raw(encode(dump_post(post)).body for post in posts)

    def tell_raw(self, bodies: Iterable[bytes]) -> int:
        return store(
            list(bodies),
            channel="archive",
            route="webhook",
            connection_id=self.connection.pk,
            archive_id=None,
        )

    def hear(self, limit: int = 300) -> int:
        heard = 0
        while step := hear(limit, self.cast.monday):
            heard += step
        return heard

    def told(self, *posts: IncomingPost) -> None:
        """Tell and hear, one after the other."""
        for post in posts:
            self.tell(post)
            self.hear()


def picture() -> dict[str, Any]:
    """Everything derived, by the network's names instead of our ids: two equal pictures are equal tables."""
    return {
        "posts": {
            post.external_id: (
                post.author.external_id,
                post.author.handle,
                post.handle and post.handle.handle,
                post.parent and post.parent.external_id,
                post.root and post.root.external_id,
                post.text,
                post.private,
                post.revision,
                post.posted_at,
                post.edited_at,
                post.deleted_at,
            )
            for post in Post.objects.select_related("author", "handle", "parent", "root")
        },
        "mentions": {
            (mention.post.external_id, mention.brand.slug): (
                mention.how,
                mention.own_page,
                sorted(mention.words),
                mention.handle and mention.handle.handle,
            )
            for mention in Mention.objects.select_related("post", "brand", "handle")
        },
        "versions": {
            (version.post.external_id, version.revision): version.text
            for version in PostVersion.objects.select_related("post")
        },
        "dead": Received.objects.filter(dead_at__isnull=False).count(),
    }


@pytest.fixture
def network(cast: Any) -> Network:
    return Network(cast)


@pytest.fixture
def dice() -> random.Random:
    return random.Random(20261121)


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Where two pictures differ: empty when the tables are equal."""
    return {
        f"{table} {key}": (before[table].get(key), after[table].get(key))
        for table in ("posts", "mentions", "versions")
        for key in sorted(before[table].keys() | after[table].keys())
        if before[table].get(key) != after[table].get(key)
    } | ({} if before["dead"] == after["dead"] else {"dead": (before["dead"], after["dead"])})

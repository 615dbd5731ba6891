"""What the contract suite knows of one network, and the questions it asks of every channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import pytest

from hearout.channels.base import (
    Act,
    Channel,
    ChannelError,
    Delivery,
    IncomingPost,
    Json,
    OutgoingReply,
    Page,
    Visibility,
)
from hearout.channels.payload import fault_in

T = TypeVar("T")


class Fault(StrEnum):
    """What can go wrong at the network, where a test can arrange it."""

    RATE_LIMITED = "rate_limited"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  a name, no secret
    UNREACHABLE = "unreachable"
    LOST_ANSWER = "lost_answer"
    """The network acts, and the connection breaks before its answer."""
    ERROR_AFTER_ACCEPT = "error_after_accept"
    """The network acts, and answers with a server error."""


class Harness:
    """How the suite reaches one network. The paths name fields of `sample`, such as `author.id`.

    `sample` is one captured post as the network tells it; `payloads` are captured bodies of every
    shape that `parse` takes; `lengths` are texts and what the network counts.
    """

    channel: Channel
    sample: Json
    payloads: Sequence[bytes]
    required: Sequence[str]
    ids: Sequence[str]
    texts: Sequence[str]
    times: Sequence[str]
    lengths: Mapping[str, int]

    def publish(self, text: str) -> str:
        """Make a customer's post appear; returns its external id."""
        raise NotImplementedError

    def signed(self, body: bytes, at: float) -> dict[str, str]:
        """Headers, in lower case, as the network would send with `body`; `at` in seconds since 1970."""
        raise NotImplementedError

    def reply(self, act: Act, text: str = "") -> OutgoingReply:
        """A reply with a fresh key to something new."""
        raise NotImplementedError

    def effects(self, reply: OutgoingReply) -> int:
        """How often the network did what `reply` asks, by the network's own word."""
        raise NotImplementedError

    def fault(self, fault: Fault) -> AbstractContextManager[Channel]:
        """The channel to use while the fault holds."""
        raise NotImplementedError


def needs(harness: Harness, ability: str) -> None:
    """Skip unless the manifest says that the channel can do it."""
    manifest = harness.channel.manifest
    if ability not in manifest.can:
        pytest.skip(f"the manifest of {manifest.name} does not say {ability}")


def drain(channel: Channel, cursor: str) -> tuple[list[str], str]:
    """External ids of all that waits after `cursor`, and the cursor after them."""
    ids: list[str] = []
    while True:
        page = channel.fetch(cursor)
        ids += [post.external_id for post in posts_of(channel, page)]
        cursor = page.cursor
        if not page.more:
            return ids, cursor


def posts_of(channel: Channel, page: Page) -> list[IncomingPost]:
    return [post for delivery in page.deliveries for post in channel.parse(delivery)]


def refuses(channel: Channel, body: bytes) -> bool:
    """Whether the payload is refused for good, with a cause. Any other exception goes on to the test."""
    error, _ = outcome(lambda: channel.parse(Delivery(body)))
    return error is not None and error.permanent and not error.uncertain and len(error.message) > 10


def outcome(call: Callable[[], T]) -> tuple[ChannelError | None, T | None]:
    """The channel's error or its answer. Any other exception goes on to the test."""
    try:
        return None, call()
    except ChannelError as error:
        return error, None


def assert_well_formed(post: IncomingPost) -> None:
    """All that the later stages rely on: text ids, UTC, and nothing a database refuses."""
    for moment in (post.posted_at, post.edited_at, post.deleted_at):
        assert moment is None or (isinstance(moment, datetime) and moment.tzinfo is UTC)
    assert isinstance(post.posted_at, datetime)
    assert post.author is not None or post.deleted_at is not None
    assert isinstance(post.visibility, Visibility)
    assert type(post.revision) is int
    assert 0 <= post.revision < 2**31
    author = (post.author.external_id, post.author.handle, post.author.name) if post.author else ()
    ids = (post.parent_id, post.conversation_id, post.page_id, post.recipient_id)
    for text in (post.network, post.external_id, *author, *ids, post.text, post.url, *(post.mentions or ())):
        assert text is None or (isinstance(text, str) and not fault_in(text))
    for text in (post.network, post.external_id, *author[:2]):
        assert text
        assert len(text) <= 512
    assert post.url == "" or post.url.lower().startswith(("http://", "https://"))


def assert_told_as(fault: Fault, error: ChannelError) -> None:
    assert error.permanent is (fault is Fault.TOKEN_EXPIRED)
    if fault is Fault.RATE_LIMITED:
        assert error.retry_after is not None
        assert error.retry_after > 0
    if fault is Fault.TOKEN_EXPIRED:
        assert "renew the token" in error.message

"""What a channel is: the contract between Hearout and any social network.

A channel turns a network's payloads into `IncomingPost`, sends what agents write, and finds out
afterwards whether it arrived. It is plain Python: it knows no database and no web framework.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

Json = Any
"""Decoded JSON, straight from a network: hostile until a channel has checked it."""


class ChannelError(Exception):
    """The one error a channel raises, with a message that a person can act on.

    `permanent`: trying again cannot help. `uncertain`: the network may have acted before the
    connection failed, so nobody may simply try again. `retry_after`: seconds the network asked
    us to wait, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        uncertain: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.uncertain = uncertain
        self.retry_after = retry_after


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


class Act(StrEnum):
    """What a reply does on the network. Only the first two carry text."""

    PUBLIC_REPLY = "public_reply"
    PRIVATE_MESSAGE = "private_message"
    LIKE = "like"
    FOLLOW = "follow"
    REPOST = "repost"


@dataclass(frozen=True, slots=True)
class IncomingAuthor:
    """Whoever wrote a post, as the network knows them. `external_id` never changes; `handle` may."""

    external_id: str
    handle: str
    name: str = ""
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class IncomingPost:
    """One post, message, edit or deletion, as a network told it.

    Times are aware and in UTC. `external_id` is text of any shape, unique within the network.
    `revision` grows with each edit (0 for the first text). A deletion carries `deleted_at` and
    may lack text and author (`author` None). `parent_id` names the post it answers, present here
    or not. `conversation_id` groups private messages. `page_id` is the author id of the account
    on whose page the post was written. `recipient_id` is the other side of a private message.
    `mentions` are the handles (without @) that the network itself resolved; None when the
    network does not say, and then they are read from the text.
    `by_brand` is what archives say of their authors; None when only handles can tell.
    """

    network: str
    external_id: str
    posted_at: datetime
    author: IncomingAuthor | None
    text: str = ""
    parent_id: str | None = None
    conversation_id: str | None = None
    page_id: str | None = None
    recipient_id: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    language: str | None = None
    url: str = ""
    mentions: Sequence[str] | None = None
    revision: int = 0
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    automatic: bool = False
    by_brand: bool | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One raw payload as received, before anything is understood. `body` is UTF-8 JSON text."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a feed: raw payloads, and the cursor to ask for the next with.

    The cursor is opaque text, stored in the same transaction as the payloads. `more` is true
    when the network has further pages waiting now.
    """

    deliveries: Sequence[Delivery]
    cursor: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingReply:
    """What to send. `key` is the same for every attempt at the same reply, and unlike any other.

    `target_id` is the external id of the post to answer, like or repost; for a private message
    or a follow `recipient_id` is the author's external id. A public post without a target answers
    nothing; with `page_id`, an author's external id, it is written on that account's page.
    """

    key: str
    act: Act
    text: str = ""
    target_id: str | None = None
    recipient_id: str | None = None
    queued_at: datetime | None = None
    page_id: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's word that a reply exists there. `delivery` is the post as the network shows it."""

    external_id: str
    url: str = ""
    seen_at: datetime | None = None
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """How much of the network's limit a text uses, counted as the network counts."""

    used: int
    maximum: int
    unit: str

    @property
    def fits(self) -> bool:
        return self.used <= self.maximum


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` calls of `what` in any `seconds` seconds, for one account."""

    what: str
    calls: int
    seconds: int


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One line of a channel's quality list. `state` is done, todo or exempt; `why` explains the last two."""

    rule: str
    state: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`manifest.toml` of a channel, read without importing the channel.

    `can` holds acts (the values of `Act`; `dm` is another word for `private_message`, and either
    brings the other) and abilities (`fetch, stream, webhook, page, hide, edit, delete`; `page`: posts
    on another account's page).
    `idempotent` says whether the network honours `OutgoingReply.key`; `reads_back` whether
    `look_up` can find a reply by it. `credentials` and `settings` are field name to label.
    `label` is R, C, S or N (how it was tested).
    """

    name: str
    network: str
    label: str
    title: str
    can: frozenset[str]
    text_limit: int
    text_unit: str
    idempotent: bool
    reads_back: bool
    credentials: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    quality: str = "bronze"
    limits: Sequence[RateLimit] = ()
    checks: Sequence[QualityCheck] = ()
    class_name: str = ""


class Channel(Protocol):
    """One connected account on one network. Built by its class from settings and secrets."""

    manifest: Manifest

    def __init__(
        self, *, manifest: Manifest, settings: Mapping[str, str], secrets: Mapping[str, str]
    ) -> None:
        """Opens no connection. A setting that cannot work raises ChannelError(permanent=True)."""

    def prepare(self, *, webhook_url: str | None, words: Sequence[str]) -> None:
        """Tell the network where to deliver and which words to search for; nothing where it has neither."""

    def account(self) -> IncomingAuthor | None:
        """Who the credentials speak for, as the network knows them; None where it cannot be asked."""
        return None

    def followed_by(self, account_id: str) -> bool | None:
        """Whether that account follows ours; None where the network cannot be asked."""
        return None

    def fetch(self, cursor: str) -> Page:
        """The next page of what concerns the account, oldest first. "" asks from the beginning."""

    def stream(self, cursor: str) -> Iterator[Page]:
        """Pages as they happen, until the connection ends (which raises ChannelError)."""

    def parse(self, delivery: Delivery) -> list[IncomingPost]:
        """Every post in one payload. Raises ChannelError(permanent=True) with the cause."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a webhook's raw body was signed by the network. Header names are lower case."""

    def send(self, reply: OutgoingReply) -> Receipt:
        """Do it on the network. On a lost answer raises ChannelError(uncertain=True)."""

    def look_up(self, reply: OutgoingReply) -> Receipt | None:
        """Find out whether `reply` is on the network; None when it is certainly not."""

    def length(self, text: str) -> Length:
        """The text's length as the network counts it."""

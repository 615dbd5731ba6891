"""What a batch of payloads tells about each post, put in order: texts by revision, the deletion, duplicates.

Networks tell things twice, late and in any order. The outcome here depends only on what was told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from hearout.channels.base import IncomingAuthor, IncomingPost
from hearout.lib.claiming import PoisonError
from hearout.lib.clean import clean_text

TEXT_LIMIT = 20_000
NAME_LIMIT = 300
URL_LIMIT = 2_000
ID_BYTES = 1_000
"""PostgreSQL's indexes hold keys of at most about 2,700 bytes."""

MOST_MENTIONS = 200

Key = tuple[str, str]
"""Network and external id: the identity of a post, an author or a conversation."""


@dataclass(slots=True)
class News:
    """All that a batch told about one post."""

    key: Key
    received_at: datetime
    archive_id: int | None
    texts: dict[int, IncomingPost] = field(default_factory=dict)
    deleted: IncomingPost | None = None

    @property
    def latest(self) -> IncomingPost | None:
        """The newest text; None when only a deletion was told."""
        return self.texts[max(self.texts)] if self.texts else None

    @property
    def deleted_at(self) -> datetime | None:
        return self.deleted.deleted_at if self.deleted else None


def gather(told: Iterable[tuple[IncomingPost, datetime, int | None]]) -> dict[Key, News]:
    """News by post from (post, received at, archive) in the order of arrival; of the same revision the
    first counts. Posts must be fit."""
    news: dict[Key, News] = {}
    for post, received_at, archive_id in told:
        key = (post.network, post.external_id)
        one = news.get(key)
        if one is None:
            one = news[key] = News(key, received_at, archive_id)
        if post.deleted_at is None:
            one.texts.setdefault(post.revision, post)
        elif one.deleted is None or _sooner(post, one.deleted):
            one.deleted = post
    return news


def _sooner(post: IncomingPost, other: IncomingPost) -> bool:
    return (post.deleted_at or post.posted_at) < (other.deleted_at or other.posted_at)


def fit(post: IncomingPost) -> IncomingPost:
    """The post as the database can hold it. Raises PoisonError for one without a usable identity or time."""
    for name in (post.network, post.external_id):
        _check_id(name)
    for optional in (post.parent_id, post.conversation_id, post.page_id, post.recipient_id):
        if optional:
            _check_id(optional)
    for moment in (post.posted_at, post.edited_at, post.deleted_at):
        if moment is not None and moment.tzinfo is None:
            raise PoisonError("a time of the post has no time zone")
    if not 0 <= post.revision < 2**31:
        raise PoisonError("the post's revision is not a number that a network would count to")
    if len(post.network) > 40:
        raise PoisonError("the network's name is longer than 40 characters")
    if post.author is None and post.deleted_at is None:
        raise PoisonError("the post has no author, and only a deletion may lack it")
    author = _fit_author(post.author) if post.author else None
    text, url = _clean(post.text, TEXT_LIMIT), _clean(post.url, URL_LIMIT)
    language = _clean(post.language, 16) if post.language else None
    if author is post.author and text is post.text and url is post.url and language == post.language:
        return post
    return replace(post, author=author, text=text, url=url, language=language)


def _fit_author(author: IncomingAuthor) -> IncomingAuthor:
    _check_id(author.external_id)
    handle, name = _clean(author.handle, NAME_LIMIT), _clean(author.name, NAME_LIMIT)
    followers = author.followers
    if followers is not None and not 0 <= followers < 2**62:
        followers = None
    if handle is author.handle and name is author.name and followers == author.followers:
        return author
    return IncomingAuthor(author.external_id, handle, name, followers)


def _clean(value: str, limit: int) -> str:
    if len(value) <= limit and value.isascii() and "\0" not in value:
        return value
    return clean_text(value, limit)


def _check_id(value: str) -> None:
    if value.isascii() and value.isprintable() and 0 < len(value) <= ID_BYTES:
        return
    if not value or "\0" in value:
        raise PoisonError("an id of the post is empty or contains a NUL character")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise PoisonError("an id of the post contains half a character") from None
    if size > ID_BYTES:
        raise PoisonError(f"an id of the post has more than {ID_BYTES} bytes")

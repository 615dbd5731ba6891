"""Hearout's own archive format: JSON Lines, one post a line. README.md beside this file describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime

from hearout.channels.archive.lines import LineFile, Rejected
from hearout.channels.archive.values import told
from hearout.channels.base import IncomingAuthor, IncomingPost, Json, Visibility
from hearout.channels.payload import MAX_NAME, MAX_TEXT, Fields, reject

POST_FIELDS = frozenset(field.name for field in fields(IncomingPost))
AUTHOR_FIELDS = frozenset(field.name for field in fields(IncomingAuthor))


def looks_like(value: Mapping[str, Json]) -> bool:
    return "external_id" in value and ("posted_at" in value or "network" in value)


def read_jsonl(file: LineFile) -> Iterator[IncomingPost | Rejected]:
    return told(file, lambda value: iter((parse_post(value),)))


def write_jsonl(posts: Iterable[IncomingPost]) -> Iterator[str]:
    """The lines of a file, each with its line end, ready for `file.writelines`."""
    for post in posts:
        yield json.dumps(dump_post(post), ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def dump_post(post: IncomingPost) -> dict[str, Json]:
    """One line's object: the fields of IncomingPost by name, those at their default left out."""
    line = {
        "network": post.network,
        "external_id": post.external_id,
        "posted_at": _moment(post.posted_at),
        "author": _dump_author(post.author) if post.author else None,
        "text": post.text or None,
        "parent_id": post.parent_id,
        "conversation_id": post.conversation_id,
        "page_id": post.page_id,
        "recipient_id": post.recipient_id,
        "visibility": post.visibility.value if post.visibility is not Visibility.PUBLIC else None,
        "language": post.language,
        "url": post.url or None,
        "mentions": None if post.mentions is None else list(post.mentions),
        "revision": post.revision or None,
        "edited_at": post.edited_at and _moment(post.edited_at),
        "deleted_at": post.deleted_at and _moment(post.deleted_at),
        "automatic": post.automatic or None,
        "by_brand": post.by_brand,
        "extra": dict(post.extra) or None,
    }
    return {name: value for name, value in line.items() if value is not None}


def parse_post(value: Json) -> IncomingPost:
    """The post of one line's object. Raises ChannelError(permanent=True) with the field and the cause."""
    line = Fields(value, "The post")
    line.only(POST_FIELDS)
    author = line.optional_object("author")
    deleted_at = line.optional_time("deleted_at")
    if author is None and deleted_at is None:
        reject("The post: author is missing, and only a deletion may lack it.")
    return IncomingPost(
        network=line.identifier("network"),
        external_id=line.identifier("external_id"),
        posted_at=line.time("posted_at"),
        author=_parse_author(author) if author else None,
        text=line.text("text", most=MAX_TEXT),
        parent_id=line.optional_identifier("parent_id"),
        conversation_id=line.optional_identifier("conversation_id"),
        page_id=line.optional_identifier("page_id"),
        recipient_id=line.optional_identifier("recipient_id"),
        visibility=_visibility(line),
        language=line.text("language", most=35) or None,
        url=line.web_address("url"),
        mentions=line.optional_names("mentions"),
        revision=line.optional_count("revision") or 0,
        edited_at=line.optional_time("edited_at"),
        deleted_at=deleted_at,
        automatic=bool(line.optional_flag("automatic")),
        by_brand=line.optional_flag("by_brand"),
        extra=line.plain("extra"),
    )


def _dump_author(author: IncomingAuthor) -> dict[str, Json]:
    line = {
        "external_id": author.external_id,
        "handle": author.handle,
        "name": author.name or None,
        "followers": author.followers,
    }
    return {name: value for name, value in line.items() if value is not None}


def _parse_author(author: Fields) -> IncomingAuthor:
    author.only(AUTHOR_FIELDS)
    return IncomingAuthor(
        external_id=author.identifier("external_id"),
        handle=author.identifier("handle"),
        name=author.text("name", most=MAX_NAME),
        followers=author.optional_count("followers"),
    )


def _visibility(line: Fields) -> Visibility:
    word = line.text("visibility", most=20, default=Visibility.PUBLIC.value)
    if word not in set(Visibility):
        reject(f"The post: visibility is {word!r}, neither public nor private.")
    return Visibility(word)


def _moment(moment: datetime) -> str:
    """ISO 8601 in UTC with Z, to the microsecond where there are any."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"

"""Statuses as Mastodon's API gives them, as JSON Lines or a JSON list: posts of the network `mastodon`.

A value may also be a notification (with `status`) or the context of a status (`ancestors`, `descendants`).
Ids are those of the server that was asked: keep the statuses of one server together, apart from others'.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from hearout.channels.archive.lines import LineFile, Rejected
from hearout.channels.archive.times import revision_of
from hearout.channels.archive.values import Refused, told
from hearout.channels.archive.x import REPOSTS
from hearout.channels.base import ChannelError, IncomingAuthor, IncomingPost, Json, Visibility
from hearout.channels.payload import MAX_NAME, MAX_TEXT, Fields, reject

NETWORK = "mastodon"
MAX_CONTENT = 4 * MAX_TEXT
"""Characters of a text with its HTML."""


def looks_like(value: Mapping[str, Json]) -> bool:
    if "ancestors" in value and "descendants" in value:
        return True
    status = value.get("status")
    one = status if isinstance(status, dict) else value
    return isinstance(one.get("account"), dict) and ("content" in one or "uri" in one)


def read_mastodon(file: LineFile, warnings: Counter[str]) -> Iterator[IncomingPost | Rejected]:
    def posts(value: Json) -> Iterator[IncomingPost | Refused]:
        for status in _statuses(value):
            if status.get("reblog"):
                warnings[REPOSTS] += 1
                continue
            try:
                yield _post(Fields(status, "The status"))
            except ChannelError as error:
                yield Refused(error.message, status)

    return told(file, posts)


def _statuses(value: Json) -> list[Mapping[str, Json]]:
    if not isinstance(value, dict):
        reject("The line is no status: it is not an object.")
    if "account" in value and "created_at" in value and "type" not in value:
        return [value]
    if isinstance(value.get("status"), dict):
        return [value["status"]]
    if isinstance(value.get("ancestors"), list) and isinstance(value.get("descendants"), list):
        return [one for one in value["ancestors"] + value["descendants"] if isinstance(one, dict)]
    if value.get("type") and "account" in value:
        return []  # a notification of a follow or the like
    reject("The line is no status: it has no account and created_at.")


def _post(status: Fields) -> IncomingPost:
    account = status.optional_object("account")
    if account is None:
        reject("The status has no account.")
    handle = account.optional_identifier("acct") or account.identifier("username")
    edited_at = status.optional_time("edited_at")
    return IncomingPost(
        network=NETWORK,
        external_id=status.identifier("id"),
        posted_at=status.time("created_at"),
        author=IncomingAuthor(
            external_id=account.identifier("id"),
            handle=handle,
            name=account.text("display_name", most=MAX_NAME),
            followers=account.optional_count("followers_count"),
        ),
        text=_text(status),
        parent_id=status.optional_identifier("in_reply_to_id"),
        visibility=_visibility(status),
        language=status.text("language", most=35) or None,
        url=status.web_address("url"),
        mentions=_mentions(status.raw("mentions")),
        revision=revision_of(edited_at),
        edited_at=edited_at,
    )


def _text(status: Fields) -> str:
    """The warning that stands before a text belongs to it; readers see both."""
    text = plain_text(status.text("content", most=MAX_CONTENT))
    if warning := status.text("spoiler_text", most=MAX_TEXT):
        text = f"{warning}\n\n{text}"
    if len(text) > MAX_TEXT:
        reject(f"The status: content has {len(text):,} characters; at most {MAX_TEXT:,} are kept.")
    return text


def _visibility(status: Fields) -> Visibility:
    """`private` is for followers and `direct` for those named; neither can be seen by everybody."""
    word = status.text("visibility", most=20)
    return Visibility.PRIVATE if word in ("private", "direct") else Visibility.PUBLIC


def _mentions(value: Json) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(Fields(one, "The status's mention").identifier("acct") for one in value[:1_000])


def plain_text(content: str) -> str:
    """What a reader sees of a status's HTML: paragraphs parted by a blank line, links by their words."""
    reader = _Words()
    reader.feed(content)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.words)).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "li", "blockquote", "pre", "h1", "h2", "h3"):
            self.words.append("\n\n" if tag != "li" else "\n")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

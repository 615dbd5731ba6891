"""The JSON of both ways, described in README.md beside this file."""

from __future__ import annotations

from datetime import UTC, datetime

from hearout.channels.base import Act, IncomingAuthor, IncomingPost, Json, OutgoingReply, Visibility
from hearout.channels.payload import MAX_NAME, MAX_TEXT, Fields, reject

NETWORK = "webhook"
MOST_POSTS = 500
"""Posts of one delivery."""

ENVELOPE = frozenset({"type", "timestamp", "data"})
AUTHOR = frozenset({"id", "handle", "name", "followers"})
ACCOUNT = frozenset({"id", "handle"})
POST = frozenset(
    {"id", "posted_at", "author", "text", "reply_to", "conversation", "page", "recipient", "visibility"}
    | {"language", "url", "mentions", "revision", "edited_at", "deleted_at", "automatic", "by_us", "extra"}
)
_VISIBILITIES = {one.value: one for one in Visibility}


def parse_payload(value: Json) -> list[IncomingPost]:
    """Posts of `{"type": "post", "data": POST or [POST, ...]}`."""
    envelope = Fields(value, "The delivery")
    envelope.only(ENVELOPE)
    if (kind := envelope.text("type", most=80)) != "post":
        reject(f"The delivery: type is {kind!r}; the only one that is known is 'post'.")
    data = envelope.raw("data")
    posts = data if isinstance(data, list) else [data]
    if not 0 < len(posts) <= MOST_POSTS:
        reject(f"The delivery holds {len(posts)} posts; 1 to {MOST_POSTS} are taken.")
    return [_post(post) for post in posts]


def _post(value: Json) -> IncomingPost:
    post = Fields(value, "The post")
    post.only(POST)
    author, deleted_at = post.optional_object("author"), post.optional_time("deleted_at")
    if author is None and deleted_at is None:
        reject("The post: author is missing, and only a deletion may lack it.")
    page, recipient = _account(post, "page"), _account(post, "recipient")
    return IncomingPost(
        network=NETWORK,
        external_id=post.identifier("id"),
        posted_at=post.time("posted_at"),
        author=_author(author) if author else None,
        text=post.text("text", most=MAX_TEXT),
        parent_id=post.optional_identifier("reply_to"),
        conversation_id=post.optional_identifier("conversation"),
        page_id=page.external_id if page else None,
        recipient_id=recipient.external_id if recipient else None,
        visibility=_visibility(post),
        language=post.text("language", most=35) or None,
        url=post.web_address("url"),
        mentions=_mentions(post, page, recipient),
        revision=post.optional_count("revision") or 0,
        edited_at=post.optional_time("edited_at"),
        deleted_at=deleted_at,
        automatic=bool(post.optional_flag("automatic")),
        by_brand=post.optional_flag("by_us"),
        extra=post.plain("extra"),
    )


def _author(author: Fields) -> IncomingAuthor:
    author.only(AUTHOR)
    return IncomingAuthor(
        external_id=author.identifier("id"),
        handle=author.identifier("handle"),
        name=author.text("name", most=MAX_NAME),
        followers=author.optional_count("followers"),
    )


def _account(post: Fields, name: str) -> IncomingAuthor | None:
    fields = post.optional_object(name)
    if fields is None:
        return None
    fields.only(ACCOUNT)
    return IncomingAuthor(fields.identifier("id"), fields.optional_identifier("handle") or "")


def _mentions(post: Fields, *addressed: IncomingAuthor | None) -> tuple[str, ...] | None:
    """Whom a post is addressed to counts as mentioned: our id in that system may be known to nobody."""
    told = post.optional_names("mentions")
    handles = [one.handle for one in addressed if one and one.handle]
    return None if told is None and not handles else tuple(dict.fromkeys([*(told or ()), *handles]))


def _visibility(post: Fields) -> Visibility:
    written = post.text("visibility", most=20, default="public")
    found = _VISIBILITIES.get(written)
    if found is None:
        reject(f"The post: visibility is {written!r}, neither public nor private.")
    return found


def reply_event(reply: OutgoingReply, now: datetime) -> Json:
    """What goes out. `data.key` is the `webhook-id` too, and the same for every attempt."""
    data = {
        "key": reply.key,
        "visibility": _visibility_of(reply).value,
        "text": reply.text,
        "reply_to": reply.target_id,
        "recipient": reply.recipient_id,
        "page": reply.page_id,
    }
    told = {name: value for name, value in data.items() if value is not None}
    return {"type": "reply", "timestamp": _moment(now), "data": told}


def own_post(reply: OutgoingReply, external_id: Json, url: Json, account: str, now: datetime) -> Json:
    """Our reply as that system would tell of it, for systems that answer with no more than an id."""
    private = reply.act is Act.PRIVATE_MESSAGE
    data = {
        "id": external_id,
        "posted_at": _moment(now),
        "author": {"id": account, "handle": account},
        "text": reply.text,
        "reply_to": reply.target_id,
        "recipient": {"id": reply.recipient_id} if private else None,
        "page": {"id": reply.page_id} if reply.page_id else None,
        "visibility": _visibility_of(reply).value,
        "url": url,
        "by_us": True,
    }
    return {"type": "post", "data": {name: value for name, value in data.items() if value is not None}}


def _visibility_of(reply: OutgoingReply) -> Visibility:
    return Visibility.PRIVATE if reply.act is Act.PRIVATE_MESSAGE else Visibility.PUBLIC


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"

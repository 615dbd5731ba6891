"""The simulated network's JSON, as posts."""

from __future__ import annotations

from hearout.channels.base import IncomingAuthor, IncomingPost, Json, Visibility
from hearout.channels.payload import MAX_NAME, MAX_TEXT, Fields, reject

NETWORK = "simulator"
_VISIBILITIES = {one.value: one for one in Visibility}


def parse_payload(value: Json) -> list[IncomingPost]:
    """Posts of one post object, of a webhook's `{"posts": [...]}`, or of a list of posts."""
    posts = value.get("posts", value) if isinstance(value, dict) else value
    return [parse_post(post) for post in (posts if isinstance(posts, list) else [posts])]


def parse_post(value: Json) -> IncomingPost:
    """One post. Raises ChannelError(permanent=True) with the field and the cause."""
    post = Fields(value, "The post")
    author, recipient = post.optional_object("author"), post.optional_object("recipient")
    deleted_at = post.optional_time("deleted_at")
    if author is None and deleted_at is None:
        reject("The post: author is missing, and only a deletion may lack it.")
    written = post.text("visibility", most=20, default="public")
    visibility = _VISIBILITIES.get(written)
    if visibility is None:
        reject(f"The post: visibility is {written!r}, neither public nor private.")
    return IncomingPost(
        network=NETWORK,
        external_id=post.identifier("id"),
        posted_at=post.time("created_at"),
        author=_author(author) if author else None,
        text=post.text("text", most=MAX_TEXT),
        parent_id=post.optional_identifier("in_reply_to"),
        conversation_id=post.optional_identifier("conversation_id"),
        page_id=post.optional_identifier("page_of"),
        recipient_id=recipient.identifier("id") if recipient else None,
        visibility=visibility,
        language=post.text("language", most=35) or None,
        url=post.web_address("url"),
        mentions=post.optional_names("mentions"),
        revision=post.optional_count("revision") or 0,
        edited_at=post.optional_time("edited_at"),
        deleted_at=deleted_at,
        automatic=bool(post.optional_flag("automatic")),
    )


def _author(author: Fields) -> IncomingAuthor:
    return IncomingAuthor(
        external_id=author.identifier("id"),
        handle=author.identifier("handle"),
        name=author.text("name", most=MAX_NAME),
        followers=author.optional_count("followers"),
    )

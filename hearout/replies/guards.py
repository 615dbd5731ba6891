"""Guards: what could embarrass us if this reply went out, each in one sentence."""

from __future__ import annotations

from collections.abc import Iterator

from hearout.channels import registry
from hearout.channels.base import Act, ChannelError
from hearout.listening.models import Connection, Handle
from hearout.replies.errors import Objection
from hearout.replies.length import length_of
from hearout.replies.models import Move, Reply
from hearout.replies.saved import unfilled
from hearout.triage.models import Verdict
from hearout.triage.own_numbers import numbers_of
from hearout.understanding.private_data import find_private_data
from hearout.understanding.readers import default_reader

SPEAKS = {Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE}
SURE_OF_LANGUAGE = 0.7
ABILITIES = {
    Act.PRIVATE_MESSAGE: "dm",
    Act.LIKE: "like",
    Act.FOLLOW: "follow",
    Act.REPOST: "repost",
}


def objections(reply: Reply) -> list[Objection]:
    """Everything that speaks against sending, the final ones first."""
    found = [*_account(reply), *_ability(reply)]
    if Act(reply.act) in SPEAKS:
        found += [*_text(reply), *_length(reply), *_private(reply), *_language(reply), *_repeated(reply)]
    return sorted(found, key=lambda objection: not objection.final)


def _account(reply: Reply) -> Iterator[Objection]:
    handle, case = reply.handle, reply.case
    if handle.brand_id != case.brand_id:
        yield Objection("account", f"{handle} belongs to another brand than this case.", final=True)
    elif handle.role == Handle.Role.WATCHED:
        yield Objection("account", f"{handle} is only watched; nothing can be sent with it.", final=True)
    elif reply.target and reply.target.network != handle.network:
        yield Objection(
            "account", f"The post is on {reply.target.network}, {handle} is on {handle.network}.", final=True
        )
    else:
        ours = case.posts.filter(ours=True, post__network=handle.network, post__handle__isnull=False)
        before = ours.select_related("post__handle").order_by("-posted_at", "-id").first()
        moved = Move.objects.filter(case=case, care=handle, undone_at=None)
        if before and before.post.handle_id != handle.pk and not moved.exists():
            yield Objection(
                "account", f"So far {before.post.handle} has answered in this case; this would be {handle}."
            )


def _ability(reply: Reply) -> Iterator[Objection]:
    connection = Connection.objects.filter(handle=reply.handle_id).first()
    if connection is None:
        yield Objection(
            "connection", f"{reply.handle} is not connected. Connect it in Settings, Handles.", final=True
        )
        return
    needed = ABILITIES.get(Act(reply.act))
    try:
        manifest = registry.manifest(connection.channel)
    except ChannelError as error:
        yield Objection("connection", error.message, final=True)
        return
    if needed and needed not in manifest.can:
        yield Objection("ability", f"{manifest.title} does not let us do this ({needed}).", final=True)


def _text(reply: Reply) -> Iterator[Objection]:
    if not reply.text.strip():
        yield Objection("empty", "There is no text yet.", final=True)
    if left := unfilled(reply.text):
        yield Objection("placeholder", f"{', '.join(left)} is not filled in.", final=True)


def _length(reply: Reply) -> Iterator[Objection]:
    length = length_of(reply)
    if length and not length.fits:
        over = length.used - length.maximum
        yield Objection(
            "length", f"{over} {length.unit} too long ({length.used} of {length.maximum}).", final=True
        )


def _private(reply: Reply) -> Iterator[Objection]:
    if reply.act == Act.PUBLIC_REPLY:
        found = find_private_data(reply.text, numbers_of(reply.brand_id))
        kinds = sorted({span.kind for span in found})
        if kinds:
            yield Objection("private", f"This is public and seems to hold private data ({', '.join(kinds)}).")


def _language(reply: Reply) -> Iterator[Objection]:
    theirs = (
        Verdict.objects.filter(brand=reply.brand_id, post=reply.target_id)
        if reply.target_id
        else Verdict.objects.filter(brand=reply.brand_id, post=reply.case.opening_id)
    ).first()
    if theirs is None or theirs.language == "und" or theirs.confidence.get("language", 0) < SURE_OF_LANGUAGE:
        return
    (reading,) = default_reader().read([reply.text])
    sure = reading.confidence.get("language", 0) >= SURE_OF_LANGUAGE
    if sure and reading.language not in ("und", theirs.language):
        yield Objection(
            "language", f"The customer writes {theirs.language}, your answer reads as {reading.language}."
        )


def _repeated(reply: Reply) -> Iterator[Objection]:
    said = {
        " ".join(joined.post.text.split())
        for joined in reply.case.posts.filter(ours=True).select_related("post")
    }
    if " ".join(reply.text.split()) in said:
        yield Objection("repeated", "The very same text is already in this thread.")
    elif reply.saved_reply_id:
        again = Reply.objects.filter(
            case=reply.case_id, saved_reply=reply.saved_reply_id, seen_at__isnull=False
        )
        if again.exclude(pk=reply.pk).exists():
            yield Objection("repeated", "This saved reply was already used in this thread.")

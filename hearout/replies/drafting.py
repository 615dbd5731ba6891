"""Drafts: kept on the server as they are typed, one for each person and case."""

from __future__ import annotations

from django.db import transaction
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.channels.base import Act
from hearout.customers.models import Author
from hearout.journal.writing import note
from hearout.lib.clean import clean_text
from hearout.listening.models import Handle, Post
from hearout.people.models import User
from hearout.replies.errors import ReplyError
from hearout.replies.models import Move, Reply, SavedReply
from hearout.replies.state import State, state

LONGEST = 20_000


def draft_of(case: Case, user: User) -> Reply | None:
    """The draft that this person has on this case."""
    return Reply.objects.filter(
        case=case, by=user, queued_at__isnull=True, approval_asked_at__isnull=True, discarded_at__isnull=True
    ).first()


@transaction.atomic
def save_draft(
    case: Case,
    *,
    by: User,
    act: str,
    text: str,
    handle: Handle | None = None,
    target: Post | None = None,
    saved_reply: SavedReply | None = None,
) -> Reply:
    """Write the draft down, or over. Raises ReplyError when there is nobody to answer or no handle to answer with."""
    Case.objects.select_for_update().get(pk=case.pk)
    act = Act(act).value
    target = target or target_of(case, private=act == Act.PRIVATE_MESSAGE)
    fields = {
        "brand_id": case.brand_id,
        "handle": handle or handle_of(case, target),
        "act": act,
        "target": target if act != Act.PRIVATE_MESSAGE else None,
        "recipient": customer_on(case, target),
        "text": clean_text(text, LONGEST),
        "saved_reply": saved_reply,
        "cause": "",
    }
    draft = draft_of(case, by)
    if draft is None:
        draft = Reply.objects.create(case=case, by=by, thread_version=case.thread_version, **fields)
        note("reply.drafted", brand_id=case.brand_id, noun="case", noun_id=case.pk, by=by.pk, reply=draft.pk)
        return draft
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.save()
    return draft


@transaction.atomic
def discard(reply: Reply, *, by: User) -> None:
    """Throw away a draft, or what failed or was parked. Raises ReplyError for what is on its way."""
    reply = Reply.objects.select_for_update().get(pk=reply.pk)
    throwable = {State.DRAFT, State.WAITING_FOR_APPROVAL, State.FAILED, State.PARKED}
    if state(reply) not in throwable:
        raise ReplyError("This reply is already on its way, so it cannot be discarded.")
    reply.discarded_at, reply.due_at = now(), None
    reply.save(update_fields=["discarded_at", "due_at"])
    note(
        "reply.discarded",
        brand_id=reply.brand_id,
        noun="case",
        noun_id=reply.case_id,
        by=by.pk,
        reply=reply.pk,
    )


def target_of(case: Case, *, private: bool = False) -> Post:
    """The customer's post that an answer belongs under: the newest that wants one, else the newest."""
    theirs = case.posts.filter(ours=False, deleted=False).select_related("post__author")
    same = theirs.filter(post__private=private)
    wanted = same.filter(wants_answer=True).order_by("-posted_at", "-id").first()
    found = (
        wanted or same.order_by("-posted_at", "-id").first() or theirs.order_by("-posted_at", "-id").first()
    )
    if found is None:
        raise ReplyError("The customer's posts are gone from the network, so there is nothing to answer.")
    return found.post


def handle_of(case: Case, target: Post) -> Handle:
    """The handle to answer with: where the case was moved to, else the one that answered in it before, else the
    one the customer addressed."""
    move = Move.objects.filter(case=case, undone_at=None, care__network=target.network).select_related("care")
    if moved := move.first():
        return moved.care
    ours = case.posts.filter(ours=True, post__handle__brand=case.brand_id, post__network=target.network)
    last = ours.select_related("post__handle").order_by("-posted_at", "-id").first()
    if last and last.post.handle:
        return last.post.handle
    mention = (
        target.mentions.filter(brand=case.brand_id, handle__isnull=False).select_related("handle").first()
    )
    if mention and mention.handle and mention.handle.role != Handle.Role.WATCHED:
        return mention.handle
    owned = Handle.objects.filter(brand=case.brand_id, network=target.network).exclude(
        role=Handle.Role.WATCHED
    )
    found = owned.filter(connection__isnull=False).order_by("role").first()
    if found is None:
        raise ReplyError(
            f"No handle of {case.brand} is connected on {target.network}. Connect one in Settings, Handles."
        )
    return found


def customer_on(case: Case, target: Post) -> Author:
    """The account to write to in private: the author of the post that is answered."""
    return target.author

"""From draft to queue: the last look before a reply leaves, and ten seconds to take it back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.channels.base import Act
from hearout.journal.writing import note
from hearout.lib.doorbell import ring
from hearout.listening.models import Post
from hearout.people.doors import LEADS
from hearout.people.models import Membership, User
from hearout.replies.drafting import customer_on, handle_of, target_of
from hearout.replies.errors import ObjectedError, ReplyError, ThreadChangedError
from hearout.replies.guards import objections
from hearout.replies.models import Reply
from hearout.replies.news import posts_since
from hearout.replies.state import State, state

UNDO_SECONDS = 10


@transaction.atomic
def queue(reply: Reply, *, by: User, seen_version: int, sure: bool = False) -> Reply:
    """Release a draft for sending, or for approval where its author needs that.

    `seen_version` is the thread version of the page the author looked at. Raises
    ThreadChangedError when somebody wrote since, ObjectedError when guards object (those that are
    not final give way to `sure`), ReplyError when it is no draft any more.
    """
    case = Case.objects.select_for_update().select_related("brand", "customer").get(pk=reply.case_id)
    reply = Reply.objects.select_for_update(of=("self",)).select_related("handle", "target").get(pk=reply.pk)
    if state(reply) is not State.DRAFT:
        raise ReplyError(f"This reply is already {state(reply).value.replace('_', ' ')}.")
    new = posts_since(case, seen_version, by)
    if new:
        raise ThreadChangedError(new, case.thread_version)
    against = [objection for objection in objections(reply) if objection.final or not sure]
    if against:
        raise ObjectedError(against)
    reply.thread_version = case.thread_version
    if _needs_approval(reply, by):
        reply.approval_asked_at = now()
        reply.save()
        _ring(reply)
        return reply
    return _release(reply, by, now() + timedelta(seconds=UNDO_SECONDS))


@transaction.atomic
def approve(reply: Reply, *, by: User) -> Reply:
    """Let somebody's reply go out. Only a supervisor or admin may, and nobody their own."""
    reply = Reply.objects.select_for_update().get(pk=reply.pk)
    if state(reply) is not State.WAITING_FOR_APPROVAL:
        raise ReplyError("This reply does not wait for approval (any more).")
    if reply.by_id == by.pk:
        raise ReplyError("Somebody else has to approve your reply.")
    if not Membership.objects.filter(user=by, brand=reply.brand_id, role__in=LEADS).exists():
        raise ReplyError("Only a supervisor or an admin can approve.")
    reply.approved_at, reply.approved_by = now(), by
    note(
        "reply.approved",
        brand_id=reply.brand_id,
        noun="case",
        noun_id=reply.case_id,
        by=by.pk,
        reply=reply.pk,
    )
    return _release(reply, by, now())


@transaction.atomic
def undo(reply: Reply, *, by: User) -> Reply:
    """Take a queued reply back into a draft. Raises ReplyError when it has left, or when a newer draft is there."""
    reply = Reply.objects.select_for_update().get(pk=reply.pk)
    if state(reply) is not State.QUEUED or reply.sending_at:
        raise ReplyError("Too late: the reply has left.")
    if Act(reply.act) not in (Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE):
        reply.discarded_at = now()
    else:
        newer = Reply.objects.filter(case=reply.case_id, by=reply.by_id, queued_at=None, discarded_at=None)
        newer.filter(approval_asked_at=None).exclude(pk=reply.pk).update(discarded_at=now())
    reply.queued_at = reply.due_at = reply.approval_asked_at = reply.approved_at = None
    reply.save()
    note(
        "reply.undone", brand_id=reply.brand_id, noun="case", noun_id=reply.case_id, by=by.pk, reply=reply.pk
    )
    _ring(reply)
    return reply


@transaction.atomic
def retry(reply: Reply, *, by: User) -> Reply:
    """Send again what failed, or what was parked and, as a person found out, did not arrive."""
    reply = Reply.objects.select_for_update().get(pk=reply.pk)
    if state(reply) not in (State.FAILED, State.PARKED):
        raise ReplyError("Only a reply that failed or was parked can be sent again.")
    reply.failed_at = reply.parked_at = reply.sending_at = reply.uncertain_at = reply.lease_until = None
    reply.sent_at = None
    reply.tries, reply.cause = 0, ""
    return _release(reply, by, now())


@transaction.atomic
def confirm_arrived(reply: Reply, *, by: User) -> Reply:
    """A person looked: the parked reply is on the network."""
    reply = Reply.objects.select_for_update().get(pk=reply.pk)
    if state(reply) is not State.PARKED:
        raise ReplyError("Only a parked reply needs this decision.")
    reply.parked_at, reply.seen_at, reply.due_at = None, now(), None
    reply.save()
    note("reply.seen", brand_id=reply.brand_id, noun="case", noun_id=reply.case_id, by=by.pk, reply=reply.pk)
    _ring(reply)
    return reply


@transaction.atomic
def act_now(case: Case, *, by: User, act: str, target: Post | None = None) -> Reply:
    """Like, repost or follow back: no text, no draft, one key. Harmless to repeat."""
    act = Act(act)
    if act in (Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE):
        raise ReplyError("A reply with text starts as a draft.")
    case = Case.objects.select_for_update().select_related("brand").get(pk=case.pk)
    target = target or target_of(case)
    done = Reply.objects.filter(case=case, act=act.value, target=target, discarded_at=None, failed_at=None)
    if before := done.first():
        return before
    reply = Reply(
        case=case,
        brand=case.brand,
        handle=handle_of(case, target),
        act=act.value,
        target=target,
        recipient=customer_on(case, target),
        by=by,
        thread_version=case.thread_version,
    )
    if against := objections(reply):
        raise ObjectedError(against)
    return _release(reply, by, now())


def _needs_approval(reply: Reply, by: User) -> bool:
    return Membership.objects.filter(user=by, brand=reply.brand_id, needs_approval=True).exists()


def _release(reply: Reply, by: User, due_at: datetime) -> Reply:
    reply.queued_at = now()
    reply.due_at = due_at
    reply.cause = ""
    reply.save()
    note(
        "reply.queued", brand_id=reply.brand_id, noun="case", noun_id=reply.case_id, by=by.pk, reply=reply.pk
    )
    _ring(reply)
    return reply


def _ring(reply: Reply) -> None:
    with connection.cursor() as cursor:
        ring(cursor, [f"case:{reply.case_id}", f"brand:{reply.brand_id}"])

"""Answering: drafts kept as they are typed, the send with its checks, and what becomes of a reply."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from hearout.cases.doors import case_for
from hearout.cases.models import Case
from hearout.channels.base import Act
from hearout.desk.case.answering import answered, case_verb, show_case
from hearout.desk.case.composing import composer_of
from hearout.desk.case.page import page_of
from hearout.desk.request import DeskRequest, at_the_desk, back, wants_part
from hearout.listening.models import Handle, Post
from hearout.people.doors import NotFoundHereError
from hearout.people.models import User
from hearout.replies import drafting, queueing
from hearout.replies.errors import ObjectedError, Objection, ReplyError, ThreadChangedError
from hearout.replies.guards import objections
from hearout.replies.length import length_of
from hearout.replies.models import Reply, SavedReply
from hearout.replies.saved import INVITATION, fill

Row = TypeVar("Row", bound=Model)
WRITES = (Act.PUBLIC_REPLY.value, Act.PRIVATE_MESSAGE.value)
TYPED_LATER = ("empty", "repeated")
"""Objections that would only nag while somebody is still typing."""


def _saved(case: Case, form: QueryDict, by: User, text: str | None = None) -> Reply:
    """Write the form down as this person's draft. What is not of this case is not found."""
    act = form.get("act", "")
    if act not in WRITES:
        raise ReplyError("Choose between a public reply and a private message.")
    return drafting.save_draft(
        case,
        by=by,
        act=act,
        text=form.get("text", "") if text is None else text,
        handle=_found(Handle.objects.filter(brand=case.brand_id), form.get("handle", "")),
        target=_found(Post.objects.filter(pk__in=case.posts.values("post_id")), form.get("target", "")),
        saved_reply=_found(SavedReply.objects.filter(brand=case.brand_id), form.get("saved_reply", "")),
    )


def _found(rows: QuerySet[Row], pk: str) -> Row | None:
    """The row by an id from a form; None for no id. Raises NotFoundHereError for one that is not among them."""
    if not pk:
        return None
    row = rows.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 18 else None
    if row is None:
        raise NotFoundHereError("no such row here")
    return row


@require_POST
@at_the_desk
def draft(request: DeskRequest, case_id: int) -> HttpResponse:
    """Keep what is typed. htmx gets the counter with what already speaks against sending."""
    case = case_for(request.user, case_id)
    try:
        kept = _saved(case, request.POST, request.user)
    except ReplyError as error:
        return render(request, "case/counter.html", {"case": case, "error": str(error)}, status=422)
    if request.POST.get("leaving"):
        return HttpResponse(status=204)
    if not wants_part(request):
        messages.success(request, "The draft is saved.")
        return back(request, reverse("case", args=[case_id]))
    against = [objection for objection in objections(kept) if objection.code not in TYPED_LATER]
    context = {"case": case, "length": length_of(kept), "objections": against, "saved": True}
    return render(request, "case/counter.html", context)


@require_POST
@at_the_desk
def replies(request: DeskRequest, case_id: int) -> HttpResponse:
    """Save and release. A thread that moved on, or a guard, stops it with 422 and says why."""
    case = case_for(request.user, case_id)
    seen = request.POST.get("seen_version", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 9 else 0
    try:
        kept = _saved(case, request.POST, request.user)
        queueing.queue(kept, by=request.user, seen_version=version, sure=request.POST.get("sure") == "yes")
    except ThreadChangedError as error:
        return _stopped(request, case_id, error, version=error.version, new=error.new)
    except ObjectedError as error:
        return _stopped(request, case_id, error, version=version, against=error.objections)
    except ReplyError as error:
        return _stopped(request, case_id, error, version=version)
    return answered(request, case_id, "")


def _stopped(
    request: DeskRequest,
    case_id: int,
    error: ReplyError,
    *,
    version: int,
    new: list[Post] | None = None,
    against: list[Objection] | None = None,
) -> HttpResponse:
    page = page_of(request.user, case_id)
    sentence = "" if against else str(error)
    composer = composer_of(page, version=version, new=new or [], objections=against or [], error=sentence)
    return show_case(request, case_id, composer=composer, status=422)


@require_POST
@at_the_desk
def saved_text(request: DeskRequest, case_id: int) -> HttpResponse:
    """Put a saved reply, or the invitation to write in private, into the draft."""
    case = case_for(request.user, case_id)
    wanted = request.POST.get("insert", "")
    saved = None if wanted == "invitation" else _found(SavedReply.objects.filter(brand=case.brand_id), wanted)
    text = fill(saved or INVITATION, case, request.user)
    before = request.POST.get("text", "").rstrip()
    form = request.POST.copy()
    form["saved_reply"] = str(saved.pk) if saved else ""
    form["act"] = form.get("act", "") if saved else Act.PUBLIC_REPLY.value
    _saved(case, form, request.user, f"{before}\n{text}" if before else text)
    return answered(request, case_id, "")


@case_verb
def acts(request: DeskRequest, case: Case) -> str:
    act = request.POST.get("act", "")
    if act not in (Act.LIKE, Act.FOLLOW, Act.REPOST):
        raise ReplyError("Choose what to do: like, follow or repost.")
    target = _found(Post.objects.filter(pk__in=case.posts.values("post_id")), request.POST.get("target", ""))
    queueing.act_now(case, by=request.user, act=act, target=target)
    return ""


@case_verb
def fate(request: DeskRequest, case: Case, reply_id: int) -> str:
    """What a person decides about a reply that is not simply on its way."""
    reply = _found(Reply.objects.filter(case=case), str(reply_id))
    decisions = {
        "undo": queueing.undo,
        "approve": queueing.approve,
        "retry": queueing.retry,
        "arrived": queueing.confirm_arrived,
        "discard": drafting.discard,
    }
    decide = decisions.get(request.POST.get("do", ""))
    if reply is None or decide is None:
        raise NotFoundHereError("no such reply, or no such decision")
    decide(reply, by=request.user)
    return ""

"""A case that leaked to a main handle goes on at the care handle, and its customer is told where that is."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from hearout.cases.models import Case
from hearout.channels.base import Act
from hearout.journal.writing import note
from hearout.lib.doorbell import ring
from hearout.listening.models import Handle, Post
from hearout.listening.words import TOKEN, handle_keys, key_of
from hearout.people.models import User
from hearout.replies.drafting import draft_of, save_draft
from hearout.replies.errors import ReplyError
from hearout.replies.models import Move, Reply, SavedReply
from hearout.replies.saved import MOVED, WHERE_CARE_IS, care_handle_of, fill
from hearout.triage.models import Verdict


@dataclass(frozen=True)
class Offer:
    """The case came to `main` and could be answered from `care`."""

    main: Handle
    care: Handle


def arrived_at(post: Post, brand_id: int) -> Handle | None:
    """The handle at which an opening arrived, as figures say it: that of any brand first named in the text, failing
    that the page or account written to. None: at none of this brand's."""
    ours = Handle.objects.filter(network=post.network).exclude(role=Handle.Role.WATCHED)
    by_name = {key_of(one.handle): one for one in ours.filter(brand__served=True)}
    for token in TOKEN.finditer(post.text if "@" in post.text or "＠" in post.text else ""):
        for key in handle_keys(token["handle"]) if token["handle"] else ():
            if named := by_name.get(key):
                return named if named.brand_id == brand_id else None
    mention = post.mentions.filter(brand=brand_id).exclude(how="ours").select_related("handle").first()
    return mention.handle if mention else None


def offer_for(case: Case) -> Offer | None:
    """The move that this case is offered; None for one that did not leak, is moved or was answered already.

    It leaked when its opening wants an answer and arrived at a main handle (the metric leak-rate).
    """
    opening = case.opening
    if not case.is_open or case.answered_at or opening.private:
        return None
    care = care_handle_of(case)
    if care is None or Move.objects.filter(case=case, undone_at=None).exists():
        return None
    if not Verdict.objects.filter(brand=case.brand_id, post=opening, needs_answer=True).exists():
        return None
    main = arrived_at(opening, case.brand_id)
    return Offer(main, care) if main and main.role == Handle.Role.MAIN else None


@transaction.atomic
def move(case: Case, *, by: User) -> Move:
    """Answer from the care handle from now on; the draft begins with where care lives. Raises ReplyError."""
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("brand", "customer", "opening")
        .get(pk=case.pk)
    )
    offer = offer_for(case)
    if offer is None:
        raise ReplyError("This case is moved or answered already, or did not come to a main handle.")
    before = draft_of(case, by)
    saved = _where_care_is(case)
    line = fill(saved or MOVED, case, by)
    typed = before.text.strip() if before else ""
    save_draft(
        case,
        by=by,
        act=before.act if before else Act.PUBLIC_REPLY,
        text=f"{line}\n{typed}" if typed else line,
        handle=offer.care,
        target=before.target if before else None,
        saved_reply=saved or (before.saved_reply if before else None),
    )
    _drafts(case, offer.main).update(handle=offer.care)
    moved = Move.objects.create(
        case=case, brand=case.brand, main=offer.main, care=offer.care, line=line, by=by
    )
    _noted("case.moved", moved, by)
    return moved


@transaction.atomic
def move_back(case: Case, *, by: User) -> None:
    """Take a move back, as long as nothing has gone out from the care handle. Raises ReplyError."""
    Case.objects.select_for_update().get(pk=case.pk)
    moved = Move.objects.select_related("main", "care").filter(case=case, undone_at=None).first()
    if moved is None:
        raise ReplyError("This case has not been moved.")
    sent = Q(queued_at__gte=moved.at) | Q(approval_asked_at__gte=moved.at)
    if Reply.objects.filter(sent, case=case, handle=moved.care, discarded_at=None).exists():
        raise ReplyError(f"Too late: {moved.care} has answered.")
    moved.undone_at, moved.undone_by = now(), by
    moved.save(update_fields=["undone_at", "undone_by"])
    for draft in _drafts(case, moved.care):
        draft.text, draft.handle = draft.text.replace(moved.line, "", 1).strip(), moved.main
        draft.discarded_at = None if draft.text else now()
        draft.save(update_fields=["text", "handle", "discarded_at"])
    _noted("case.moved_back", moved, by)


def _drafts(case: Case, handle: Handle) -> QuerySet[Reply]:
    """What is being written with a handle, by anybody."""
    unsent = {"queued_at": None, "approval_asked_at": None, "discarded_at": None}
    return Reply.objects.filter(case=case, handle=handle, **unsent)


def _where_care_is(case: Case) -> SavedReply | None:
    """The brand's own words, in the customer's language where it has them: `Where care is (de)`."""
    verdict = Verdict.objects.filter(brand=case.brand_id, post=case.opening_id).first()
    wanted = f"{WHERE_CARE_IS} ({verdict.language if verdict else ''})"
    saved = SavedReply.objects.filter(brand=case.brand_id)
    return saved.filter(name__iexact=wanted).first() or saved.filter(name__iexact=WHERE_CARE_IS).first()


def _noted(verb: str, moved: Move, by: User) -> None:
    facts = {"main": moved.main.handle, "care": moved.care.handle}
    note(verb, brand_id=moved.brand_id, noun="case", noun_id=moved.case_id, by=by.pk, **facts)
    with connection.cursor() as cursor:
        ring(cursor, [f"case:{moved.case_id}", f"brand:{moved.brand_id}"])

"""Two cases become one, or one becomes two. Posts move; nothing is copied and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.timezone import now

from hearout.cases.errors import CaseError
from hearout.cases.models import Case, CasePost, Closure
from hearout.cases.subject import subject_of
from hearout.cases.threads import OPENING_LOCK, refresh
from hearout.listening.models import Mention, Post
from hearout.people.models import User
from hearout.triage.models import Verdict


def merge(case: Case, *, into: Case, by: User) -> None:
    """Move all posts, notes and tags of a case into another of the brand, and close it as merged."""
    with transaction.atomic():
        _keep_still(case, into)
        if case.pk == into.pk:
            raise CaseError("A case cannot be merged into itself. Give the number of another one.")
        if case.brand_id != into.brand_id:
            raise CaseError("Cases of different brands cannot be merged.")
        if case.closure and case.closure.merged_into_id:
            raise CaseError(f"This case was merged already: go on in case {case.closure.merged_into_id}.")
        if not into.is_open:
            raise CaseError(f"Case {into.pk} is closed. Reopen it first.")
        moved = _move(list(case.posts.all()), into)
        case.notes.update(case=into)
        into.tags.add(*case.tags.all())
        if case.closure:
            case.closure.reopened_at = now()
            case.closure.save(update_fields=["reopened_at"])
        case.shut(by=by, reason=Closure.Reason.MERGED, merged_into=into)
        case.waiting_since = None
        case.record(
            "case.closed",
            by,
            "closure",
            "snoozed",
            "clocks_due_at",
            "waiting_since",
            reason="merged",
            into=into.pk,
        )
        _open_with_the_earliest(into)
        refresh({into.pk: moved}, {into.pk: case.priority}, now())
        into.record("case.merged", by, merged=case.pk)
        into.refresh_from_db()


def split(case: Case, *, posts: Sequence[Post], by: User) -> Case:
    """Move some posts of a case into a new one of their customer. Returns the new case.

    A customer has one open case with a brand, so the posts must be another customer's (after a
    merge), or the case must be closed.
    """
    with transaction.atomic():
        _keep_still(case)
        moving = list(case.posts.filter(post__in=posts).select_related("post__author"))
        theirs = sorted((one for one in moving if not one.ours), key=lambda one: (one.posted_at, one.pk))
        if not theirs:
            raise CaseError("Choose at least one post of the customer.")
        if not case.posts.exclude(pk__in=[one.pk for one in moving]).filter(ours=False).exists():
            raise CaseError("Leave at least one post of the customer in this case.")
        first = next((one for one in theirs if one.wants_answer), theirs[0])
        made = _new_case(case, first.post)
        grown = _move(moving, made)
        _open_with_the_earliest(case)
        refresh({case.pk: grown, made.pk: grown - 1}, {}, now())
        case.record("case.split", by, split_off=made.pk)
        made.record("case.opened", by, split_from=case.pk)
        case.refresh_from_db()
        made.refresh_from_db()
        return made


def _keep_still(*cases: Case) -> None:
    """Hold the cases, seen as they are now, and the stage that would put posts into them meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [OPENING_LOCK])
    for case in sorted(cases, key=lambda one: one.pk):
        case.refresh_from_db(from_queryset=Case.objects.select_for_update(no_key=True))


def _move(posts: Sequence[CasePost], to: Case) -> int:
    return CasePost.objects.filter(pk__in=[one.pk for one in posts]).update(
        case=to, version=to.thread_version + 1
    )


def _new_case(case: Case, opening: Post) -> Case:
    customer = opening.author.customer_id or case.customer_id
    other = Case.objects.filter(brand=case.brand_id, customer=customer, closure=None).first()
    if other:
        raise CaseError(
            f"The customer has an open case already (case {other.pk}), and only one can be open at a time. "
            "Close it first."
        )
    verdict = Verdict.objects.filter(post=opening, brand=case.brand_id).first()
    mention = Mention.objects.filter(post=opening, brand=case.brand_id).first()
    return Case.objects.create(
        brand_id=case.brand_id, customer_id=customer, opening=opening, network=opening.network,
        kind=verdict.kind if verdict else case.kind, how=mention.how if mention else case.how,
        subject=subject_of(opening.text), team_id=case.team_id, assignee_id=case.assignee_id,
        priority=case.priority, opened_at=opening.posted_at, last_post_at=opening.posted_at,
    )  # fmt: skip


def _open_with_the_earliest(case: Case) -> None:
    """A case opens with the first post of the customer that wants an answer, or the first at all."""
    theirs = case.posts.filter(ours=False).select_related("post")
    first = (
        theirs.filter(wants_answer=True).order_by("posted_at", "pk").first()
        or theirs.order_by("posted_at", "pk").first()
    )
    if first and first.post_id != case.opening_id:
        verdict = Verdict.objects.filter(post=first.post_id, brand=case.brand_id).first()
        case.opening, case.opened_at, case.network = first.post, first.posted_at, first.post.network
        case.subject, case.kind = subject_of(first.post.text), verdict.kind if verdict else case.kind
        case.save(update_fields=["opening", "opened_at", "network", "subject", "kind"])

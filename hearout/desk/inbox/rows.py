"""One page of a queue, joined from what lies around its cases in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.utils import timezone

from hearout.cases.models import Case, CasePost
from hearout.clocks.models import Clock
from hearout.desk.promised import Promise, standing_of
from hearout.desk.unsure import opened_unsure

PAGE = 40
JOINED = ("customer", "opening__author", "assignee", "team", "snoozed", "closure", "brand")


@dataclass(frozen=True)
class Row:
    case: Case
    preview: str
    ours: bool
    private: bool
    promise: Promise | None

    @property
    def unsure(self) -> bool:
        return bool(getattr(self.case, "unsure", False))

    @property
    def asks_whose(self) -> bool:
        """Whether only the words of the post say that it is about us."""
        return self.case.closure_id is None and self.case.how in ("indirect", "hashtag")

    @property
    def name(self) -> str:
        author = self.case.opening.author
        return self.case.customer.name or author.name or author.handle or "Somebody"

    @property
    def handle(self) -> str:
        return self.case.opening.author.handle

    @property
    def initials(self) -> str:
        letters = [word[0] for word in self.name.split() if word[0].isalnum()]
        return "".join(letters[:2]).upper() or "?"


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    older: str


def page_of(cases: QuerySet[Case], after: str = "", *, by_due: bool = False) -> Page:
    """The page after the cursor: newest first, or soonest due. A cursor that makes no sense starts anew."""
    cases = _keyed(cases, by_due)
    if place := _place(after):
        at, pk = place
        beyond = "gt" if by_due else "lt"
        further = Q(**{f"key__{beyond}": at}) | Q(**{"key": at, f"pk__{beyond}": pk})
        # The plain bound is what an index can use.
        cases = cases.filter(further, **{f"{'key' if by_due else 'last_post_at'}__{beyond}e": at})
    ordered = cases.order_by(F("key"), "pk") if by_due else cases.order_by("-last_post_at", "-pk")
    found = list(ordered.annotate(unsure=opened_unsure()).select_related(*JOINED)[: PAGE + 1])
    shown = found[:PAGE]
    return Page(rows_of(shown), cursor_of(shown[-1]) if len(found) > PAGE else "")


def among(cases: QuerySet[Case], bottom: str, top: str = "", *, by_due: bool = False) -> QuerySet[Case]:
    """The cases that a list from `top` down to `bottom` holds; a blank cursor leaves that end open."""
    cases = _keyed(cases, by_due)
    if low := _place(bottom):
        cases = cases.filter(**{"key__lte" if by_due else "last_post_at__gte": low[0]})
    if high := _place(top):
        cases = cases.filter(**{"key__gte" if by_due else "last_post_at__lte": high[0]})
    return cases


def _keyed(cases: QuerySet[Case], by_due: bool) -> QuerySet[Case]:
    """With `key`, what the list is sorted by. The earliest running clock is joined, not looked up for each
    case, so that an index in the order of due times serves the first page however many are at risk."""
    if not by_due:
        return cases.annotate(key=F("last_post_at"))
    runs = Q(clocks__stopped_at=None, clocks__due_at__isnull=False, clocks__brand=F("brand"))
    joined = cases.annotate(running=FilteredRelation("clocks", condition=runs)).filter(running__isnull=False)
    keyed = joined.annotate(key=F("running__due_at"), first_clock=F("running__pk"))
    same = Clock.objects.filter(case=OuterRef("pk"), stopped_at=None, due_at__isnull=False)
    sooner = Q(due_at__lt=OuterRef("key")) | Q(due_at=OuterRef("key"), pk__lt=OuterRef("first_clock"))
    return keyed.filter(~Exists(same.filter(sooner)))


def cursor_of(case: Case) -> str:
    key: datetime = getattr(case, "key", case.last_post_at)
    return f"{key.timestamp():.6f}_{case.pk}"


def _place(cursor: str) -> tuple[datetime, int] | None:
    try:
        at, _, pk = cursor.partition("_")
        return datetime.fromtimestamp(float(at), UTC), int(pk)
    except (ValueError, OverflowError, OSError):
        return None


def rows_of(cases: Sequence[Case]) -> list[Row]:
    """Rows in the order of the cases: their last posts in one query, their clocks in another."""
    ids = [case.pk for case in cases]
    last = {
        found.case_id: found
        for found in CasePost.objects.filter(case__in=ids)
        .order_by("case", "-posted_at", "-pk")
        .distinct("case")
        .select_related("post")
    }
    promises = _soonest(
        Clock.objects.filter(case__in=ids, stopped_at__isnull=True).select_related("standard")
    )
    return [_row(case, last.get(case.pk), promises.get(case.pk)) for case in cases]


def _soonest(clocks: Iterable[Clock]) -> dict[int, Promise]:
    """The clock of each case that runs out first; a paused one only where none runs."""
    now = timezone.now()
    soonest: dict[int, Promise] = {}
    for clock in sorted(clocks, key=lambda c: (c.due_at is None, c.due_at or now, c.pk)):
        soonest.setdefault(clock.case_id, standing_of(clock, now))
    return soonest


def _row(case: Case, last: CasePost | None, promise: Promise | None) -> Row:
    if last is None:
        return Row(case, case.subject, False, False, promise)
    text = "" if last.post.deleted_at else last.post.text
    return Row(case, text[:240] or case.subject, last.ours, last.post.private, promise)

"""The inbox: queues, a list, and the case opened beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from hearout.cases.doors import cases_for
from hearout.cases.models import Case, Closure
from hearout.desk.inbox.filters import Filter, filters_of, narrowed, queue_label
from hearout.desk.inbox.rows import JOINED, PAGE, among, page_of, rows_of
from hearout.desk.queues import QUEUES, Queue, in_queue
from hearout.desk.request import DeskRequest, at_the_desk, wants_part
from hearout.desk.shell import Shell, shell_of
from hearout.desk.unsure import count_unsure, opened_unsure
from hearout.people.doors import NotFoundHereError

MOST_NEWS = 99


@dataclass
class Choice:
    """The cases that an address of the inbox asks for, and how it said so."""

    queue: Queue
    shell: Shell
    words: str
    filters: list[Filter]
    cases: QuerySet[Case] = field(repr=False)
    everything: QuerySet[Case] = field(repr=False)

    @property
    def label(self) -> str:
        return queue_label(self.queue, self.words)

    @property
    def people(self) -> list[tuple[str, str]]:
        """Who the chosen cases can be given to: me, and whom the owner filter offers."""
        owners = next(one.choices for one in self.filters if one.name == "assignee")
        return [(str(self.shell.user.pk), "Me"), *owners[2:]]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return [
            (value, str(label)) for value, label in Closure.Reason.choices if value != Closure.Reason.MERGED
        ]

    @cached_property
    def unsure(self) -> str:
        """How many cases of the queue were opened unsure. Not for resolved ones: these are past finding."""
        return "" if self.queue.slug == "closed" else count_unsure(self.everything)

    @property
    def active(self) -> list[Filter]:
        return [one for one in self.filters if one.value]


def _choice(request: DeskRequest, slug: str) -> Choice:
    queue, shell = QUEUES.get(slug), shell_of(request)
    if queue is None or shell is None:
        raise NotFoundHereError("no such queue")
    brands = shell.chosen_brands
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    filters = filters_of(request.GET, brands, request.user)
    permitted = cases_for(request.user) & in_queue(queue, request.user, [brand.pk for brand in brands])
    return Choice(queue, shell, words, filters, narrowed(permitted, filters, request.user, words), permitted)


@require_GET
@at_the_desk
def home(request: DeskRequest) -> HttpResponse:
    shell = shell_of(request)
    works = shell is not None and (shell.works_cases or not shell.sees_figures)
    return redirect("inbox", "mine") if works else redirect("overview")


@require_GET
@at_the_desk
def queues(request: DeskRequest) -> HttpResponse:
    return render(request, "desk/side.html#queues", {"shell": shell_of(request), "refreshed": True})


@require_GET
@at_the_desk
def inbox(request: DeskRequest, queue: str) -> HttpResponse:
    choice = _choice(request, queue)
    page = page_of(choice.cases, request.GET.get("after", ""), by_due=choice.queue.by_due)
    opened = request.GET.get("case", "")
    part = "#rows" if wants_part(request) and request.htmx.target == "older" else ""
    return render(
        request,
        f"inbox/page.html{part}",
        {
            "choice": choice,
            "page": page,
            "opened": int(opened) if opened.isdecimal() and len(opened) < 18 else None,
        },
    )


@require_GET
@at_the_desk
def news(request: DeskRequest, queue: str) -> HttpResponse:
    """How many cases belong among the rows shown but are not there yet, and those rows as they are now."""
    choice = _choice(request, queue)
    seen = _numbers(request.GET.getlist("seen"))
    shown = cases_for(request.user).filter(pk__in=seen).annotate(unsure=opened_unsure())
    rows = rows_of(list(shown.select_related(*JOINED)))
    bottom = (request.GET.getlist("bottom") or [""])[-1]
    top = request.GET.get("after", "")
    fresh = among(choice.cases, bottom, top, by_due=choice.queue.by_due).exclude(pk__in=seen)
    count = len(fresh.values_list("pk")[: MOST_NEWS + 1])
    context = {"choice": choice, "count": count, "most": MOST_NEWS, "rows": rows}
    return render(request, "inbox/news.html", context)


def _numbers(lists: list[str]) -> list[int]:
    found = [pk for part in lists for pk in part.split(",") if pk.isdecimal() and len(pk) < 18]
    return [int(pk) for pk in found[: PAGE * 5]]

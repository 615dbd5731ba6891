"""How every view of a case answers: the whole page, the case alone for htmx, or a redirect."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from hearout.cases.doors import case_for
from hearout.cases.errors import CaseError
from hearout.desk.case.composing import Composer, composer_of
from hearout.desk.case.page import CasePage, page_of
from hearout.desk.request import DeskRequest, View, at_the_desk, back, wants_part
from hearout.people.models import Brand
from hearout.replies.errors import ReplyError
from hearout.triage.overruling import OverruleError

Verb = Callable[..., str]
REFUSALS = (CaseError, ReplyError, OverruleError)


def show_case(
    request: DeskRequest, case_id: int, *, composer: Composer | None = None, status: int = 200
) -> HttpResponse:
    """The case in its brand's time zone: alone for htmx, else with the frame around it."""
    page = page_of(request.user, case_id)
    context = {"page": page, "composer": composer or _composer(page), "toasts": request.method == "POST"}
    part = "#case" if wants_part(request) else ""
    with timezone.override(_zone(page.case.brand)):
        return render(request, f"case/page.html{part}", context, status=status)


def case_verb(verb: Verb) -> View:
    """A view that does one verb on one case and says what it did, or why it could not (422)."""

    @require_POST
    @at_the_desk
    @wraps(verb)
    def view(request: DeskRequest, case_id: int, **names: object) -> HttpResponse:
        case = case_for(request.user, case_id)
        try:
            done = verb(request, case, **names)
        except REFUSALS as error:
            messages.error(request, str(error))
            return show_case(request, case_id, status=422)
        return answered(request, case_id, done)

    return view


def answered(request: DeskRequest, case_id: int, done: str) -> HttpResponse:
    """Say what was done: `done` may end in `|resolved`, which offers an undo and moves on to the next case."""
    sentence, _, event = done.partition("|")
    if sentence:
        messages.success(request, sentence, extra_tags=f"undo:{case_id}" if event == "resolved" else "")
    if not wants_part(request):
        return back(request, reverse("case", args=[case_id]))
    response = trigger_client_event(show_case(request, case_id), "changed", after="swap")
    return trigger_client_event(response, event, after="swap") if event else response


def _composer(page: CasePage) -> Composer | None:
    return composer_of(page) if page.works else None


def _zone(brand: Brand) -> ZoneInfo:
    try:
        return ZoneInfo(brand.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")

"""One verb on many chosen cases: each is a transaction of its own, and what fails says why."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from hearout.cases.doors import case_for
from hearout.cases.errors import CaseError
from hearout.cases.models import Case, Closure
from hearout.desk.people import colleague
from hearout.desk.request import DeskRequest, at_the_desk, back
from hearout.people.models import User

MOST = 200
Verb = Callable[[Case, User, QueryDict], object]


def _close(case: Case, by: User, form: QueryDict) -> None:
    reason = form.get("reason", "")
    if reason not in Closure.Reason.values or reason == Closure.Reason.MERGED:
        raise CaseError("Choose why the cases are resolved.")
    case.close(by=by, reason=Closure.Reason(reason))


VERBS: dict[str, tuple[str, Verb]] = {
    "claim": ("claimed", lambda case, by, form: case.claim(by=by)),
    "assign": (
        "assigned",
        lambda case, by, form: case.assign(by=by, to=colleague(case.brand_id, form.get("to", ""))),
    ),
    "release": ("released", lambda case, by, form: case.release(by=by)),
    "close": ("resolved", _close),
    "not-us": ("set aside as not us", lambda case, by, form: case.close(by=by, reason=Closure.Reason.NOT_US)),
    "reopen": ("opened again", lambda case, by, form: case.reopen(by=by)),
}
CLOSING = (VERBS["close"][1], VERBS["not-us"][1])
"""What can be undone by opening the cases again."""


@require_POST
@at_the_desk
def bulk(request: DeskRequest) -> HttpResponse:
    one = request.POST.get("not-us", "")  # the button of a row, whatever else is chosen
    done, verb = VERBS.get("not-us" if one else request.POST.get("do", ""), ("", None))
    ids = [
        int(pk)
        for pk in ([one] if one else request.POST.getlist("case")[:MOST])
        if pk.isdecimal() and len(pk) < 18
    ]
    if verb is None or not ids:
        messages.warning(request, "Choose some cases first.")
        return back(request, "/")
    changed, trouble = _each(ids, verb, request)
    if changed:
        undo = "undo:" + "-".join(map(str, changed)) if verb in CLOSING else ""
        noun = "case" if len(changed) == 1 else "cases"
        messages.success(request, f"{len(changed)} {noun} {done}.", extra_tags=undo)
    for sentence in sorted(trouble):
        messages.error(request, sentence)
    return back(request, "/")


def _each(ids: list[int], verb: Verb, request: DeskRequest) -> tuple[list[int], set[str]]:
    changed: list[int] = []
    trouble: set[str] = set()
    for case in [case_for(request.user, pk) for pk in ids]:
        try:
            verb(case, request.user, request.POST)
            changed.append(case.pk)
        except CaseError as error:
            trouble.add(str(error))
    return changed, trouble

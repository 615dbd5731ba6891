"""The case page, and what one does with a case. Each verb is a noun in the address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from hearout.cases.doors import case_for
from hearout.cases.errors import CaseError
from hearout.cases.merging import merge, split
from hearout.cases.models import Case
from hearout.desk.case.answering import case_verb, show_case
from hearout.desk.case.understood import CORRECTIONS
from hearout.desk.people import colleague, team_of
from hearout.desk.request import DeskRequest, at_the_desk
from hearout.listening.models import Post
from hearout.listening.relevance import judge
from hearout.people.doors import NotFoundHereError
from hearout.triage.models import Verdict
from hearout.triage.overruling import confirm, overrule

MORNING = 9
WHOSE = {
    "us": "Noted: ours. It counts for what found the post.",
    "not_us": "Noted: not about us. Close the case if nothing else is in it.",
    "unsaid": "Taken back.",
}


@require_GET
@at_the_desk
def show(request: DeskRequest, case_id: int) -> HttpResponse:
    return show_case(request, case_id)


@case_verb
def claim(request: DeskRequest, case: Case) -> str:
    case.claim(by=request.user)
    return "The case is yours."


@case_verb
def assignment(request: DeskRequest, case: Case) -> str:
    to, team = request.POST.get("to", ""), request.POST.get("team", "")
    person = colleague(case.brand_id, to) if to else None
    case.assign(by=request.user, to=person, team=team_of(case.brand_id, team) if team else None)
    return f"{person or case.team} has the case now."


@case_verb
def release(request: DeskRequest, case: Case) -> str:
    case.release(by=request.user)
    return "The case is free for anyone."


@case_verb
def priority(request: DeskRequest, case: Case) -> str:
    wanted = request.POST.get("priority", "")
    case.prioritise(by=request.user, priority=int(wanted) if wanted in "0123" and wanted else -1)
    return f"Priority is {case.get_priority_display().lower()}."


@case_verb
def tags(request: DeskRequest, case: Case) -> str:
    if name := request.POST.get("remove", ""):
        case.untag(by=request.user, name=name)
        return ""
    case.tag(by=request.user, name=request.POST.get("name", ""))
    return ""


@case_verb
def snooze(request: DeskRequest, case: Case) -> str:
    until = snoozed_until(
        request.POST.get("until", ""), request.POST.get("at", ""), ZoneInfo(case.brand.timezone)
    )
    case.snooze(by=request.user, until=until)
    return "Snoozed." if until else "Snoozed until the customer writes."


def snoozed_until(choice: str, at: str, zone: ZoneInfo) -> datetime | None:
    """The time that a choice of the snooze menu means; None for `reply`. Raises CaseError."""
    local = timezone.now().astimezone(zone)
    morning = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    days = {"tomorrow": 1, "monday": 7 - local.weekday(), "week": 7}
    if choice == "reply":
        return None
    if choice in days:
        return morning + timedelta(days=days[choice])
    if choice in ("1", "3"):
        return local + timedelta(hours=int(choice))
    try:
        chosen = parse_datetime(at)
    except ValueError:
        chosen = None
    if chosen is None:
        raise CaseError("Choose a time to snooze until.")
    return chosen.replace(tzinfo=zone) if timezone.is_naive(chosen) else chosen


@case_verb
def waking(request: DeskRequest, case: Case) -> str:
    case.wake(by=request.user)
    return "Back in the inbox."


@case_verb
def closure(request: DeskRequest, case: Case) -> str:
    case.close(by=request.user, reason=request.POST.get("reason", ""))
    return f"Case {case.pk} is resolved.|resolved"


@case_verb
def relevance(request: DeskRequest, case: Case) -> str:
    """Say of the case's posts, or of one of them, that they are about us or not."""
    says, one = request.POST.get("says", ""), request.POST.get("mention", "")
    if says not in WHOSE:
        raise CaseError("Say whether it is about us, or not.")
    mentions = case.mentions()
    if one:
        mentions = mentions.filter(pk=int(one) if one.isdecimal() and len(one) < 18 else 0)
    judge(mentions, says=says, by=request.user)
    return WHOSE[says]


@case_verb
def reopening(request: DeskRequest, case: Case) -> str:
    case.reopen(by=request.user)
    return "The case is open again."


@case_verb
def notes(request: DeskRequest, case: Case) -> str:
    case.note(by=request.user, text=request.POST.get("text", ""))
    return ""


@case_verb
def merging(request: DeskRequest, case: Case) -> str:
    number = request.POST.get("into", "").strip().removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise CaseError("Give the number of the case to merge this one into.")
    try:
        other = case_for(request.user, int(number))
    except NotFoundHereError:
        raise CaseError(f"There is no case {number} here.") from None
    merge(case, into=other, by=request.user)
    return f"Merged into case {other.pk}."


@case_verb
def splitting(request: DeskRequest, case: Case) -> str:
    chosen = [int(pk) for pk in request.POST.getlist("post") if pk.isdecimal() and len(pk) < 18]
    posts = list(Post.objects.filter(pk__in=case.posts.filter(post__in=chosen).values("post_id")))
    if not posts:
        raise CaseError("Choose the posts that belong to a case of their own.")
    return f"Case {split(case, posts=posts, by=request.user).pk} was split off."


@case_verb
def overruling(request: DeskRequest, case: Case, verdict_id: int) -> str:
    verdict = _verdict(case, verdict_id)
    told = {key: request.POST[key] for key in CORRECTIONS if request.POST.get(key)}
    needs = {"yes": True, "no": False}.get(told.pop("needs_answer", ""))
    changed: dict[str, Any] = {key: value for key, value in told.items() if value != getattr(verdict, key)}
    if needs is not None and needs is not verdict.needs_answer:
        changed["needs_answer"] = needs
    if not changed:
        return "It says that already. Where the reading is right, press Right beside it."
    overrule(verdict, by=request.user, **changed)
    return "Noted: your word counts, not the reading's."


@case_verb
def confirmation(request: DeskRequest, case: Case, verdict_id: int) -> str:
    """A label was read rightly: the kind, or whether an answer is wanted, is then no open question any more."""
    verdict, label = _verdict(case, verdict_id), request.POST.get("label", "")
    with transaction.atomic():
        confirm(verdict, label, by=request.user)
        if label in ("kind", "needs_answer"):
            Verdict.objects.filter(pk=verdict.pk).update(unsure=False)
    return "Noted: that was read rightly."


def _verdict(case: Case, verdict_id: int) -> Verdict:
    here = Verdict.objects.filter(brand=case.brand_id, post__in=case.posts.values("post_id"))
    verdict = here.filter(pk=verdict_id).first()
    if verdict is None:
        raise NotFoundHereError("no such verdict in this case")
    return verdict

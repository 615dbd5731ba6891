"""Handles by role, what leaked to the main ones, and who pretends to be them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from hearout.desk.handles.alarms import alarms_of, impostor_for, settled_of
from hearout.desk.handles.told import advice_of, groups_of, leaks_of, waiting_at_main
from hearout.desk.overview.taken import kept
from hearout.desk.request import DeskRequest, at_the_desk
from hearout.desk.shell import shell_of
from hearout.desk.zones import zone_of
from hearout.insight.leaks import leaks
from hearout.listening.impostors import Impostor, ImpostorError
from hearout.people.doors import ADMINISTERS, LEADS, WORKS_CASES, NotFoundHereError
from hearout.people.models import Membership

WEEKS = 8


@require_GET
@at_the_desk
def handles(request: DeskRequest) -> HttpResponse:
    member = _chosen(request)
    brand, now = member.brand, timezone.now()
    groups = groups_of(brand, now)
    alarms, standing = alarms_of(brand)
    weeks = kept(("leaks", brand.pk), lambda: leaks(brand.slug, weeks=WEEKS, now=now))
    context = {
        "brand": brand,
        "members": _mine(request),
        "groups": groups,
        "advice": advice_of(groups),
        "leaks": leaks_of(brand, weeks),
        "waiting": waiting_at_main(brand) if member.role in WORKS_CASES else [],
        "alarms": alarms,
        "standing": standing,
        "settled": settled_of(brand),
        "outcomes": Impostor.Outcome.choices,
        "leads": member.role in LEADS,
        "administers": member.role in ADMINISTERS,
    }
    with timezone.override(zone_of(brand)):
        return render(request, "handles/page.html", context)


@require_POST
@at_the_desk
def impostor(request: DeskRequest, impostor_id: int) -> HttpResponse:
    """Say what an account is, or take that back."""
    found = impostor_for(request.user, impostor_id)
    try:
        if request.POST.get("do") == "reopen":
            found.reopen(by=request.user)
            messages.success(request, "The alarm stands again.")
        else:
            found.settle(
                by=request.user, outcome=request.POST.get("outcome", ""), why=request.POST.get("why", "")
            )
            messages.success(request, "Settled. This account raises no other alarm.")
    except ImpostorError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"{reverse('handles')}?brand={found.brand_id}#impostors")


def _chosen(request: DeskRequest) -> Membership:
    """At which brand: the one asked for, else the desk's, else the first."""
    shell, mine = shell_of(request), _mine(request)
    wanted = request.GET.get("brand", "") or (str(shell.brand.pk) if shell and shell.brand else "")
    chosen = [member for member in mine if str(member.brand_id) == wanted] if wanted else mine
    if not chosen:
        raise NotFoundHereError("no such brand for this user")
    return chosen[0]


def _mine(request: DeskRequest) -> list[Membership]:
    shell = shell_of(request)
    return shell.memberships if shell else []

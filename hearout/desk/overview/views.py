"""The overview: how things stand, how well customers were answered, and why each figure is what it is."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from hearout.desk.overview import standing
from hearout.desk.overview.explained import explained
from hearout.desk.overview.taken import figure_of, taken
from hearout.desk.overview.told import page_of
from hearout.desk.request import DeskRequest, at_the_desk, wants_part
from hearout.desk.shell import Shell, shell_of
from hearout.desk.zones import zone_of
from hearout.insight.catalogue import metric_names
from hearout.insight.scope import ScopeError
from hearout.people.doors import LEADS, SEES_FIGURES, NotFoundHereError, membership_for
from hearout.replies import brake as brakes

PERIODS = {"1": "24 hours", "7": "7 days", "30": "30 days", "": "ever"}
PRIVATE = frozenset({"agent"})
"""Dimensions that tell of single people: not for their colleagues."""


@require_GET
@at_the_desk
def overview(request: DeskRequest) -> HttpResponse:
    return render(request, "overview/page.html", {**_standing(_shell(request)), "figures": False})


@require_GET
@at_the_desk
def now(request: DeskRequest) -> HttpResponse:
    return render(request, "overview/now.html", _standing(_shell(request)))


@require_GET
@at_the_desk
def figures(request: DeskRequest) -> HttpResponse:
    """The figures alone for htmx; the whole page with them for who asks without it."""
    shell = _shell(request)
    brands = shell.chosen_brands
    if not brands:
        return render(request, "overview/figures.html", {})
    zone = zone_of(brands[0]) if len(brands) == 1 else UTC
    found = page_of(taken([brand.slug for brand in brands], zone, led=_led(shell)))
    if wants_part(request):
        return render(request, "overview/figures.html", {"told": found})
    return render(request, "overview/page.html", {**_standing(shell), "figures": True, "told": found})


@require_GET
@at_the_desk
def figure(request: DeskRequest, name: str) -> HttpResponse:
    """Why one figure is what it is: definition, numerator, denominator, exclusions, intervals, and splits."""
    shell = _shell(request)
    by, days = request.GET.get("by", ""), request.GET.get("days", "7")
    slugs = _led(shell) if by in PRIVATE else [brand.slug for brand in shell.chosen_brands]
    if name not in metric_names() or days not in PERIODS or not slugs:
        raise NotFoundHereError("no such figure for this user")
    since, wanting = timedelta(days=int(days)) if days else None, request.GET.get("of") == "wanting"
    try:
        found = figure_of(name, slugs, by=by, wanting=wanting, since=since)
    except ScopeError as error:
        raise NotFoundHereError(str(error)) from error
    context = {
        "explained": explained(found, by, days, wanting, private=bool(_led(shell))),
        "periods": PERIODS.items(),
    }
    part = "#card" if wants_part(request) else ""
    return render(request, f"overview/figure.html{part}", context)


@require_POST
@at_the_desk
def brake(request: DeskRequest, brand_id: int) -> HttpResponse:
    """Stop all sending of a brand, or let it go on."""
    brand = membership_for(request.user, brand_id, LEADS).brand
    if request.POST.get("do") == "release":
        brakes.release(brand, by=request.user)
        messages.success(request, f"Sending goes on for {brand}.")
    elif reason := " ".join(request.POST.get("reason", "").replace("\0", "").split()):
        brakes.pull(brand, by=request.user, reason=reason)
        messages.success(request, f"Nothing is sent for {brand} any more. Replies wait in the queue.")
    else:
        messages.error(request, "Say why: everybody at the desk reads it.")
    return redirect("overview")


def _shell(request: DeskRequest) -> Shell:
    shell = shell_of(request)
    if shell is None:
        raise NotFoundHereError("not signed in")
    return shell


def _led(shell: Shell) -> list[str]:
    """The chosen brands at which this person may see the figures of single people."""
    shown = {brand.pk for brand in shell.chosen_brands}
    return [m.brand.slug for m in shell.memberships if m.role in SEES_FIGURES and m.brand_id in shown]


def _standing(shell: Shell) -> dict[str, object]:
    at, brands = timezone.now(), shell.chosen_brands
    ids = [brand.pk for brand in brands]
    leads = {m.brand_id for m in shell.memberships if m.role in LEADS}
    return {
        "brands": brands,
        "shell": shell,
        "waiting": standing.waiting(ids, at),
        "sending": standing.sending(ids),
        "brakes": standing.brakes(brands, leads),
        "connections": standing.connections(ids, at),
        "administered": {m.brand_id for m in shell.memberships if m.role == "admin"},
        "lags": standing.lags() if shell.sees_figures else [],
        "dead": standing.dead() if shell.sees_figures else None,
    }

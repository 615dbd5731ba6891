"""How well posts are read here, by what people here say; and what the reader learns from it."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from hearout.desk.overview.taken import kept
from hearout.desk.request import DeskRequest, at_the_desk, wants_part
from hearout.desk.shell import shell_of
from hearout.desk.understanding.checking import CheckForm, Checking, checking_of, next_to_check
from hearout.desk.understanding.told import KINDS, page_of, versions
from hearout.desk.zones import zone_of
from hearout.people.doors import ADMINISTERS, LEADS, SEES_FIGURES, NotFoundHereError, membership_for
from hearout.people.models import Brand, Membership
from hearout.triage.learning.facts import newest_fact
from hearout.triage.learning.nightly import base_reader
from hearout.triage.learning.report import report_on
from hearout.triage.learning.sampling import SIZE, draw, skip
from hearout.triage.learning.sampling import check as check_off
from hearout.triage.learning.versions import VersionError, held_back, in_use, roll_back, take_up, versions_of
from hearout.triage.learnt import Lesson, ReaderVersion, SampledPost
from hearout.triage.overruling import OverruleError
from hearout.understanding.adapting import LEAST_CORRECTED

SHOWN_VERSIONS = 8


@require_GET
@at_the_desk
def understanding(request: DeskRequest) -> HttpResponse:
    return _page(request, _chosen(request))


@require_POST
@at_the_desk
def sample(request: DeskRequest, brand_id: int) -> HttpResponse:
    """Draw ten more posts to check."""
    brand = membership_for(request.user, brand_id, LEADS).brand
    drawn = draw(brand, now=timezone.now(), size=SIZE)
    told = (
        f"{drawn} post{'s' if drawn != 1 else ''} drawn." if drawn else "There is no post left to draw from."
    )
    messages.add_message(request, messages.SUCCESS if drawn else messages.ERROR, told)
    return _back(brand)


@require_POST
@at_the_desk
def check(request: DeskRequest, brand_id: int, pk: int) -> HttpResponse:
    """One post of the sample: its labels as a person sees them, or nobody can tell."""
    member = membership_for(request.user, brand_id, LEADS)
    drawn = SampledPost.objects.select_related("verdict__post__author", "verdict__mention")
    sampled = drawn.filter(brand=member.brand, pk=pk).first()
    if sampled is None:
        raise NotFoundHereError("no such post in the sample")
    form = CheckForm(sampled, request.POST)
    try:
        if request.POST.get("do") == "skip":
            skip(sampled, by=request.user)
        elif form.is_valid():
            _check_off(request, sampled, form)
        else:
            return _page(request, member, checking_of(sampled, form, timezone.now()), status=422)
    except OverruleError as error:
        messages.error(request, str(error))
    return _page(request, member) if wants_part(request) else _back(member.brand)


@require_POST
@at_the_desk
def version(request: DeskRequest, brand_id: int, pk: int) -> HttpResponse:
    """Take up a version that was made before."""
    brand = membership_for(request.user, brand_id, ADMINISTERS).brand
    found = ReaderVersion.objects.select_related("brand").filter(brand=brand, pk=pk).first()
    if found is None:
        raise NotFoundHereError("no such version")
    try:
        take_up(found, by=request.user)
        messages.success(request, f"Version {found.number} reads from now on.")
    except VersionError as error:
        messages.error(request, str(error))
    return _back(brand, "versions")


@require_POST
@at_the_desk
def rolling_back(request: DeskRequest, brand_id: int) -> HttpResponse:
    """Read again as before the version that reads now."""
    brand = membership_for(request.user, brand_id, ADMINISTERS).brand
    why = " ".join(request.POST.get("why", "").replace("\0", "").split())
    try:
        previous = roll_back(brand, by=request.user, why=why)
        reads = f"Version {previous.number} reads" if previous else "Posts are read as shipped"
        messages.success(request, f"Rolled back. {reads} from now on.")
    except VersionError as error:
        messages.error(request, str(error))
    return _back(brand, "versions")


def _chosen(request: DeskRequest) -> Membership:
    """At which brand: the one asked for, else the desk's, else the first of those whose figures one may see."""
    shell = shell_of(request)
    wanted = request.GET.get("brand", "") or (str(shell.brand.pk) if shell and shell.brand else "")
    chosen = [m for m in _mine(request) if not wanted or str(m.brand_id) == wanted]
    if not chosen:
        raise NotFoundHereError("no figures for this user")
    return chosen[0]


def _mine(request: DeskRequest) -> list[Membership]:
    shell = shell_of(request)
    return [m for m in (shell.memberships if shell else []) if m.role in SEES_FIGURES]


def _page(
    request: DeskRequest, member: Membership, check: Checking | None = None, *, status: int = 200
) -> HttpResponse:
    """The whole page, or for htmx the post to check alone."""
    brand, now = member.brand, timezone.now()
    if check is None and member.role in LEADS:
        check = next_to_check(brand, now)
    with timezone.override(zone_of(brand)):
        if wants_part(request):
            part = {"checking": check, "toasts": True}
            return render(request, "understanding/check.html", part, status=status)
        whole = {**_figures(member, now), "checking": check, "members": _mine(request)}
        return render(request, "understanding/page.html", whole, status=status)


def _figures(member: Membership, now: datetime) -> dict[str, object]:
    brand = member.brand
    base, current, (newest, so_far) = base_reader(brand).name, in_use(brand), newest_fact(brand)
    return {
        "brand": brand,
        "leads": member.role in LEADS,
        "administers": member.role in ADMINISTERS,
        "told": kept(("understanding", brand.pk, newest), lambda: page_of(report_on(brand, now=now))),
        "kinds": KINDS,
        "base": base,
        "current": current,
        "stale": current is not None and current.base != base,
        "held_back": held_back(brand),
        "versions": versions(list(versions_of(brand)[:SHOWN_VERSIONS]), base),
        "lesson": Lesson.objects.filter(brand=brand).first(),
        "needed": LEAST_CORRECTED,
        "so_far": so_far,
    }


def _check_off(request: DeskRequest, sampled: SampledPost, form: CheckForm) -> None:
    corrected = check_off(sampled, form.labels(), revision=form.cleaned_data["revision"], by=request.user)
    told = (
        f"{corrected} label{'s' if corrected != 1 else ''} corrected."
        if corrected
        else "Right as it was read."
    )
    messages.success(request, told)


def _back(brand: Brand, part: str = "check") -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('understanding')}?brand={brand.pk}#{part}")

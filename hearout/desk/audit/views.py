"""The live brands as a study would see them, over a chosen period, to read here or to send."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from hearout.desk.audit.files import KINDS, made, name_of
from hearout.desk.audit.page import page_of
from hearout.desk.audit.periods import Period, PeriodForm
from hearout.desk.audit.report import PdfError
from hearout.desk.overview.taken import kept
from hearout.desk.request import DeskRequest, at_the_desk, wants_part
from hearout.desk.shell import shell_of
from hearout.insight.audit.document import Json
from hearout.insight.audit.living import live_audit
from hearout.people.doors import SEES_FIGURES, NotFoundHereError
from hearout.people.models import Brand


@require_GET
@at_the_desk
def audit(request: DeskRequest) -> HttpResponse:
    """The page with its period; what was found comes by itself, or at a click where there are no scripts."""
    brands, form = _brands(request), _form(request)
    return _page(request, brands, form)


@require_GET
@at_the_desk
def taken(request: DeskRequest) -> HttpResponse:
    """What was found, for htmx; the whole page with it for who asks without."""
    brands, form = _brands(request), _form(request)
    if not form.is_valid():
        return _page(request, brands, form)
    found = page_of(_document(brands, form.period(_today())))
    if wants_part(request):
        return render(request, "audit/found.html", {"page": found})
    return _page(request, brands, form, page=found)


@require_GET
@at_the_desk
def file(request: DeskRequest, kind: str) -> HttpResponse:
    """The audit as a file to keep or to send."""
    brands, form = _brands(request), _form(request)
    if kind not in KINDS or not form.is_valid():
        raise NotFoundHereError("no such file")
    period = form.period(_today())
    try:
        content = made(_document(brands, period), kind)
    except PdfError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('audit')}?{period.query}")
    days = f"{period.since}-to-{period.until}"
    name = name_of(tuple(brand.slug for brand in brands), days, kind)
    return HttpResponse(
        content, KINDS[kind][1], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _page(request: DeskRequest, brands: list[Brand], form: PeriodForm, **more: object) -> HttpResponse:
    valid = not form.is_bound or form.is_valid()
    period = form.period(_today()) if valid else None
    context = {"brands": brands, "form": form, "period": period, "kinds": KINDS.items(), **more}
    return render(request, "audit/page.html", context, status=200 if valid else 422)


def _form(request: DeskRequest) -> PeriodForm:
    return PeriodForm({name: request.GET.get(name, "") for name in ("since", "until")})


def _today() -> date:
    return datetime.now(UTC).date()


def _document(brands: list[Brand], period: Period) -> Json:
    slugs = tuple(brand.slug for brand in brands)
    name = ", ".join(str(brand) for brand in brands[:3]) + (" …" if len(brands) > 3 else "")

    def take() -> Json:
        return live_audit(period.scope(slugs), name=name).as_json()

    found: Json = kept(("audit", period, *slugs), take)
    return found


def _brands(request: DeskRequest) -> list[Brand]:
    """The chosen brands whose figures this person may see: at least one."""
    shell = shell_of(request)
    shown = {brand.pk for brand in shell.chosen_brands} if shell else set()
    members = shell.memberships if shell else []
    found = [one.brand for one in members if one.role in SEES_FIGURES and one.brand_id in shown]
    if not found:
        raise NotFoundHereError("no figures for this user")
    return found

"""Trends: what is talked about more than it should be, what is behind it, and the incidents made of it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from hearout.desk.request import DeskRequest, at_the_desk, back
from hearout.desk.shell import shell_of
from hearout.desk.trends import told
from hearout.desk.zones import zone_of
from hearout.insight.trends import incidents
from hearout.insight.trends.alarms import call_false
from hearout.insight.trends.doors import alarm_for, incident_for, watch_for
from hearout.insight.trends.models import Incident, Series, Watch
from hearout.insight.trends.setting import LEAST, MOST, arrange
from hearout.insight.trends.watching import again
from hearout.people.doors import LEADS, WORKS_CASES, NotFoundHereError, membership_for
from hearout.people.models import Membership


class SettingForm(forms.Form):
    """`on` unticked: the watch counts on and alarms nobody."""

    false_alarms = forms.FloatField(min_value=LEAST, max_value=MOST)
    on = forms.BooleanField(required=False)


@require_GET
@at_the_desk
def trends(request: DeskRequest) -> HttpResponse:
    """The brand asked for, else the desk's, else the first one: its chart, its events, its incidents."""
    member = _chosen(request)
    with timezone.override(zone_of(member.brand)):
        return render(request, "trends/page.html", _page(request, member))


@require_POST
@at_the_desk
def setting(request: DeskRequest, brand_id: int) -> HttpResponse:
    """How many false alarms a week are accepted, or: count everything again."""
    watch = watch_for(request.user, brand_id, LEADS)
    form = SettingForm(request.POST)
    if request.POST.get("do") == "again":
        again(watch, timezone.now())
        messages.success(request, "Everything is counted again, which takes some minutes.")
    elif form.is_valid():
        arrange(watch, by=request.user, **form.cleaned_data)
        messages.success(request, "Set. It holds from the next five minutes on.")
    else:
        messages.error(request, f"False alarms a week: a number from {LEAST:g} to {MOST:g}.")
    return redirect(f"{reverse('trends')}?brand={brand_id}")


@require_GET
@at_the_desk
def alarm(request: DeskRequest, alarm_id: int) -> HttpResponse:
    """One alarm: its counts, its words, its posts."""
    found = alarm_for(request.user, alarm_id)
    event = found.event or found
    role = membership_for(request.user, found.brand_id).role
    with timezone.override(zone_of(found.brand)):
        page = {"told": told.told(found), "event": event, "chart": told.chart_around(found)}
        page |= {"posts": told.posts_behind(found), "leads": role in LEADS, "works": role in WORKS_CASES}
        page |= {"others": [one for one in (event, *event.beside.all()) if one != found]}
        return render(request, "trends/alarm.html", page)


@require_POST
@at_the_desk
def false_alarm(request: DeskRequest, alarm_id: int) -> HttpResponse:
    found = alarm_for(request.user, alarm_id, LEADS)
    call_false(found, by=request.user)
    return back(request, reverse("trends-alarm", args=[found.pk]))


@require_POST
@at_the_desk
def opening(request: DeskRequest, alarm_id: int) -> HttpResponse:
    """An incident of an alarm."""
    found = alarm_for(request.user, alarm_id, LEADS)
    try:
        made = incidents.open_incident(found, by=request.user, name=request.POST.get("name", ""))
    except incidents.IncidentError as error:
        messages.error(request, str(error))
        return redirect("trends-alarm", found.pk)
    return redirect("trends-incident", made.pk)


@require_GET
@at_the_desk
def incident(request: DeskRequest, incident_id: int) -> HttpResponse:
    found = incident_for(request.user, incident_id)
    role = membership_for(request.user, found.brand_id).role
    page = {"incident": found, "leads": role in LEADS, "works": role in WORKS_CASES}
    with timezone.override(zone_of(found.brand)):
        page |= {"posts": told.posts_behind(found), "all_posts": found.posts.count()}
        page |= {"cases": told.cases_in(found), "notes": found.notes.select_related("by")}
        page |= {"alarms": found.alarms.select_related("series").order_by("began_at")}
        return render(request, "trends/incident.html", page)


@require_POST
@at_the_desk
def noting(request: DeskRequest, incident_id: int) -> HttpResponse:
    found = incident_for(request.user, incident_id, WORKS_CASES)
    try:
        incidents.write_note(found, by=request.user, text=request.POST.get("text", ""))
    except incidents.IncidentError as error:
        messages.error(request, str(error))
    return redirect("trends-incident", found.pk)


@require_POST
@at_the_desk
def cases(request: DeskRequest, incident_id: int) -> HttpResponse:
    """Cases put to it by number, taken off, or those of its posts."""
    found = incident_for(request.user, incident_id, LEADS)
    try:
        messages.success(request, _cases(request, found))
    except incidents.IncidentError as error:
        messages.error(request, str(error))
    return redirect("trends-incident", found.pk)


@require_POST
@at_the_desk
def closing(request: DeskRequest, incident_id: int) -> HttpResponse:
    found = incident_for(request.user, incident_id, LEADS)
    try:
        incidents.close(found, by=request.user, outcome=request.POST.get("outcome", ""))
        messages.success(request, "Closed.")
    except incidents.IncidentError as error:
        messages.error(request, str(error))
    return redirect("trends-incident", found.pk)


def _cases(request: DeskRequest, found: Incident) -> str:
    number = request.POST.get("case", "").strip().removeprefix("#")
    if request.POST.get("do") == "of-posts":
        fresh = incidents.link_cases_of_posts(found, by=request.user)
        return f"{fresh} case{'s' if fresh != 1 else ''} put to it."
    if not number.isdecimal() or len(number) > 15:
        raise incidents.IncidentError("Give the number of a case.")
    if request.POST.get("do") == "unlink":
        incidents.unlink_case(found, int(number), by=request.user)
        return "Taken off."
    incidents.link_cases(found, [int(number)], by=request.user)
    return f"Case {number} is put to it."


def _chosen(request: DeskRequest) -> Membership:
    shell = shell_of(request)
    wanted = request.GET.get("brand", "") or (str(shell.brand.pk) if shell and shell.brand else "")
    chosen = [
        one for one in (shell.memberships if shell else []) if not wanted or str(one.brand_id) == wanted
    ]
    if not chosen:
        raise NotFoundHereError("no such brand for this user")
    return chosen[0]


def _page(request: DeskRequest, member: Membership) -> dict[str, object]:
    brand, now, shell = member.brand, timezone.now(), shell_of(request)
    watch = Watch.objects.filter(brand=brand).first() or Watch(brand=brand)
    series = list(Series.objects.filter(brand=brand).order_by("by", "name"))
    wanted, span = request.GET.get("series", ""), told.span_of(request.GET.get("span", ""))
    chosen = next((one for one in series if str(one.pk) == wanted), None)
    chosen = chosen or next((one for one in series if one.by == Series.By.BRAND), None)
    every = Incident.objects.filter(brand=brand)
    return {
        "brand": brand, "members": shell.memberships if shell else [], "watch": watch, "leads": member.role in LEADS,
        "series": series, "chosen": chosen, "span": span, "spans": told.SPANS,
        "chart": told.chart_of(chosen, span, watch) if chosen else None,
        "events": told.events(brand, now), "kept": told.kept_to(brand, now),
        "open_incidents": every.filter(closed_at=None).order_by("-opened_at"),
        "closed_incidents": every.exclude(closed_at=None).order_by("-closed_at")[: told.MOST_INCIDENTS],
    }  # fmt: skip

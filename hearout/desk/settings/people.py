"""People: who works for the brand, as what, and whether they are there."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import find, page, refused, saved, told
from hearout.desk.settings.inviting import (
    InvitationForm,
    MemberForm,
    PersonError,
    admit,
    answers_for,
    dismiss,
    give_password,
    leave,
)
from hearout.desk.settings.place import Place, settings_page
from hearout.desk.settings.profile import stay
from hearout.people.doors import ADMINISTERS
from hearout.people.models import Membership

VERBS = {
    "password": give_password,
    "deactivate": dismiss,
    "activate": admit,
    "remove": leave,
}
DONE = {
    "password": "{} has a new password.",
    "deactivate": "{} is signed out everywhere and cannot come back; open cases are free for others.",
    "activate": "{} may sign in again.",
    "remove": "{} no longer works for this brand.",
}


@settings_page("people")
def people(request: DeskRequest, place: Place) -> HttpResponse:
    form = InvitationForm(request.POST or None, brand=place.brand) if place.administers else None
    if form and request.method == "POST" and form.is_valid():
        made = form.save(by=place.user)
        if made.password:
            return _once(request, place, made.member, made.password)
        return told(request, f"{made.member.user} works here now.", place.url("settings-people"))
    return _all(request, place, form)


@settings_page("people", ADMINISTERS)
def person(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Membership.objects.filter(brand=place.brand).select_related("user", "brand"), pk)
    form = MemberForm(request.POST or None, brand=place.brand, instance=one)
    if answer := saved(request, form, f"{one.user} is saved.", place.url("settings-people")):
        return answer
    context = {"form": form, "member": one, "answers": answers_for(place.user, one.user)}
    return page(request, place, "person", context)


@require_POST
@settings_page("people", ADMINISTERS)
def account(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Membership.objects.filter(brand=place.brand).select_related("user", "brand"), pk)
    does = request.POST.get("do", "")
    try:
        password = VERBS[does](one, by=place.user) if does in VERBS else ""
    except PersonError as error:
        return refused(request, str(error), place.url("settings-person", pk))
    if password:
        return _once(request, place, one, password)
    return told(request, DONE.get(does, "Nothing was done.").format(one.user), place.url("settings-people"))


@require_POST
@settings_page("people")
def presence(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Membership.objects.filter(brand=place.brand).select_related("user", "brand"), pk)
    stay(one, request.POST.get("away") == "yes", by=place.user)
    sentence = f"{one.user} is {'away: no new cases are handed to them' if one.away_since else 'back'}."
    return told(request, sentence, place.url("settings-people"))


def _all(request: DeskRequest, place: Place, form: InvitationForm | None) -> HttpResponse:
    load = Count("user__cases", filter=Q(user__cases__brand=place.brand, user__cases__closure=None))
    members = Membership.objects.filter(brand=place.brand).select_related("user").prefetch_related("teams")
    context = {
        "form": form,
        "members": members.annotate(load=load).order_by("user__name"),
        "now": timezone.now(),
    }
    return page(request, place, "people", context)


def _once(request: DeskRequest, place: Place, member: Membership, password: str) -> HttpResponse:
    """Show a password, this once. Not a redirect: it is kept nowhere."""
    answer = page(request, place, "password", {"member": member, "password": password})
    answer.status_code = 200
    answer["Cache-Control"] = "no-store"
    return answer

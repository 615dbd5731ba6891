"""How one person likes the desk: theme and brand, kept in cookies so that the first byte is right."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from hearout.desk.request import DeskRequest, at_the_desk, back
from hearout.desk.shell import THEMES, YEAR
from hearout.people.doors import NotFoundHereError, brands_for


def _keep(response: HttpResponse, request: HttpRequest, name: str, value: str) -> HttpResponse:
    response.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("theme", "")
    return _keep(back(request, "/"), request, "theme", wanted if wanted in THEMES else "auto")


@require_POST
@at_the_desk
def brand(request: DeskRequest) -> HttpResponse:
    wanted = request.POST.get("brand", "")
    if wanted and not (wanted.isdecimal() and brands_for(request.user).filter(pk=int(wanted)).exists()):
        raise NotFoundHereError("no such brand for this user")
    return _keep(back(request, "/"), request, "brand", wanted)

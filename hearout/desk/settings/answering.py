"""How every settings page answers: saved and told, or shown again with what is wrong (422)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from hearout.desk.request import DeskRequest
from hearout.desk.settings.place import Place, entries
from hearout.desk.shell import shell_of
from hearout.people.doors import LEADS, NotFoundHereError, brands_for
from hearout.people.models import User

UNDO = "settings_undo"
Row = TypeVar("Row", bound=Model)


class Saves(Protocol):
    """A form as far as `saved` needs it."""

    def is_valid(self) -> bool: ...
    def save(self, *, by: User) -> object: ...
    def add_error(self, field: str | None, error: Any) -> None: ...


def saved(request: DeskRequest, form: Saves, sentence: str, then: str) -> HttpResponse | None:
    """Save what was posted, say so and go on to `then`; None when the form has to be shown again."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        with transaction.atomic():
            form.save(by=request.user)
    except IntegrityError:
        form.add_error(None, "Somebody has just saved the same. Look again before you save.")
        return None
    return told(request, sentence, then)


def told(request: DeskRequest, sentence: str, then: str) -> HttpResponseRedirect:
    messages.success(request, sentence)
    return HttpResponseRedirect(then)


def refused(request: DeskRequest, sentence: str, then: str) -> HttpResponseRedirect:
    messages.error(request, sentence)
    return HttpResponseRedirect(then)


def undoable(request: DeskRequest, label: str, url: str, fields: Mapping[str, str | Sequence[str]]) -> None:
    """Offer, on the next page, to put something back: by posting `fields` to `url` as if entered again."""
    pairs = [[k, v] for k, vs in fields.items() for v in ([vs] if isinstance(vs, str) else vs)]
    request.session[UNDO] = {"label": label, "url": url, "fields": pairs}


def page(request: DeskRequest, place: Place, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """A page of a brand's settings. A POST that ends here was refused, so it answers 422."""
    frame = {
        "place": place,
        "entries": entries(place.user, place.brand, place.section.slug),
        "brands": list(brands_for(place.user, LEADS)),
        "undo": request.session.pop(UNDO, None) if request.method == "GET" else None,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, f"settings/{template}.html", frame | dict(context), status=status)


def own_page(request: DeskRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """A page about the person themselves, whatever their role."""
    shell = shell_of(request)
    brand = shell.brand or (shell.brands[0] if shell.brands else None) if shell else None
    frame = {"entries": entries(request.user, brand, "profile"), "brand": brand}
    status = 422 if request.method == "POST" else 200
    return render(request, f"settings/{template}.html", frame | dict(context), status=status)


def find(rows: QuerySet[Row], pk: int) -> Row:
    """One of these rows, or nothing that this user may know of."""
    found = rows.filter(pk=pk).first() if pk < 2**62 else None
    if found is None:
        raise NotFoundHereError("no such row at this brand")
    return found

"""Watchwords: the names, products and hashtags by which people speak of the brand without its handle."""

from __future__ import annotations

import re
from itertools import groupby
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import find, page, saved, told, undoable
from hearout.desk.settings.connecting import tell_networks
from hearout.desk.settings.noting import NotedForm, remove
from hearout.desk.settings.place import Place, settings_page
from hearout.listening.matching import host_of
from hearout.listening.models import Watchword

SHORTEST = 3
HOST = re.compile(r"[\w\-]+(\.[\w\-]+)+")
PLURALS = {"name": "Names", "product": "Products", "hashtag": "Hashtags", "link": "Web addresses"}


class WatchwordForm(NotedForm[Watchword]):
    kind = forms.ChoiceField(choices=Watchword.Kind.choices)

    class Meta:
        model = Watchword
        fields: ClassVar = ["kind", "text"]
        widgets: ClassVar = {"text": forms.TextInput(attrs={"autocomplete": "off"})}
        labels: ClassVar = {"text": "Word or words"}

    def clean(self) -> None:
        kind, text = self.cleaned_data.get("kind"), " ".join(self.cleaned_data.get("text", "").split())
        text = text.lstrip("#＃") if kind == Watchword.Kind.HASHTAG else text
        text = host_of(text) if kind == Watchword.Kind.LINK else text
        self.cleaned_data["text"] = self.instance.text = text
        if "text" in self.errors or not kind:
            return
        if kind == Watchword.Kind.HASHTAG and " " in text:
            self.add_error("text", "A hashtag is one word.")
        elif kind == Watchword.Kind.LINK and not HOST.fullmatch(text):
            self.add_error(
                "text", "A web address is such as tidewing.com: links to it, or below it, are heard."
            )
        elif len(text) < SHORTEST:
            self.add_error("text", f"At least {SHORTEST} letters, or it matches half of what people write.")
        elif Watchword.objects.filter(brand=self.brand, kind=kind, text__iexact=text).exists():
            self.add_error("text", f"“{text}” is there already.")


@settings_page("watchwords")
def watchwords(request: DeskRequest, place: Place) -> HttpResponse:
    form = WatchwordForm(request.POST or None, brand=place.brand)
    if answer := saved(
        request, form, "Added. It is listened for from now on.", place.url("settings-watchwords")
    ):
        _tell(request, place)
        return answer
    words = Watchword.objects.filter(brand=place.brand).order_by("kind", "text")
    groups = [(PLURALS[kind], list(found)) for kind, found in groupby(words, key=lambda word: word.kind)]
    return page(request, place, "watchwords", {"form": form, "groups": groups})


@require_POST
@settings_page("watchwords")
def removal(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    word = find(Watchword.objects.filter(brand=place.brand), pk)
    remove(word, brand_id=place.brand.pk, by=place.user)
    here = place.url("settings-watchwords")
    undoable(request, f"“{word}” is no longer listened for.", here, {"kind": word.kind, "text": word.text})
    _tell(request, place)
    return told(request, f"“{word}” is removed.", here)


def _tell(request: DeskRequest, place: Place) -> None:
    for fault in tell_networks(place.brand.pk):
        messages.warning(request, f"Its network could not be told. {fault}")

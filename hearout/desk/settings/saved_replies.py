"""Saved replies: texts to begin from, with placeholders."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from hearout.cases.models import Case
from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import find, page, saved, told, undoable
from hearout.desk.settings.noting import NotedForm, remove
from hearout.desk.settings.place import Place, settings_page
from hearout.replies.models import SavedReply
from hearout.replies.saved import PLACEHOLDERS, fill, unfilled

LONGEST = 4000


class SavedReplyForm(NotedForm[SavedReply]):
    class Meta:
        model = SavedReply
        fields: ClassVar = ["name", "text"]
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 6, "maxlength": LONGEST})}

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        same = SavedReply.objects.filter(brand=self.brand, name__iexact=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(f"There is a saved reply “{name}” already.")
        return name

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        unknown = [word for word in unfilled(text) if word[1:-1] not in PLACEHOLDERS]
        if unknown:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise forms.ValidationError(f"There is no placeholder {unknown[0]}; there are {known}.")
        if len(text) > LONGEST:
            raise forms.ValidationError(f"At most {LONGEST:,} characters.")
        return text


@settings_page("saved-replies")
def saved_replies(request: DeskRequest, place: Place) -> HttpResponse:
    form = SavedReplyForm(request.POST or None, brand=place.brand)
    if answer := saved(
        request, form, "Saved: agents find it in the composer.", place.url("settings-saved-replies")
    ):
        return answer
    mine = SavedReply.objects.filter(brand=place.brand)
    context = {"form": form, "replies": mine, "placeholders": PLACEHOLDERS.items()}
    return page(request, place, "saved_replies", context)


@settings_page("saved-replies")
def saved_reply(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(SavedReply.objects.filter(brand=place.brand), pk)
    form = SavedReplyForm(request.POST or None, brand=place.brand, instance=one)
    if answer := saved(request, form, f"“{one}” is saved.", place.url("settings-saved-replies")):
        return answer
    context = {"form": form, "reply": one, "placeholders": PLACEHOLDERS.items(), **previewed(place, one.text)}
    return page(request, place, "saved_reply", context)


@require_POST
@settings_page("saved-replies")
def preview(request: DeskRequest, place: Place) -> HttpResponse:
    text = request.POST.get("text", "").replace("\0", "")[:LONGEST]
    return render(request, "settings/preview.html", previewed(place, text))


@require_POST
@settings_page("saved-replies")
def removal(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(SavedReply.objects.filter(brand=place.brand), pk)
    remove(one, brand_id=place.brand.pk, by=place.user)
    here = place.url("settings-saved-replies")
    undoable(request, f"“{one}” is removed.", here, {"name": one.name, "text": one.text})
    return told(request, f"“{one}” is removed.", here)


def previewed(place: Place, text: str) -> dict[str, object]:
    """The text as it would begin an answer to the brand's newest case; as it is where there is none."""
    joined = Case.objects.select_related("opening__author", "customer", "brand")
    newest = joined.filter(brand=place.brand).order_by("-last_post_at", "-pk").first()
    return {"case": newest, "preview": fill(text, newest, place.user) if newest else text}

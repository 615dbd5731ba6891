"""Handles: the accounts that the brand speaks with or watches."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from hearout.channels import registry
from hearout.desk.health import health_of, healths
from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import find, page, refused, saved, told
from hearout.desk.settings.connecting import ConnectForm, channels_for, hook_address, tell_network
from hearout.desk.settings.noting import NotedForm, note_change, remove
from hearout.desk.settings.place import Place, settings_page
from hearout.listening.models import Handle

IMPORTED = frozenset({"archive"})
"""Files are imported at the command line; nobody has an account there."""


def networks() -> list[tuple[str, str]]:
    found = {m.network: m.title for m in registry.manifests().values() if m.network not in IMPORTED}
    return sorted(found.items(), key=lambda pair: pair[1])


class HandleForm(NotedForm[Handle]):
    """`network` and `handle` are fixed once posts hang on them; the role may change."""

    class Meta:
        model = Handle
        fields: ClassVar = ["network", "handle", "role"]
        widgets: ClassVar = {"handle": forms.TextInput(attrs={"autocomplete": "off", "maxlength": 100})}
        help_texts: ClassVar = {
            "handle": "As the network writes it; the @ may stay away.",
            "role": "Main is the brand's own face, care is where help is given: care that reaches a main "
            "handle counts as leaked. Watched handles are heard, and never speak.",
        }

    network = forms.ChoiceField(choices=networks)

    def clean_handle(self) -> str:
        handle = " ".join(self.cleaned_data["handle"].split()).removeprefix("@").removeprefix("＠")
        if not handle or " " in handle or len(handle) > 100:
            raise forms.ValidationError("A handle is one word of at most 100 characters, such as @tidewing.")
        return str(handle)

    def clean(self) -> None:
        network, handle = self.cleaned_data.get("network"), self.cleaned_data.get("handle")
        same = Handle.objects.filter(network=network, handle__iexact=handle).exclude(pk=self.instance.pk)
        if handle and same.exists():
            self.add_error("handle", f"@{handle} is already listened to on this network.")


class RoleForm(NotedForm[Handle]):
    class Meta:
        model = Handle
        fields: ClassVar = ["role"]
        help_texts: ClassVar = HandleForm.Meta.help_texts


@settings_page("handles")
def handles(request: DeskRequest, place: Place) -> HttpResponse:
    form = HandleForm(request.POST or None, brand=place.brand)
    answer = saved(request, form, "Added. Connect it to hear and to answer.", place.url("settings-handles"))
    if answer:
        return told_at(answer, place.url("settings-handle", form.instance.pk))
    mine = Handle.objects.filter(brand=place.brand).select_related("connection")
    context = {"form": form, "healths": healths(mine, timezone.now())}
    return page(request, place, "handles", context)


def told_at(answer: HttpResponse, url: str) -> HttpResponse:
    answer["Location"] = url
    return answer


@settings_page("handles")
def handle(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Handle.objects.filter(brand=place.brand).select_related("connection"), pk)
    form = RoleForm(request.POST or None, brand=place.brand, instance=one)
    if answer := saved(request, form, f"{one} is saved.", place.url("settings-handle", pk)):
        return answer
    return _one(request, place, one, form, ConnectForm(one, wanted=request.GET.get("channel", "")))


@require_POST
@settings_page("handles")
def connection(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Handle.objects.filter(brand=place.brand).select_related("connection"), pk)
    form = ConnectForm(one, request.POST)
    here = place.url("settings-handle", pk)
    if not (form.is_valid() and form.save(by=place.user)):
        return _one(request, place, one, RoleForm(brand=place.brand, instance=one), form)
    if fault := tell_network(
        form.connected, hook_address(request, form.connected) if form.wants_hook else None
    ):
        return refused(request, f"Saved, but the network did not take it: {fault}", here)
    return told(request, f"{one} is connected.", here)


@require_POST
@settings_page("handles")
def disconnection(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Handle.objects.filter(brand=place.brand, connection__isnull=False), pk)
    note_change(one, brand_id=place.brand.pk, by=place.user, did="disconnected")
    one.connection.delete()
    return told(request, f"{one} is disconnected. What was heard stays.", place.url("settings-handle", pk))


@require_POST
@settings_page("handles")
def removal(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Handle.objects.filter(brand=place.brand), pk)
    if one.written.exists() or hasattr(one, "connection"):
        sentence = (
            "It is connected, or posts were written with it: disconnect it, and make it watched instead."
        )
        return refused(request, sentence, place.url("settings-handle", pk))
    remove(one, brand_id=place.brand.pk, by=place.user)
    return told(request, f"{one} is removed.", place.url("settings-handles"))


def _one(
    request: DeskRequest, place: Place, one: Handle, form: RoleForm, connect: ConnectForm
) -> HttpResponse:
    linked = getattr(one, "connection", None)
    context = {
        "handle": one,
        "form": form,
        "connect": connect,
        "channels": channels_for(one),
        "health": health_of(one, timezone.now()),
        "hook": hook_address(request, linked) if linked and connect.can_hook else "",
        "removable": not linked and not one.written.exists(),
    }
    return page(request, place, "handle", context)

"""Your profile: what everybody may change about themselves."""

from __future__ import annotations

from typing import ClassVar

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from hearout.desk.request import DeskRequest, at_the_desk
from hearout.desk.settings.answering import own_page, told
from hearout.desk.settings.noting import note_change
from hearout.desk.settings.place import brand_to_set_up
from hearout.desk.shell import shell_of
from hearout.people.doors import ADMINISTERS, LEADS, membership_for
from hearout.people.models import Membership, User


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields: ClassVar = ["name"]
        widgets: ClassVar = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
        help_texts: ClassVar = {
            "name": "Colleagues see it, and {agent} in a saved reply says its first word."
        }

    @transaction.atomic
    def rename(self) -> None:
        """Save, and note it at every brand where the name is seen."""
        before = User.objects.get(pk=self.instance.pk).name
        self.save()
        for brand_id in self.instance.memberships.values_list("brand_id", flat=True):
            changes = {"name": [before, self.instance.name]}
            note_change(self.instance, brand_id=brand_id, by=self.instance, did="changed", changes=changes)


@require_GET
@at_the_desk
def settings(request: DeskRequest) -> HttpResponse:
    """The first page that this person may change something on."""
    shell = shell_of(request)
    member = brand_to_set_up(request.user, shell.brand if shell else None, LEADS)
    if member is None:
        return redirect("settings-profile")
    name = "settings-handles" if member.role in ADMINISTERS else "settings-saved-replies"
    return redirect(name, member.brand_id)


@at_the_desk
def profile(request: DeskRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        form.rename()
        return told(request, "Your name is saved.", request.path)
    mine = Membership.objects.filter(user=request.user).select_related("brand").order_by("brand__name")
    context = {"form": form, "memberships": mine, "second_factor": is_mfa_enabled(request.user)}
    return own_page(request, "profile", context)


@require_POST
@at_the_desk
def presence(request: DeskRequest, brand_id: int) -> HttpResponse:
    """Say that you are away, or back."""
    member = membership_for(request.user, brand_id)
    stay(member, request.POST.get("away") == "yes", by=request.user)
    words = "You are away: no new cases are handed to you." if member.away_since else "Welcome back."
    return told(request, words, reverse("settings-profile"))


@transaction.atomic
def stay(member: Membership, away: bool, *, by: User) -> None:
    """Away or present, since now. Harmless to repeat."""
    if away is (member.away_since is not None):
        return
    member.away_since = timezone.now() if away else None
    member.save(update_fields=["away_since"])
    note_change(member, brand_id=member.brand_id, by=by, did="away" if away else "back")

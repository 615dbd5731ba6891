"""Teams: who gets which cases, and whether they are handed out."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from hearout.cases.models import Case
from hearout.clocks.models import Standard
from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import find, page, refused, saved, told
from hearout.desk.settings.noting import NotedForm, remove
from hearout.desk.settings.place import Place, settings_page
from hearout.people.doors import WORKS_CASES
from hearout.people.models import Membership, Team
from hearout.triage.models import Rule


class TeamForm(NotedForm[Team]):
    members = forms.ModelMultipleChoiceField(
        Membership.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Team
        fields: ClassVar = ["name", "round_robin"]
        labels: ClassVar = {"round_robin": "Hand out new cases in turn (round robin)"}
        help_texts: ClassVar = {
            "round_robin": "To members who are not away and have room; otherwise members claim what they take on."
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        working = Membership.objects.filter(brand=self.brand, role__in=WORKS_CASES, user__is_active=True)
        field = self.fields["members"]
        field.queryset = working.select_related("user", "brand")  # type: ignore[attr-defined]
        field.label_from_instance = lambda m: m.user  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["members"] = list(self.instance.members.all())

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        same = Team.objects.filter(brand=self.brand, name__iexact=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(f"There is a team “{name}” already.")
        return name

    def after(self, saved: Team, *, by: object) -> None:
        saved.members.set(self.cleaned_data["members"])


@settings_page("teams")
def teams(request: DeskRequest, place: Place) -> HttpResponse:
    form = TeamForm(request.POST or None, brand=place.brand)
    if answer := saved(request, form, "The team is there.", place.url("settings-teams")):
        return answer
    waiting = Count("members", distinct=True)
    mine = Team.objects.filter(brand=place.brand).annotate(size=waiting)
    return page(request, place, "teams", {"form": form, "teams": mine.prefetch_related("members__user")})


@settings_page("teams")
def team(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Team.objects.filter(brand=place.brand), pk)
    form = TeamForm(request.POST or None, brand=place.brand, instance=one)
    if answer := saved(request, form, f"{one} is saved.", place.url("settings-teams")):
        return answer
    return page(request, place, "team", {"form": form, "team": one, "needed": needed_by(one)})


@require_POST
@settings_page("teams")
def removal(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Team.objects.filter(brand=place.brand), pk)
    if why := needed_by(one):
        return refused(request, f"{one} is still needed: {why}.", place.url("settings-team", pk))
    remove(one, brand_id=place.brand.pk, by=place.user)
    return told(request, f"{one} is removed.", place.url("settings-teams"))


def needed_by(team: Team) -> str:
    """What would be left without a team, in words; "" when nothing."""
    standards = Standard.objects.filter(Q(team=team) | Q(escalate_to=team), retired_at=None).count()
    counts = {
        "open case": Case.objects.filter(team=team, closure=None).count(),
        "rule": Rule.objects.filter(team=team).count(),
        "standard": standards,
    }
    return ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts.items() if count)

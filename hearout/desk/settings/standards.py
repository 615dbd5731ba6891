"""Standards: what is promised to whom, by when. A change makes a new version; clocks keep the old one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from hearout.clocks.errors import StandardError
from hearout.clocks.models import Hours, Measure, Standard
from hearout.clocks.standards import promise, retire, revise
from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import find, page, refused, saved, told
from hearout.desk.settings.handles import networks
from hearout.desk.settings.place import Place, settings_page
from hearout.people.models import Brand, Team, User
from hearout.triage.models import Priority
from hearout.understanding.reading import Kind

ANY = [("", "Any")]
UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST = 366 * 86_400
KINDS = {"complaint": "complaints", "question": "questions", "request": "requests", "other": "other posts"}
_PART = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(s|sec|m|min|h|d|w)[a-z]*")


def seconds_of(text: str) -> int:
    """`90 min`, `1 h 30 min` or `2 d` in seconds; a bare number is minutes. Raises ValueError."""
    text = text.strip().lower()
    if re.fullmatch(r"\d{1,6}", text):
        return int(text) * 60
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text).strip(" ,"):
        raise ValueError("Write a time such as 30 min, 1 h 30 min or 2 d.")
    return round(sum(float(number) * UNITS[unit] for number, unit in parts))


def words_of(seconds: int) -> str:
    """`1 h 30 min`: exact, so that an untouched form changes nothing."""
    parts = []
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        if count := seconds // size:
            parts.append(f"{count} {unit}")
        seconds %= size
    return " ".join(parts) or "0 min"


class StandardForm(forms.Form):
    name = forms.CharField(max_length=120)
    measure = forms.ChoiceField(choices=Measure.choices)
    target = forms.CharField(
        label="Promised time", max_length=40, help_text="30 min, 1 h 30 min, 2 d: counted in open hours."
    )
    warn = forms.IntegerField(
        label="Warn after (% of it)",
        min_value=1,
        max_value=100,
        initial=75,
        help_text="Then the case is at risk.",
    )
    kind = forms.ChoiceField(
        label="For",
        required=False,
        choices=[*ANY, *((k.value, k.value.title()) for k in Kind)],
        help_text="One for questions covers requests too, unless these have one of their own.",
    )
    network = forms.ChoiceField(required=False, choices=lambda: [*ANY, *networks()])
    priority = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[*ANY, *((str(v), n) for v, n in Priority.choices)],
    )
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="Any")
    hours = forms.ModelChoiceField(Hours.objects.none(), empty_label=None, label="Counted in")
    escalate_to = forms.ModelChoiceField(
        Team.objects.none(), required=False, empty_label="Nobody", label="When it is missed, the case goes to"
    )

    def __init__(self, data: Any = None, *, brand: Brand, standard: Standard | None = None) -> None:
        self.standard, self.brand = standard, brand
        super().__init__(data, initial=_initial(standard) if standard else {})
        for name, rows in (("team", Team), ("hours", Hours), ("escalate_to", Team)):
            self.fields[name].queryset = rows.objects.filter(brand=brand)  # type: ignore[attr-defined]
        if standard:
            self.fields["measure"].disabled = True

    def clean_target(self) -> int:
        try:
            seconds = seconds_of(self.cleaned_data["target"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if not 0 < seconds <= LONGEST:
            raise forms.ValidationError("Between a second and a year.")
        return seconds

    def save(self, *, by: User) -> Standard | None:
        """A new promise, or a new version of this one when anything changed. Raises StandardError."""
        values = {k: v for k, v in self.cleaned_data.items() if k not in ("target", "warn", "measure")}
        values |= {
            "target_seconds": self.cleaned_data["target"],
            "warn_share": self.cleaned_data["warn"] / 100,
        }
        if self.standard is None:
            return promise(self.brand, by=by, measure=self.cleaned_data["measure"], **values)
        changes = {k: v for k, v in values.items() if getattr(self.standard, k) != v}
        return revise(self.standard, by=by, **changes) if changes else self.standard


def _initial(standard: Standard) -> dict[str, Any]:
    names = ("name", "measure", "kind", "network", "priority", "team", "hours", "escalate_to")
    return {name: getattr(standard, name) for name in names} | {
        "target": words_of(standard.target_seconds),
        "warn": round(standard.warn_share * 100),
    }


@dataclass(frozen=True)
class Told:
    """A standard as its line tells it."""

    standard: Standard

    @property
    def target(self) -> str:
        return words_of(self.standard.target_seconds)

    @property
    def warns(self) -> str:
        return f"{self.standard.warn_share:.0%}".replace("%", " %")

    @property
    def of_whom(self) -> str:
        one = self.standard
        parts = [KINDS.get(one.kind, one.kind), one.network, str(one.team or "")]
        parts.append(f"{Priority(one.priority).label.lower()} priority" if one.priority is not None else "")
        return ", ".join(filter(None, parts)) or "everything"


def measures(rows: Sequence[Standard]) -> list[tuple[str, list[Told]]]:
    return [
        (str(label), [Told(one) for one in rows if one.measure == value]) for value, label in Measure.choices
    ]


MOST_VERSIONS = 50
JOINED = ("hours", "team", "escalate_to", "replaces")


@settings_page("standards")
def standards(request: DeskRequest, place: Place) -> HttpResponse:
    form = StandardForm(request.POST or None, brand=place.brand)
    if answer := _saved(request, form, "Promised, from now on.", place):
        return answer
    mine = Standard.objects.filter(brand=place.brand).select_related(*JOINED)
    retired = [Told(one) for one in mine.filter(retired_at__isnull=False).order_by("-retired_at")[:20]]
    context = {
        "form": form,
        "measures": measures(list(mine.filter(retired_at=None))),
        "retired": retired,
        "has_hours": Hours.objects.filter(brand=place.brand).exists(),
    }
    return page(request, place, "standards", context)


@settings_page("standards")
def standard(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Standard.objects.filter(brand=place.brand).select_related(*JOINED), pk)
    form = StandardForm(request.POST or None, brand=place.brand, standard=one)
    if answer := _saved(request, form, "Saved. Clocks that already run keep what they were promised.", place):
        return answer
    return page(request, place, "standard", {"form": form, "told": Told(one), "versions": versions(one)})


@require_POST
@settings_page("standards")
def retirement(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Standard.objects.filter(brand=place.brand), pk)
    try:
        retire(one, by=place.user)
    except StandardError as error:
        return refused(request, str(error), place.url("settings-standard", pk))
    return told(request, f"“{one}” is promised no more.", place.url("settings-standards"))


def versions(standard: Standard) -> list[Told]:
    """This version and those before it, newest first."""
    found = [Told(standard)]
    while (before := found[-1].standard.replaces_id) is not None and len(found) < MOST_VERSIONS:
        found.append(Told(Standard.objects.select_related(*JOINED).get(pk=before)))
    return found


def _saved(request: DeskRequest, form: StandardForm, sentence: str, place: Place) -> HttpResponse | None:
    try:
        return saved(request, form, sentence, place.url("settings-standards"))
    except StandardError as error:
        form.add_error(None, str(error))
        return None

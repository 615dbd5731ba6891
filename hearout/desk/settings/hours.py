"""Business hours: when the promised time counts."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from hearout.clocks.calendars import calendar_of, public_holidays, rearranged
from hearout.clocks.models import DayOverride, Hours, Shift, Standard
from hearout.desk.request import DeskRequest
from hearout.desk.settings import shifts
from hearout.desk.settings.answering import find, page, refused, saved, told, undoable
from hearout.desk.settings.noting import NotedForm, note_change, remove
from hearout.desk.settings.place import Place, settings_page
from hearout.people.models import User

NEXT_HOLIDAYS = 5


@cache
def zones() -> list[str]:
    return sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


class ShiftsField(forms.CharField):
    """Text such as `07:00-13:00, 14:00-22:00` as a list of spans."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"placeholder": "closed", "autocomplete": "off", "inputmode": "text"})
        super().__init__(required=False, max_length=500, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            return shifts.read(super().clean(value))
        except shifts.ShiftError as error:
            raise forms.ValidationError(str(error)) from error


class HoursForm(NotedForm[Hours]):
    """The hours with their week. A new set starts closed, so that nobody promises by accident."""

    class Meta:
        model = Hours
        fields: ClassVar = ["name", "timezone", "country", "always"]
        labels: ClassVar = {"timezone": "Time zone", "country": "Public holidays of", "always": "Always open"}
        help_texts: ClassVar = {
            "country": "Two letters, such as PT; blank for none.",
            "always": "Around the clock: the customer's own time is the promised time.",
        }
        widgets: ClassVar = {"timezone": forms.TextInput(attrs={"list": "zones", "autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and not self.is_bound:
            self.initial["timezone"] = self.brand.timezone
        now = self.week()
        for number, name in enumerate(shifts.WEEKDAYS):
            spans = [(s, e) for day, s, e in now if day == number]
            self.fields[f"day_{number}"] = ShiftsField(label=name, initial=shifts.written(spans))

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[f"day_{number}"] for number in range(7)]

    def week(self) -> list[tuple[int, Any, Any]]:
        return list(self.instance.shifts.values_list("weekday", "starts", "ends")) if self.instance.pk else []

    def clean_timezone(self) -> str:
        zone = str(self.cleaned_data["timezone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError("There is no such time zone; Europe/Lisbon and UTC are two.")
        return zone

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).strip().upper()
        if country and not public_holidays(country, timezone.localdate().year):
            raise forms.ValidationError(
                "No public holidays are known for that country. Two letters, such as DE."
            )
        return country

    @property
    def changed_data(self) -> list[str]:
        """A week that is written otherwise but says the same has not changed."""
        return [name for name in super().changed_data if not name.startswith("day_") or self._differs(name)]

    def _differs(self, name: str) -> bool:
        return bool(shifts.written(self.cleaned_data.get(name) or []) != self.fields[name].initial)

    def _said(self, name: str, value: Any) -> str:
        if not name.startswith("day_"):
            return super()._said(name, value)
        return (value if isinstance(value, str) else shifts.written(value)) or "closed"

    def after(self, saved: Hours, *, by: User) -> None:
        saved.shifts.all().delete()
        Shift.objects.bulk_create(
            Shift(hours=saved, weekday=number, starts=starts, ends=ends)
            for number in range(7)
            for starts, ends in self.cleaned_data.get(f"day_{number}") or []
        )
        rearranged(saved, by=by)


class DayForm(forms.Form):
    """One date that differs: closed, or open just then."""

    date = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    spans = ShiftsField(label="Open", help_text="Blank: closed all day.")

    def __init__(self, hours: Hours, data: Any = None) -> None:
        super().__init__(data, prefix="day")
        self.hours = hours

    @transaction.atomic
    def save(self, *, by: User) -> None:
        date, spans = self.cleaned_data["date"], self.cleaned_data["spans"]
        self.hours.overrides.filter(date=date).delete()
        DayOverride.objects.bulk_create(
            DayOverride(hours=self.hours, date=date, starts=starts, ends=ends)
            for starts, ends in spans or [(None, None)]
        )
        rearranged(self.hours, by=by)
        note_change(
            self.hours, brand_id=self.hours.brand_id, by=by, did="changed",
            changes={f"{date}": ["the weekday's hours", shifts.written(spans) or "closed"]},
        )  # fmt: skip


@settings_page("hours")
def every(request: DeskRequest, place: Place) -> HttpResponse:
    form = HoursForm(request.POST or None, brand=place.brand)
    if answer := saved(request, form, "The hours are there.", place.url("settings-hours")):
        return answer
    mine = Hours.objects.filter(brand=place.brand).prefetch_related("shifts")
    pictures = [(one, _picture(one)) for one in mine]
    return page(
        request, place, "hours", {"form": form, "pictures": pictures, "zones": zones(), "marks": shifts.HOURS}
    )


@settings_page("hours")
def hours(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Hours.objects.filter(brand=place.brand), pk)
    form = HoursForm(request.POST or None, brand=place.brand, instance=one)
    if answer := saved(
        request, form, f"{one}: saved, and clocks that run follow.", place.url("settings-hour", pk)
    ):
        return answer
    return _one(request, place, one, form, DayForm(one))


@require_POST
@settings_page("hours")
def day(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Hours.objects.filter(brand=place.brand), pk)
    form = DayForm(one, request.POST)
    if answer := saved(request, form, "The day is noted.", place.url("settings-hour", pk)):
        return answer
    return _one(request, place, one, HoursForm(brand=place.brand, instance=one), form)


@require_POST
@settings_page("hours")
def day_removal(request: DeskRequest, place: Place, pk: int, day_id: int) -> HttpResponse:
    one = find(Hours.objects.filter(brand=place.brand), pk)
    chosen = find(DayOverride.objects.filter(hours=one), day_id)
    spans = [(d.starts, d.ends) for d in one.overrides.filter(date=chosen.date) if d.starts and d.ends]
    with transaction.atomic():
        one.overrides.filter(date=chosen.date).delete()
        rearranged(one, by=place.user)
    fields = {"day-date": str(chosen.date), "day-spans": shifts.written(spans)}
    undoable(
        request, f"{chosen.date:%d %B %Y} is like its weekday again.", place.url("settings-day", pk), fields
    )
    return told(request, "The exception is gone.", place.url("settings-hour", pk))


@require_POST
@settings_page("hours")
def removal(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Hours.objects.filter(brand=place.brand), pk)
    if Standard.objects.filter(hours=one).exists():
        sentence = "Standards count by these hours, and their history needs them."
        return refused(request, sentence, place.url("settings-hour", pk))
    remove(one, brand_id=place.brand.pk, by=place.user)
    return told(request, f"{one} is removed.", place.url("settings-hours"))


def _picture(one: Hours) -> list[shifts.PictureDay]:
    return shifts.week(((s.weekday, s.starts, s.ends) for s in one.shifts.all()), one.always)


def _one(request: DeskRequest, place: Place, one: Hours, form: HoursForm, day: DayForm) -> HttpResponse:
    today = timezone.localdate()
    stored = find(Hours.objects.filter(brand=place.brand), one.pk)
    known = sorted(d for d in public_holidays(stored.country, today.year) if d >= today)[:NEXT_HOLIDAYS]
    context = {
        "hours": stored,
        "form": form,
        "day": day,
        "picture": _picture(stored),
        "marks": shifts.HOURS,
        "days": list(stored.overrides.filter(date__gte=today)),
        "holidays": known,
        "open_now": calendar_of(stored).is_open(timezone.now()),
        "zones": zones(),
        "removable": not Standard.objects.filter(hours=stored).exists(),
    }
    return page(request, place, "hour", context)

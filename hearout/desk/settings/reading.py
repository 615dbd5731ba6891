"""Reading: who reads the posts, what mistakes cost, and from which chance on a person looks."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import page, saved
from hearout.desk.settings.noting import NotedForm
from hearout.desk.settings.place import Place, settings_page
from hearout.desk.settings.rules import Tried
from hearout.people.models import Brand, User
from hearout.triage.dry_run import DryRun, dry_run
from hearout.triage.models import ReadingSettings, Verdict
from hearout.triage.own_numbers import masks_in
from hearout.understanding.own_numbers import LONGEST, MOST_MASKS, MaskError, example, own_numbers

DEAREST = 1000
COST = {"min": "0.1", "max": str(DEAREST), "step": "any", "inputmode": "decimal"}
PACE = 344
"""Posts that the accurate reader reads in a second of one core's time, as measured: docs/model-card-accurate.md."""
PERCENTS = {"budget": "accurate_budget", "share": "accurate_share"}
"""Fields in percent, and what they are as a share (0..1) in the settings."""
LOOKS = {
    "hx-trigger": "input delay:400ms",
    "hx-select": "#again",
    "hx-target": "#again",
    "hx-swap": "outerHTML",
}


class MasksField(forms.CharField):
    """Masks of numbers, one a line; blanks around them and blank lines do not count."""

    def to_python(self, value: Any) -> str:
        return "\n".join(masks_in(super().to_python(value) or ""))

    def clean(self, value: Any) -> str:
        lines = str(
            super().clean(value)
        )  # first, for it knows how long is too long to be quoted in a sentence
        try:
            own_numbers(masks_in(lines))
        except MaskError as error:
            raise forms.ValidationError(str(error)) from error
        return lines


class ReadingForm(NotedForm[ReadingSettings]):
    budget = forms.IntegerField(
        label="Processor time (% of a core)",
        min_value=0,
        max_value=100,
        help_text="Of the accurate reader, for this brand, in each worker. 0: never read again.",
    )
    share = forms.IntegerField(
        label="And at most (% of posts)",
        min_value=0,
        max_value=100,
        help_text="The doubtful posts come first, then complaints and what is urgent.",
    )
    cost_missed = forms.FloatField(
        label="What a missed complaint costs",
        min_value=0.1,
        max_value=DEAREST,
        widget=forms.NumberInput(attrs=COST),
        help_text="Somebody wanted an answer, and nobody saw it.",
    )
    cost_needless = forms.FloatField(
        label="What a needless case costs",
        min_value=0.1,
        max_value=DEAREST,
        widget=forms.NumberInput(attrs=COST),
        help_text="Somebody looked, and nothing was wanted. Only the ratio of the two counts.",
    )

    own_numbers = MasksField(
        label="Your order and booking numbers",
        required=False,
        max_length=MOST_MASKS * LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="# is a digit, ? a letter, one a line; e.g. TW-######. They are treated as private data.",
    )

    class Meta:
        model = ReadingSettings
        fields: ClassVar = ["tier", "cost_missed", "cost_needless", "own_numbers"]
        labels: ClassVar = {"tier": "Posts are read by"}

    def __init__(self, data: Any = None, *, brand: Brand) -> None:
        stands = ReadingSettings.objects.filter(brand=brand).first() or ReadingSettings()
        super().__init__(data, brand=brand, instance=stands)
        for name, setting in PERCENTS.items():
            self.initial[name] = round(100 * getattr(self.instance, setting))
        here = reverse("settings-reading", args=[brand.pk])
        self.fields["budget"].widget.attrs |= {**LOOKS, "hx-get": here}
        for name in ("cost_missed", "cost_needless"):
            self.initial[name] = _plain(getattr(self.instance, name))
        self.order_fields(["tier", "budget", "share", "cost_missed", "cost_needless", "own_numbers"])

    def clean(self) -> None:
        for name, setting in PERCENTS.items():
            percent = self.cleaned_data.get(name)
            if name in self.changed_data and percent is not None:  # what is finer than a percent stays so
                setattr(self.instance, setting, percent / 100)

    def save(self, commit: bool = True, *, by: User) -> ReadingSettings:  # type: ignore[override]
        """A brand that has set nothing has the defaults, so that its first settings are a change of these."""
        if self.instance._state.adding:
            self.instance.pk = ReadingSettings.objects.get_or_create(brand=self.brand)[0].pk
            self.instance._state.adding = False
        return super().save(by=by)

    def tried(self) -> DryRun:
        """What would have been decided last week with the settings as they stand in the form."""
        return dry_run(self.brand, settings=copy.copy(self.instance))


@dataclass(frozen=True)
class Point:
    """The operating point in words: of a hundred posts at the threshold, both mistakes cost the same."""

    settings: ReadingSettings

    @property
    def percent(self) -> str:
        return _number(100 * self.settings.threshold)

    @property
    def wanted(self) -> str:
        return self.percent

    @property
    def needless(self) -> str:
        return _number(100 - 100 * self.settings.threshold)

    @property
    def missed_cost(self) -> str:
        return _number(self.settings.cost_missed)

    @property
    def needless_cost(self) -> str:
        return _number(self.settings.cost_needless)

    @property
    def price(self) -> str:
        return _number(100 * self.settings.threshold * self.settings.cost_missed)


def read_again(percent: str | int | None) -> str:
    """About how many posts a minute so much of a core reads again, to two digits; "" for what is no percentage."""
    try:
        posts = PACE * 60 * ReadingForm.base_fields["budget"].clean(percent) / 100
    except forms.ValidationError:
        return ""
    return f"{round(posts, 2 - len(f'{posts:.0f}')):,.0f}"


def _plain(value: float) -> float:
    return int(value) if value.is_integer() else value


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def unsure_last_week(brand: Brand) -> dict[str, int]:
    """`looked`: unsure posts of the last seven days that went to a person. `aside`: those that did not."""
    week = timezone.now() - timedelta(days=7)
    rows = Verdict.objects.filter(
        brand=brand, unsure=True, overruled_at__isnull=True, post__posted_at__gte=week,
        post__archive__isnull=True,
    )  # fmt: skip
    return rows.aggregate(
        looked=Count("pk", filter=Q(needs_answer=True)), aside=Count("pk", filter=Q(needs_answer=False))
    )


@settings_page("reading")
def reading(request: DeskRequest, place: Place) -> HttpResponse:
    form = ReadingForm(request.POST or None, brand=place.brand)
    tries = request.POST.get("do") == "try"
    if not tries and (
        answer := saved(request, form, "Saved. It holds for every post from now on.", _here(place))
    ):
        return answer
    tried = form.tried() if tries and form.is_valid() else None
    context = {
        "form": form,
        "point": Point(form.instance),
        "again": read_again(request.GET.get("budget", form["budget"].value())),
        "pace": PACE,
        "unsure": unsure_last_week(place.brand),
        "numbers": [(mask, example(mask)) for mask in masks_in(form.instance.own_numbers)],
        "tried": tried and Tried(tried),
    }
    answer = page(request, place, "reading", context)
    answer.status_code = 422 if form.errors else 200
    return answer


def _here(place: Place) -> str:
    return place.url("settings-reading")

"""One post drawn by chance, what was read in it, and the form in which a person says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms

from hearout.desk.case.understood import Understood, understood
from hearout.people.models import Brand
from hearout.triage.learning.sampling import monday, to_check
from hearout.triage.learnt import SampledPost
from hearout.triage.overruling import LANGUAGE
from hearout.understanding.reading import Emotion, Kind, Sentiment, Urgency

KEYS = {"kind": "k", "needs_answer": "w", "sentiment": "s", "emotion": "e", "urgency": "u", "language": "l"}


def _choices(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, name.capitalize()) for name in names]


class CheckForm(forms.Form):
    """Every label as it was read, to be left or changed. `revision`: of the text that was shown."""

    kind = forms.ChoiceField(label="It is", choices=_choices(list(Kind)))
    needs_answer = forms.ChoiceField(label="and wants", choices=[("yes", "An answer"), ("no", "No answer")])
    sentiment = forms.ChoiceField(label="Sentiment", choices=_choices(list(Sentiment)))
    emotion = forms.ChoiceField(label="Emotion", choices=_choices(list(Emotion)))
    urgency = forms.ChoiceField(label="Urgency", choices=_choices(list(Urgency)))
    language = forms.RegexField(
        rf"\A{LANGUAGE.pattern}\Z",
        label="Language",
        max_length=3,
        error_messages={"invalid": "A code such as en, de or und."},
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, sampled: SampledPost, data: Any = None) -> None:
        verdict = sampled.verdict
        said = {name: getattr(verdict, name) for name in KEYS}
        said["needs_answer"] = "yes" if verdict.needs_answer else "no"
        super().__init__(data, initial={**said, "revision": verdict.post.revision}, auto_id="check-%s")
        for name, key in KEYS.items():
            label = self.fields[name].label or name
            self.fields[name].widget.attrs.update(
                {"data-key": key, "data-key-label": f"Check: {label.lower()}"}
            )
        plain = {"autocomplete": "off", "spellcheck": "false", "pattern": LANGUAGE.pattern, "size": 4}
        self.fields["language"].widget.attrs.update(plain)

    def labels(self) -> dict[str, str]:
        return {name: str(self.cleaned_data[name]) for name in KEYS}


@dataclass(frozen=True)
class Checking:
    """The post to check next, None when all are done. `waiting` and `done`: how many are left, and how many were
    checked this week."""

    brand: Brand
    sampled: SampledPost | None
    form: CheckForm | None
    waiting: int
    read: Understood | None
    done: int

    @property
    def words(self) -> list[str]:
        """Those that decided the kind, longest first; marking every label's would mark the whole post."""
        return (
            sorted((word.text for word in self.read.kind.words), key=len, reverse=True) if self.read else []
        )

    @property
    def week(self) -> date | None:
        return self.sampled.week if self.sampled else None


def next_to_check(brand: Brand, now: datetime) -> Checking:
    first = to_check(brand, limit=1).first()
    if first is None:
        return Checking(brand, None, None, 0, None, _done(brand, now))
    return checking_of(first, CheckForm(first), now)


def checking_of(sampled: SampledPost, form: CheckForm, now: datetime) -> Checking:
    """This post, with the form as it is."""
    brand = sampled.brand
    waiting = to_check(brand, limit=1000).count()
    return Checking(brand, sampled, form, waiting, understood(sampled.verdict), _done(brand, now))


def _done(brand: Brand, now: datetime) -> int:
    since = datetime.combine(monday(now), time.min, tzinfo=UTC)
    return SampledPost.objects.filter(brand=brand, checked_at__gte=since).count()

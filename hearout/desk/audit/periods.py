"""Of which days an audit is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms

from hearout.desk.audit.words import day
from hearout.insight.scope import Scope

USUAL = 30
PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}


class PeriodForm(forms.Form):
    """First and last day, both in UTC and both included. Left out: the last 30 days."""

    since = forms.DateField(required=False, label="From", widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput({"type": "date"}))

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and since > until:
            raise forms.ValidationError("The first day comes after the last.")
        if any(one and not 1990 <= one.year <= 2200 for one in (since, until)):
            raise forms.ValidationError("There were no such posts then.")
        return found

    def period(self, today: date) -> Period:
        """Raises ValueError when the form is not valid."""
        if not self.is_valid():
            raise ValueError("the days are not valid")
        until = self.cleaned_data["until"] or today
        since = self.cleaned_data["since"] or min(today, until) - timedelta(days=USUAL - 1)
        return Period(since, until, today)


@dataclass(frozen=True)
class Period:
    since: date
    until: date
    today: date

    @property
    def words(self) -> str:
        return f"{day(self.since)} to {day(self.until)}"

    @property
    def query(self) -> str:
        return urlencode({"since": self.since.isoformat(), "until": self.until.isoformat()})

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """The usual periods that end today: name, query, and whether it is this one."""
        starts = {name: self.today - timedelta(days=days - 1) for days, name in PERIODS.items()}
        periods = {name: Period(start, self.today, self.today) for name, start in starts.items()}
        return [(name, one.query, one == self) for name, one in periods.items()]

    def scope(self, slugs: tuple[str, ...]) -> Scope:
        """Until the end of the last day; whoever has no answer has been waiting until now."""
        start, end = (
            datetime.combine(one, time(), UTC) for one in (self.since, self.until + timedelta(days=1))
        )
        return Scope(brands=slugs, since=start, until=end)

"""The form of one rule: when it applies, what it decides, and what it would have changed last week."""

from __future__ import annotations

import copy
import json
from typing import Any, ClassVar

from django import forms
from django.db.models import Max
from django.utils import timezone

from hearout.desk.settings.conditions import Row, posted, rows_of, said, tree_of
from hearout.desk.settings.noting import NotedForm
from hearout.people.models import Team, User
from hearout.triage.conditions import FIELDS, ConditionError, compile_conditions
from hearout.triage.dry_run import DryRun, dry_run
from hearout.triage.models import Priority, Rule
from hearout.triage.topics import names_of

SPARE = 2
STEP = 10
FIELD_CHOICES = [(name, known.label) for name, known in FIELDS.items()]


class RuleForm(NotedForm[Rule]):
    """`rows` are the conditions as entered. A tree nested deeper than rows can say is edited as JSON (`nested`)."""

    decision = forms.ChoiceField(
        label="The post",
        required=False,
        choices=[
            ("", "No opinion"),
            ("answer", "Wants an answer"),
            ("aside", "Is set aside"),
        ],
    )
    priority = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "No opinion"), *((str(value), label) for value, label in Priority.choices)],
    )
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="No opinion")
    combine = forms.ChoiceField(choices=[("all", "all"), ("any", "any")], required=False)
    nested = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}))

    class Meta:
        model = Rule
        fields: ClassVar = ["name", "set_aside", "team", "priority", "active"]
        labels: ClassVar = {"set_aside": "Set aside because", "active": "In use"}
        help_texts: ClassVar = {"name": "Agents read it on the case: why it was decided so."}

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.order_fields(["name", "decision", "set_aside", "team", "priority", "active"])
        self.fields["team"].queryset = Team.objects.filter(brand=self.brand)  # type: ignore[attr-defined]
        rule = self.instance
        self.initial["decision"] = (
            "aside" if rule.set_aside or rule.needs_answer is False else "answer" if rule.needs_answer else ""
        )
        known = rows_of(rule.conditions)
        self.is_nested = known is None
        combine, rows = known or ("all", [])
        self.initial["combine"] = combine
        self.initial["nested"] = json.dumps(rule.conditions, indent=1, ensure_ascii=False)
        self.rows: list[Row] = posted(data) if data is not None else rows
        topics = names_of([self.brand])
        for row in self.rows:
            row.topics = topics

    @property
    def shown_rows(self) -> list[Row]:
        return [*self.rows, *(Row() for _ in range(SPARE))]

    @property
    def outcome_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("decision", "set_aside", "team", "priority")]

    def clean(self) -> None:
        data = self.cleaned_data
        aside, reason = data.get("decision") == "aside", (data.get("set_aside") or "").strip()
        if aside and not reason:
            self.add_error("set_aside", "Say why: agents read it, and it is counted.")
        self.instance.needs_answer = True if data.get("decision") == "answer" else None
        data["set_aside"] = reason if aside else ""
        if not data.get("decision") and data.get("team") is None and data.get("priority") is None:
            self.add_error("decision", "A rule decides something: an answer, a team or a priority.")
        self._clean_conditions(data)

    def _clean_conditions(self, data: dict[str, Any]) -> None:
        """Errors of a row stand at the row; here only that there are some."""
        try:
            if self.is_nested:
                self.instance.conditions = _json(data.get("nested", ""))
            else:
                self.instance.conditions = tree_of(data.get("combine") or "all", self.rows)
            compile_conditions(self.instance.conditions)
        except ConditionError as error:
            at_row = any(row.error for row in self.rows)
            self.add_error(
                "nested" if self.is_nested else None,
                "One of the conditions is not right." if at_row else str(error),
            )

    def changes(self) -> dict[str, list[str]]:
        found = super().changes()
        for name in ("combine", "nested"):
            found.pop(name, None)
        before = Rule.objects.get(pk=self.instance.pk).conditions
        if before != self.instance.conditions:
            found["conditions"] = [said(before)[:160], said(self.instance.conditions)[:160]]
        return found

    def save(self, commit: bool = True, *, by: User) -> Rule:  # type: ignore[override]
        """A new rule goes to the end."""
        self.instance.changed_at = timezone.now()
        if self.instance._state.adding:
            last = Rule.objects.filter(brand=self.brand).aggregate(last=Max("position"))["last"] or 0
            self.instance.position = min(last + STEP, 32_000)
        return super().save(by=by)

    def tried(self) -> DryRun:
        """What the brand's rules would have decided last week with this one as it stands in the form."""
        others = list(Rule.objects.filter(brand=self.brand).exclude(pk=self.instance.pk))
        return dry_run(self.brand, [*others, copy.copy(self.instance)])


def _json(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise ConditionError(f"This is no JSON: {error}.") from None

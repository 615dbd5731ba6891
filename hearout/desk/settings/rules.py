"""Rules: what triage does with a post. Tried in order; each outcome is decided by the first that names it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import find, page, saved, told, undoable
from hearout.desk.settings.conditions import MOST_ROWS, Row, rows_of, said
from hearout.desk.settings.noting import note_change, remove
from hearout.desk.settings.place import Place, settings_page
from hearout.desk.settings.rule_form import FIELD_CHOICES, STEP, RuleForm
from hearout.people.doors import NotFoundHereError
from hearout.people.models import Team, User
from hearout.triage.conditions import FIELDS
from hearout.triage.dry_run import DryRun, Example
from hearout.triage.models import Priority, Rule
from hearout.triage.topics import names_of

CHANGES = {
    "answered": "would be answered, and was set aside",
    "set_aside": "would be set aside otherwise than now",
    "priority": "would get another priority",
    "team": "would go to another team",
}


@dataclass(frozen=True)
class Told:
    """A rule as its line tells it."""

    rule: Rule

    @property
    def when(self) -> str:
        return said(self.rule.conditions)

    @property
    def outcomes(self) -> list[str]:
        return outcomes(
            True if self.rule.needs_answer else None, self.rule.priority, self.rule.team, self.rule.set_aside
        )


def outcomes(answer: bool | None, priority: int | None, team: object, aside: str) -> list[str]:
    found = [f"Set aside: {aside}"] if aside else ["Wants an answer"] if answer else []
    if priority is not None:
        found.append(f"{Priority(priority).label} priority")
    return [*found, f"To {team}"] if team else found


@settings_page("rules")
def rules(request: DeskRequest, place: Place) -> HttpResponse:
    mine = Rule.objects.filter(brand=place.brand).select_related("team")
    return page(request, place, "rules", {"told": [Told(rule) for rule in mine]})


@settings_page("rules")
def rule(request: DeskRequest, place: Place, pk: int | None = None) -> HttpResponse:
    one = find(Rule.objects.filter(brand=place.brand), pk) if pk is not None else Rule(brand=place.brand)
    form = RuleForm(request.POST or None, brand=place.brand, instance=one)
    does = request.POST.get("do", "")
    if does == "save" and (answer := saved(request, form, f"“{one}” is saved.", place.url("settings-rules"))):
        return answer
    tried = form.tried() if does == "try" and form.is_valid() else None
    context = {
        "form": form,
        "rule": one,
        "fields": FIELD_CHOICES,
        "known": FIELDS,
        "tried": tried and Tried(tried),
    }
    answer = page(request, place, "rule", context)
    answer.status_code = 422 if does == "save" or form.errors else 200
    return answer


@settings_page("rules")
def row(request: DeskRequest, place: Place) -> HttpResponse:
    """One row of conditions with the right control for its field: for htmx, when the field is changed."""
    found = [
        (name.removeprefix("field-"), value)
        for name, value in request.GET.items()
        if name.startswith("field-")
    ]
    if len(found) != 1 or not found[0][0].isdecimal() or int(found[0][0]) > MOST_ROWS + 2:
        raise NotFoundHereError("no such row")
    number, name = int(found[0][0]), str(found[0][1])
    context = {
        "number": number,
        "row": Row(name if name in FIELDS else "", topics=names_of([place.brand])),
        "fields": FIELD_CHOICES,
        "place": place,
    }
    return render(request, "settings/condition.html", context)


@require_POST
@settings_page("rules")
def place_in_order(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Rule.objects.filter(brand=place.brand), pk)
    move(one, -1 if request.POST.get("to") == "up" else 1, by=place.user)
    return told(request, f"“{one}” has moved.", place.url("settings-rules") + f"#rule-{pk}")


@require_POST
@settings_page("rules")
def switch(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Rule.objects.filter(brand=place.brand), pk)
    with transaction.atomic():
        one.active = request.POST.get("active") == "yes"
        one.save(update_fields=["active"])
        note_change(
            one, brand_id=one.brand_id, by=place.user, did="switched on" if one.active else "switched off"
        )
    return told(
        request, f"“{one}” is {'in use' if one.active else 'switched off'}.", place.url("settings-rules")
    )


@require_POST
@settings_page("rules")
def removal(request: DeskRequest, place: Place, pk: int) -> HttpResponse:
    one = find(Rule.objects.filter(brand=place.brand), pk)
    if fields := entered(one):
        undoable(request, f"The rule “{one}” is removed.", place.url("settings-new-rule"), fields)
    remove(one, brand_id=place.brand.pk, by=place.user)
    return told(request, f"“{one}” is removed.", place.url("settings-rules"))


def entered(rule: Rule) -> dict[str, str | list[str]]:
    """The form that would make this rule anew, at the end; {} for one with nested conditions."""
    known = rows_of(rule.conditions)
    if known is None:
        return {}
    decision = "aside" if rule.set_aside else "answer" if rule.needs_answer else ""
    fields: dict[str, str | list[str]] = {
        "do": "save", "name": rule.name, "decision": decision, "set_aside": rule.set_aside,
        "team": str(rule.team_id or ""), "priority": "" if rule.priority is None else str(rule.priority),
        "active": "on" if rule.active else "", "combine": known[0],
    }  # fmt: skip
    for number, row in enumerate(known[1]):
        fields |= {f"field-{number}": row.field, f"value-{number}": row.values}
        if row.negated:
            fields[f"not-{number}"] = "not"
    return fields


@transaction.atomic
def move(rule: Rule, step: int, *, by: User) -> None:
    """One place up (-1) or down (1) in its brand's order; at an end it stays."""
    ordered = list(Rule.objects.select_for_update(no_key=True).filter(brand=rule.brand_id))
    now = next(at for at, one in enumerate(ordered) if one.pk == rule.pk)
    to = now + step
    if not 0 <= to < len(ordered):
        return
    ordered[now], ordered[to] = ordered[to], ordered[now]
    for position, one in enumerate(ordered, 1):
        one.position = position * STEP
    Rule.objects.bulk_update(ordered, ["position"])
    note_change(
        rule, brand_id=rule.brand_id, by=by, did="moved", changes={"place": [str(now + 1), str(to + 1)]}
    )


class Tried:
    """A dry run in words."""

    def __init__(self, run: DryRun) -> None:
        self.run = run
        sides = [side for found in run.examples.values() for one in found for side in (one.before, one.after)]
        ids = {side[2] for side in sides if side[2] is not None}
        self._teams: dict[int | None, str] = dict(Team.objects.filter(pk__in=ids).values_list("pk", "name"))

    @property
    def changes(self) -> list[tuple[int, str, list[tuple[Example, str, str]]]]:
        return [
            (self.run.changes[name], words, [self._shown(one) for one in self.run.examples.get(name, [])])
            for name, words in CHANGES.items()
            if self.run.changes.get(name)
        ]

    def _shown(self, example: Example) -> tuple[Example, str, str]:
        before, after = (
            ", ".join(outcomes(answer, priority, self._teams.get(team), "" if answer else aside))
            for answer, priority, team, aside in (example.before, example.after)
        )
        return example, before, after

"""History: who changed which setting, when, and what it said before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import page
from hearout.desk.settings.place import Place, settings_page
from hearout.journal.models import Entry
from hearout.people.models import User

PAGE = 50
VERBS = ("settings.changed", "sending.stopped", "sending.resumed", "deadletter.retried")
NOUNS = {
    "savedreply": "saved reply",
    "membership": "person",
    "user": "person",
    "dayoverride": "exception",
    "brand": "sending",
}


@dataclass(frozen=True)
class Line:
    """One entry in words. `changes`: field, before, after."""

    entry: Entry
    who: str

    @property
    def did(self) -> str:
        facts = self.entry.facts
        if self.entry.verb != "settings.changed":
            return {"sending.stopped": "pulled the brake", "sending.resumed": "released the brake"}.get(
                self.entry.verb, "sent dead letters through again"
            )
        return str(facts.get("did", "changed"))

    @property
    def what(self) -> str:
        return NOUNS.get(self.entry.noun, self.entry.noun)

    @property
    def name(self) -> str:
        return str(self.entry.facts.get("name", self.entry.facts.get("reason", "")))

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        facts: dict[str, Any] = self.entry.facts
        pairs = facts.get("changes", {})
        told = [(_field(name), str(pair[0]), str(pair[1])) for name, pair in pairs.items() if len(pair) == 2]
        if facts.get("new_secrets"):
            told.append(("secrets", "", "replaced: " + ", ".join(facts["new_secrets"])))
        if facts.get("version"):
            told.append(
                ("version", "", f"{facts['version']} ({', '.join(facts.get('changed', [])) or 'new'})")
            )
        return told


def _field(name: str) -> str:
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    if name.startswith("day_") and name[4:].isdecimal():
        return days[int(name[4:]) % 7]
    return name.replace("_", " ")


@settings_page("history")
def history(request: DeskRequest, place: Place) -> HttpResponse:
    before = request.GET.get("before", "")
    entries = Entry.objects.filter(brand_id=place.brand.pk, verb__in=VERBS).order_by("-id")
    if before.isdecimal() and len(before) < 18:
        entries = entries.filter(pk__lt=int(before))
    found = list(entries[: PAGE + 1])
    names = dict(User.objects.filter(pk__in={e.actor_id for e in found}).values_list("pk", "name"))
    lines = [Line(entry, names.get(entry.actor_id or 0, "Hearout")) for entry in found[:PAGE]]
    older = found[PAGE - 1].pk if len(found) > PAGE else None
    return page(request, place, "history", {"lines": lines, "older": older})

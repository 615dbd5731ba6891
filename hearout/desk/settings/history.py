"""History: who changed which setting, when, and what it said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse

from hearout.clocks.models import Hours, Standard
from hearout.desk.request import DeskRequest
from hearout.desk.settings.answering import page
from hearout.desk.settings.noting import said
from hearout.desk.settings.place import Place, settings_page
from hearout.desk.settings.shifts import WEEKDAYS
from hearout.desk.settings.standards import words_of
from hearout.journal.models import Entry
from hearout.people.models import User

PAGE = 50
DONE = {
    "sending.stopped": "pulled the brake on",
    "sending.resumed": "released the brake on",
    "deadletter.retried": "sent dead letters through again",
    "probes.reported": "reported the probes of",
}
VERBS = ("settings.changed", *DONE)
JOINED = ("team", "hours", "escalate_to", "replaces__team", "replaces__hours", "replaces__escalate_to")
Change = tuple[str, str, str]
NOUNS = {
    "savedreply": "saved reply",
    "membership": "person",
    "user": "person",
    "dayoverride": "exception",
    "brand": "sending",
    "readingsettings": "reading",
}


@dataclass(frozen=True)
class Line:
    """One entry in words. `name` and `changes` (field, before, after) are what its facts or its row say."""

    entry: Entry
    who: str
    name: str
    changes: list[Change]

    @property
    def did(self) -> str:
        if self.entry.verb == "settings.changed":
            return str(self.entry.facts.get("did", "changed"))
        return DONE[self.entry.verb]

    @property
    def what(self) -> str:
        return NOUNS.get(self.entry.noun, self.entry.noun)


@settings_page("history")
def history(request: DeskRequest, place: Place) -> HttpResponse:
    before = request.GET.get("before", "")
    entries = Entry.objects.filter(brand_id=place.brand.pk, verb__in=VERBS).order_by("-id")
    if before.isdecimal() and len(before) < 18:
        entries = entries.filter(pk__lt=int(before))
    found = list(entries[: PAGE + 1])
    older = found[PAGE - 1].pk if len(found) > PAGE else None
    return page(request, place, "history", {"lines": lines(found[:PAGE]), "older": older})


def lines(entries: Sequence[Entry]) -> list[Line]:
    """The entries in words. Standards and hours, whose verbs note no names, are looked up."""
    people = dict(User.objects.filter(pk__in={one.actor_id for one in entries}).values_list("pk", "name"))
    hours = Hours.objects.in_bulk([one.noun_id for one in entries if one.noun == "hours"])
    standards = Standard.objects.select_related("replaces", *JOINED).in_bulk(
        [one.noun_id for one in entries if one.noun == "standard"]
    )
    told = []
    for one in entries:
        standard = standards.get(one.noun_id) if one.noun == "standard" else None
        row = standard or (hours.get(one.noun_id) if one.noun == "hours" else None)
        name = str(one.facts.get("name") or one.facts.get("reason") or row or "")
        changes = _of_standard(one, standard) if standard else _of_facts(one)
        told.append(Line(one, people.get(one.actor_id or 0, "Hearout"), name, changes))
    return told


def _of_facts(entry: Entry) -> list[Change]:
    pairs = entry.facts.get("changes", {})
    told = [(_field(name), str(pair[0]), str(pair[1])) for name, pair in pairs.items() if len(pair) == 2]
    if entry.facts.get("new_secrets"):
        told.append(("secrets", "", "replaced: " + ", ".join(entry.facts["new_secrets"])))
    return told


def _of_standard(entry: Entry, standard: Standard) -> list[Change]:
    """What a new version changed, read off the version it replaced."""
    old = standard.replaces
    if old is None or entry.facts.get("did") != "revised":
        return []
    changed = [name for name in entry.facts.get("changed", []) if hasattr(old, name)]
    return [(_field(name), _value(old, name), _value(standard, name)) for name in changed]


def _value(standard: Standard, name: str) -> str:
    value = getattr(standard, name)
    return words_of(value) if name == "target_seconds" else said(value)


def _field(name: str) -> str:
    if name.startswith("day_") and name[4:].isdecimal():
        return WEEKDAYS[int(name[4:]) % 7]
    return {"target_seconds": "time", "warn_share": "warning"}.get(name, name.replace("_", " "))

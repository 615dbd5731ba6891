"""What a list of cases is narrowed to: read from the address, so that a view can be bookmarked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from hearout.cases.models import Case, CasePost
from hearout.cases.search import search
from hearout.desk.queues import Queue
from hearout.desk.unsure import opened_unsure
from hearout.listening.models import Handle, Mention
from hearout.people.models import Brand, Membership, Team, User
from hearout.triage.models import Priority, Verdict
from hearout.triage.topics import names_of
from hearout.understanding.reading import Kind

NAMES = ("kind", "topic", "reading", "how", "network", "priority", "team", "assignee")


@dataclass(frozen=True)
class Filter:
    """One question of the filter form. `choices` are (value, label)."""

    name: str
    label: str
    choices: list[tuple[str, str]]
    value: str = ""

    @property
    def chosen(self) -> str:
        return dict(self.choices).get(self.value, "")


def filters_of(query: QueryDict, brands: list[Brand], user: User) -> list[Filter]:
    """The filters with what these brands offer. A value nobody offers is ignored."""
    networks = (
        Handle.objects.filter(brand__in=brands)
        .order_by("network")
        .values_list("network", flat=True)
        .distinct()
    )
    teams = Team.objects.filter(brand__in=brands).select_related("brand")
    members = Membership.objects.filter(brand__in=brands).exclude(role="analyst").select_related("user")
    people = {m.user_id: m.user for m in members if m.user_id != user.pk}
    many = len(brands) > 1
    offered: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("kind", "Kind", [(kind.value, kind.value.title()) for kind in Kind]),
        ("topic", "Topic", [(name, name) for name in names_of(brands)]),
        ("reading", "Reading", [("unsure", "Unsure")]),
        ("how", "How", [(v, label) for v, label in Mention.How.choices if v != Mention.How.OURS]),
        ("network", "Network", sorted((name, name.title()) for name in set(networks))),
        ("priority", "Priority", [(str(value), str(label)) for value, label in reversed(Priority.choices)]),
        ("team", "Team", [(str(t.pk), f"{t} ({t.brand})" if many else str(t)) for t in teams]),
        (
            "assignee",
            "Owner",
            [("me", "Me"), ("nobody", "Nobody"), *((str(p.pk), str(p)) for p in people.values())],
        ),
    ]
    wanted = {name: query.get(name, "") for name in NAMES}
    return [
        Filter(name, label, choices, wanted[name] if wanted[name] in dict(choices) else "")
        for name, label, choices in offered
    ]


def narrowed(cases: QuerySet[Case], filters: list[Filter], user: User, words: str) -> QuerySet[Case]:
    """The cases that pass every filter and match the words."""
    for one in filters:
        if one.value:
            cases = cases.filter(_condition(one, user))
    return search(cases, words)


def _condition(one: Filter, user: User) -> Q:
    if one.name == "reading":
        return Q(opened_unsure())
    if one.name == "topic":
        return Q(Exists(_about(one.value)))
    if one.name == "assignee":
        special: dict[str, Any] = {"me": user, "nobody": None}
        return Q(assignee=special[one.value]) if one.value in special else Q(assignee_id=int(one.value))
    field = {"team": "team_id"}.get(one.name, one.name)
    return Q(**{field: int(one.value) if one.name in ("team", "priority") else one.value})


def _about(topic: str) -> QuerySet[CasePost]:
    """The posts of a case that have a topic: whichever they are, for many say only hello at first."""
    read = Verdict.objects.filter(post=OuterRef("post"), brand=OuterRef("brand"), topics__contains=[topic])
    return CasePost.objects.filter(Exists(read), case=OuterRef("pk"), ours=False)


def queue_label(queue: Queue, words: str) -> str:
    return f"“{words[:60]}”" if words else queue.label

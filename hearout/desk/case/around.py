"""What lies around a case: its customer, its brand's people and texts. Two queries for all of it.

Each list is an array that PostgreSQL gathers beside the row, so that a page costs the same number
of queries whatever there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from hearout.cases.doors import cases_for
from hearout.cases.models import Case, Tag
from hearout.channels import registry
from hearout.channels.base import ChannelError, Manifest
from hearout.customers.models import Author, Identifier
from hearout.listening.models import Handle
from hearout.people.doors import EVERYBODY, WORKS_CASES, NotFoundHereError
from hearout.people.models import Brand, Membership, Team, User
from hearout.replies.models import Move, SavedReply

JOINED = ("brand", "customer", "team", "assignee", "closure__by", "snoozed__by", "opening__author")
MOST_EARLIER = 6
Row = dict[str, Any]


@dataclass(frozen=True)
class Earlier:
    """Another case of the same customer, at a brand that the reader may see."""

    id: int
    subject: str
    kind: str
    opened_at: datetime
    is_open: bool


@dataclass(frozen=True)
class Kit:
    """What a brand gives its agents: teams, people, handles and saved replies, each as small rows."""

    teams: list[Row]
    people: list[Row]
    handles: list[Row]
    saved: list[Row]
    tags: list[str]

    @property
    def colleagues(self) -> list[Row]:
        return [person for person in self.people if person["active"] and person["role"] in WORKS_CASES]

    def name_of(self, user_id: int | None) -> str:
        return next(
            (p["name"] for p in self.people if p["id"] == user_id), "Somebody" if user_id else "Hearout"
        )

    def role_of(self, user: User) -> str:
        return next((str(p["role"]) for p in self.people if p["id"] == user.pk), "")

    def handles_on(self, network: str) -> list[Row]:
        """The handles that one can answer with on this network, care first."""
        ours = [h for h in self.handles if h["network"] == network and h["role"] != Handle.Role.WATCHED]
        return sorted(ours, key=lambda h: (h["role"] != Handle.Role.CARE, h["handle"]))

    def manifest_on(self, network: str) -> Manifest | None:
        channel = next((h["channel"] for h in self.handles_on(network) if h["channel"]), "")
        try:
            return registry.manifest(channel) if channel else None
        except ChannelError:
            return None


def case_with_customer(user: User, case_id: int) -> Case:
    """The case with `.tag_names`, `.authors`, `.identifiers` and `.earlier`. Raises NotFoundHereError."""
    same = {"customer": OuterRef("customer_id")}
    others = cases_for(user).filter(**same).exclude(pk=OuterRef("pk")).order_by("-opened_at")[:MOST_EARLIER]
    authors = Author.objects.filter(**same).order_by("pk")
    identifiers = Identifier.objects.filter(**same).order_by("kind", "value")
    found = (
        cases_for(user, EVERYBODY)
        .filter(pk=case_id)
        .select_related(*JOINED)
        .annotate(
            tag_names=ArraySubquery(Tag.objects.filter(cases=OuterRef("pk")).values("name")),
            authors=_rows(authors, "id", "network", "handle", "name", "followers"),
            identifiers=_rows(identifiers, "kind", "value", "verified_at"),
            earlier_rows=_rows(others, "id", "subject", "kind", "opened_at", "closure_id"),
            moves_rows=_rows(
                Move.objects.filter(case=OuterRef("pk"), undone_at=None),
                "care_id",
                "at",
                care="care__handle",
                main="main__handle",
                by="by__name",
            ),
        )
        .first()
    )
    if found is None:
        raise NotFoundHereError("no such case for this user")
    return found


def earlier_of(case: Case) -> list[Earlier]:
    rows: list[Row] = getattr(case, "earlier_rows", [])
    return [
        Earlier(
            row["id"],
            row["subject"],
            row["kind"],
            datetime.fromisoformat(row["opened_at"]),
            row["closure_id"] is None,
        )
        for row in rows
    ]


def moved_of(case: Case) -> Row | None:
    """Where the case was moved to: care_id, care, main, at, by."""
    rows: list[Row] = getattr(case, "moves_rows", [])
    return {**rows[0], "at": datetime.fromisoformat(rows[0]["at"])} if rows else None


def kit_of(brand_id: int) -> Kit:
    """Everything that the brand offers, in one query."""
    same = {"brand": OuterRef("pk")}
    members = Membership.objects.filter(**same).order_by("user__name")
    found = (
        Brand.objects.filter(pk=brand_id)
        .values(
            kit_teams=_rows(Team.objects.filter(**same), "id", "name"),
            kit_people=_rows(
                members, "role", "needs_approval", id="user_id", name="user__name", active="user__is_active"
            ),
            kit_handles=_rows(
                Handle.objects.filter(**same),
                "id",
                "network",
                "handle",
                "role",
                channel="connection__channel",
            ),
            kit_saved=_rows(SavedReply.objects.filter(**same), "id", "name", "text"),
            kit_tags=ArraySubquery(Tag.objects.filter(**same).values("name")[:200]),
        )
        .get()
    )
    return Kit(
        found["kit_teams"], found["kit_people"], found["kit_handles"], found["kit_saved"], found["kit_tags"]
    )


def _rows(query: QuerySet[Any], *fields: str, **named: str) -> ArraySubquery:
    return ArraySubquery(query.values(row=JSONObject(**{field: field for field in fields}, **named)))

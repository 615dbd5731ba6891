"""What the studies' tables are made of, beyond the figures themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ibis.expr.types import Table

from hearout.insight.audit.cells import Json
from hearout.insight.engine import Row
from hearout.insight.facts import Facts
from hearout.insight.naming import own_handles
from hearout.insight.results import waits_by

CROSSED = ("network", "tone", "directness", "place")
LEAST = 10
"""A brand with fewer openings has no say in figures about brands."""


def measures(facts: Facts) -> list[Table]:
    """What the tables need beyond the figures: waits by network, tone, directness and place; which handles
    posted, by brand, network and role; which roles answered first, by brand. `facts`: as of `figures.with_flags`."""
    openings = facts.openings
    own = own_handles(facts.tables).select("own_handle_id", "network", speaks_as="role", brand="slug")
    spoken = facts.tables.posts.filter(facts.tables.posts.handle_id.notnull()).select("handle_id")
    spoken = spoken.group_by("handle_id").aggregate(said=spoken.count())
    presence = own.join(spoken, own.own_handle_id == spoken.handle_id)
    answered = openings.filter(openings.answered)
    first = answered.group_by("first_handle_id").aggregate(n=answered.count())
    answering = own.join(first, own.own_handle_id == first.first_handle_id)
    return [
        waits_by(openings, CROSSED),
        presence.group_by(["brand", "network"]).aggregate(said=presence.said.sum()),
        answering.group_by(["brand", "speaks_as"]).aggregate(n=answering.n.sum()),
    ]


@dataclass(frozen=True)
class Findings:
    """What an audit found. `brands` are the document's, each with its figures and `roles`; `found` is of `measures`."""

    whole: Json
    brands: Sequence[Json]
    found: Sequence[Sequence[Row]]
    tone: bool

    @cached_property
    def crossed(self) -> Sequence[Row]:
        return self.found[0]

    @cached_property
    def counted(self) -> list[Json]:
        """The brands that have a say."""
        return [brand for brand in self.brands if brand["openings"] >= LEAST]

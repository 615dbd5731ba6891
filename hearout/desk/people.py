"""Who can be given a case."""

from __future__ import annotations

from hearout.cases.errors import CaseError
from hearout.people.doors import WORKS_CASES
from hearout.people.models import Membership, Team, User


def colleagues(brand_id: int) -> list[Membership]:
    """Those who work cases at the brand, by name."""
    working = Membership.objects.filter(brand=brand_id, role__in=WORKS_CASES, user__is_active=True)
    return list(working.select_related("user").order_by("user__name"))


def colleague(brand_id: int, pk: str) -> User:
    """One of them by id. Raises CaseError for anybody else."""
    found = [m.user for m in colleagues(brand_id) if str(m.user_id) == pk]
    if not found:
        raise CaseError("Choose a colleague who works for this brand.")
    return found[0]


def team_of(brand_id: int, pk: str) -> Team:
    """A team of the brand by id. Raises CaseError for any other."""
    found = (
        Team.objects.filter(brand=brand_id, pk=int(pk)).first() if pk.isdecimal() and len(pk) < 18 else None
    )
    if found is None:
        raise CaseError("Choose a team of this brand.")
    return found

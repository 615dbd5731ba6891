"""The doors to cases: each finds and permits in one step."""

from __future__ import annotations

from django.db.models import QuerySet

from hearout.cases.models import Case
from hearout.people.doors import EVERYBODY, WORKS_CASES, NotFoundHereError, brands_for
from hearout.people.models import Role, User


def cases_for(user: User, roles: tuple[Role, ...] = EVERYBODY) -> QuerySet[Case]:
    """The cases of the brands at which the user has one of the roles."""
    return Case.objects.filter(brand__in=brands_for(user, roles))


def case_for(user: User, case_id: int, roles: tuple[Role, ...] = WORKS_CASES) -> Case:
    """The case, with its brand, customer, team and assignee. Raises NotFoundHereError."""
    together = cases_for(user, roles).select_related("brand", "customer", "team", "assignee", "closure")
    found = together.filter(pk=case_id).first()
    if found is None:
        raise NotFoundHereError("no such case for this user")
    return found

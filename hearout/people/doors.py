"""Who may do what: the few doors every page, list, export and stream goes through.

A door finds and permits in one step. What a user may not see does not exist for them (404).
"""

from __future__ import annotations

from django.db.models import QuerySet

from hearout.people.models import Brand, Membership, Role, User

WORKS_CASES = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
SEES_FIGURES = (Role.SUPERVISOR, Role.ADMIN, Role.ANALYST)
LEADS = (Role.SUPERVISOR, Role.ADMIN)
ADMINISTERS = (Role.ADMIN,)
EVERYBODY = tuple(Role)


class NotFoundHereError(LookupError):
    """What was asked for does not exist, or not for this user; callers must not tell which."""


def brands_for(user: User, roles: tuple[Role, ...] = EVERYBODY) -> QuerySet[Brand]:
    """The brands at which the user has one of the roles."""
    if not user.is_active:
        return Brand.objects.none()
    mine = Membership.objects.filter(user=user, role__in=roles)
    return Brand.objects.filter(pk__in=mine.values("brand_id"))


def membership_for(user: User, brand_id: int, roles: tuple[Role, ...] = EVERYBODY) -> Membership:
    """The user's membership of the brand. Raises NotFoundHereError without one of the roles."""
    mine = Membership.objects.select_related("brand", "user")
    found = mine.filter(user=user, brand_id=brand_id, role__in=roles, user__is_active=True).first()
    if found is None:
        raise NotFoundHereError("no such brand for this user")
    return found

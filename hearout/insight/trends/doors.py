"""The doors to alarms and incidents: each finds and permits in one step."""

from __future__ import annotations

from hearout.insight.trends.models import Alarm, Incident, Watch
from hearout.people.doors import EVERYBODY, NotFoundHereError, brands_for, membership_for
from hearout.people.models import Role, User


def alarm_for(user: User, alarm_id: int, roles: tuple[Role, ...] = EVERYBODY) -> Alarm:
    """Raises NotFoundHereError without one of the roles at its brand."""
    found = Alarm.objects.filter(pk=alarm_id, brand__in=brands_for(user, roles))
    alarm = found.select_related("series", "brand", "incident", "event", "false_by").first()
    if alarm is None:
        raise NotFoundHereError("no such alarm for this user")
    return alarm


def incident_for(user: User, incident_id: int, roles: tuple[Role, ...] = EVERYBODY) -> Incident:
    """Raises NotFoundHereError without one of the roles at its brand."""
    found = Incident.objects.filter(pk=incident_id, brand__in=brands_for(user, roles))
    incident = found.select_related("brand", "opened_by", "closed_by").first()
    if incident is None:
        raise NotFoundHereError("no such incident for this user")
    return incident


def watch_for(user: User, brand_id: int, roles: tuple[Role, ...]) -> Watch:
    """The brand's watch, made where there is none yet. Raises NotFoundHereError."""
    member = membership_for(user, brand_id, roles)
    return Watch.objects.get_or_create(brand=member.brand)[0]

"""Making, changing and retiring promises. A change is a new version; running clocks keep the old one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import now

from hearout.clocks.errors import StandardError
from hearout.clocks.models import Hours, Measure, Standard
from hearout.journal.writing import note
from hearout.lib.doorbell import ring
from hearout.people.models import Brand, User

MAY_CHANGE = frozenset(
    ("name", "kind", "network", "priority", "team", "target_seconds", "warn_share", "hours", "escalate_to")
)
MINUTE, HOUR = 60, 3600
DEFAULTS: Sequence[tuple[str, str, str, int]] = (
    ("First response", Measure.FIRST_RESPONSE, "", 60 * MINUTE),
    ("First response to complaints", Measure.FIRST_RESPONSE, "complaint", 30 * MINUTE),
    ("First response to praise", Measure.FIRST_RESPONSE, "praise", 24 * HOUR),
    ("Next response", Measure.NEXT_RESPONSE, "", 2 * HOUR),
    ("Resolution", Measure.RESOLUTION, "", 24 * HOUR),
)
SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def default_standards(brand: Brand, hours: Hours, in_force_at: datetime = SINCE_EVER) -> list[Standard]:
    """The promises a new brand starts with, in staffed time.

    They hold for what was said before, too: a post fetched from the days before the start has a due
    time like any other, and is not forgotten.
    """
    return Standard.objects.bulk_create(
        Standard(
            brand=brand, hours=hours, name=name, measure=measure, kind=kind, target_seconds=seconds,
            in_force_at=in_force_at,
        )
        for name, measure, kind, seconds in DEFAULTS
    )  # fmt: skip


def promise(brand: Brand, *, by: User, measure: str, **fields: Any) -> Standard:
    """A new promise, in force from now on. Raises StandardError."""
    with transaction.atomic():
        standard = Standard(brand=brand, measure=measure, in_force_at=now())
        _set(standard, fields)
        standard.save()
        _record(standard, by, "made")
        return standard


def revise(standard: Standard, *, by: User, **changes: Any) -> Standard:
    """Replace a promise by a changed version. Clocks that started before keep the old one. Raises StandardError."""
    with transaction.atomic():
        old = _in_force(standard)
        new = Standard.objects.get(pk=old.pk)
        new.pk, new._state.adding = None, True
        new.version, new.replaces = old.version + 1, old
        _set(new, changes)
        old.retired_at = new.in_force_at = now()
        old.save(update_fields=["retired_at"])
        new.save()
        _record(new, by, "revised", changed=sorted(changes))
        return new


def retire(standard: Standard, *, by: User) -> Standard:
    """Make this promise no more. Clocks that started before keep it. Raises StandardError."""
    with transaction.atomic():
        old = _in_force(standard)
        old.retired_at = now()
        old.save(update_fields=["retired_at"])
        _record(old, by, "retired")
        return old


def _in_force(standard: Standard) -> Standard:
    old = Standard.objects.select_for_update(no_key=True).get(pk=standard.pk)
    if old.retired_at is not None:
        raise StandardError("Somebody has changed this promise meanwhile. Look at the newest version.")
    return old


def _set(standard: Standard, fields: dict[str, Any]) -> None:
    unknown = set(fields) - MAY_CHANGE
    if unknown:
        raise TypeError(f"a standard has no {sorted(unknown)} to set")
    for name, value in fields.items():
        setattr(standard, name, value)
    if not standard.name.strip():
        raise StandardError("Give the promise a name.")
    if not standard.target_seconds or standard.target_seconds <= 0:
        raise StandardError("A promise needs a time longer than zero.")
    if not 0 < standard.warn_share <= 1:
        raise StandardError("The warning comes after a share of the time, above 0 and at most 1.")
    if standard.hours_id is None:
        raise StandardError("Choose the hours in which the time counts.")
    for thing in (standard.hours, standard.team, standard.escalate_to):
        if thing is not None and thing.brand_id != standard.brand_id:
            raise StandardError(f"{thing} belongs to another brand.")


def _record(standard: Standard, by: User, did: str, **facts: Any) -> None:
    note(
        "settings.changed", brand_id=standard.brand_id, noun="standard", noun_id=standard.pk, by=by.pk,
        did=did, version=standard.version, **facts,
    )  # fmt: skip
    with connection.cursor() as cursor:
        ring(cursor, [f"brand:{standard.brand_id}"])

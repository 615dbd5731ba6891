"""The brake: while it is on, nothing of the brand is sent."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.timezone import now

from hearout.journal.writing import note
from hearout.lib.doorbell import ring
from hearout.people.models import Brand, User
from hearout.replies.models import Brake


def brake_of(brand_id: int) -> Brake | None:
    """The brake that is on, if one is."""
    return Brake.objects.filter(brand=brand_id, released_at__isnull=True).first()


@transaction.atomic
def pull(brand: Brand, *, by: User | None, reason: str) -> Brake:
    """Stop all sending of the brand. Harmless to repeat."""
    brake, made = Brake.objects.get_or_create(
        brand=brand, released_at=None, defaults={"reason": reason[:200], "by": by}
    )
    if made:
        note(
            "sending.stopped",
            brand_id=brand.pk,
            noun="brand",
            noun_id=brand.pk,
            by=by.pk if by else None,
            reason=reason[:200],
        )
        _ring(brand)
    return brake


@transaction.atomic
def release(brand: Brand, *, by: User) -> bool:
    """Let sending go on. Returns whether the brake was on."""
    released = Brake.objects.filter(brand=brand, released_at__isnull=True).update(released_at=now())
    if released:
        note("sending.resumed", brand_id=brand.pk, noun="brand", noun_id=brand.pk, by=by.pk)
        _ring(brand)
    return bool(released)


def _ring(brand: Brand) -> None:
    with connection.cursor() as cursor:
        ring(cursor, [f"brand:{brand.pk}"])

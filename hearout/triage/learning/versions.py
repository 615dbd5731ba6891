"""The versions of a brand's reader: taken up when they are no worse, rolled back by an admin in one step."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hearout.journal.writing import note
from hearout.people.models import Brand, User
from hearout.triage.learnt import ReaderVersion
from hearout.triage.taught import adaptation_of

REPLACED = "version {} took its place"


class VersionError(ValueError):
    """What was asked for cannot be done. The message is for a person."""


def versions_of(brand: Brand) -> QuerySet[ReaderVersion]:
    """The newest first."""
    return ReaderVersion.objects.filter(brand=brand).select_related("taken_up_by", "retired_by", "brand")


def in_use(brand: Brand) -> ReaderVersion | None:
    return versions_of(brand).filter(taken_up_at__isnull=False, retired_at=None).first()


def held_back(brand: Brand) -> bool:
    """Whether a person rolled back and nobody took up a version since: then no night takes one up either."""
    rolled = versions_of(brand).filter(retired_by__isnull=False).order_by("-retired_at").first()
    if rolled is None or rolled.retired_at is None:
        return False
    return (
        not versions_of(brand).filter(taken_up_by__isnull=False, taken_up_at__gt=rolled.retired_at).exists()
    )


@transaction.atomic
def take_up(version: ReaderVersion, *, by: User | None, now: datetime | None = None) -> ReaderVersion:
    """From now on the brand's posts are read with it. `by` None: the nightly lesson. Raises VersionError."""
    at = now or timezone.now()
    found = _locked(version.brand, version.pk)
    if found.reads:
        raise VersionError(f"Version {found.number} reads already.")
    if found.why_not:
        raise VersionError(f"Version {found.number} cannot be taken up: {found.why_not}.")
    try:
        adaptation_of(found)
    except ValueError as error:
        raise VersionError(f"Version {found.number} cannot be taken up: {error}.") from error
    current = in_use(version.brand)
    if current:
        _retire(current, at, None, REPLACED.format(found.number))
    _begin(found, at, by)
    facts = {"number": found.number, "instead_of": current.number if current else None}
    note("reader.taken_up", brand_id=found.brand_id, noun="readerversion", noun_id=found.pk,
         by=by.pk if by else None, **facts)  # fmt: skip
    return found


@transaction.atomic
def roll_back(brand: Brand, *, by: User, why: str = "", now: datetime | None = None) -> ReaderVersion | None:
    """The version that reads now is put aside, and the one before it reads again: posts are read as they were.

    Returns the version that reads now, None for the shipped reader alone. Until a person takes up a version
    again, the nightly lessons only make them. Raises VersionError when nothing learnt is in use.
    """
    at = now or timezone.now()
    current = in_use(brand)
    if current is None:
        raise VersionError("Posts are read as shipped: there is nothing to roll back.")
    current = _locked(brand, current.pk)
    _retire(current, at, by, why[:200] or "rolled back")
    before = versions_of(brand).filter(
        number__lt=current.number, taken_up_at__isnull=False, retired_by=None, base=current.base
    )
    previous = before.first()
    if previous:
        _begin(previous, previous.taken_up_at or at, previous.taken_up_by)
    facts = {"number": current.number, "back_to": previous.number if previous else None, "why": why[:200]}
    note("reader.rolled_back", brand_id=brand.pk, noun="readerversion", noun_id=current.pk, by=by.pk, **facts)
    return previous


def _locked(brand: Brand, pk: int) -> ReaderVersion:
    Brand.objects.select_for_update(no_key=True).get(pk=brand.pk)
    return ReaderVersion.objects.select_related("brand").get(pk=pk)


def _begin(version: ReaderVersion, at: datetime, by: User | None) -> None:
    version.taken_up_at, version.taken_up_by = at, by
    version.retired_at = version.retired_by = None
    version.why = ""
    version.save(update_fields=["taken_up_at", "taken_up_by", "retired_at", "retired_by", "why"])


def _retire(version: ReaderVersion, at: datetime, by: User | None, why: str) -> None:
    version.retired_at, version.retired_by, version.why = at, by, why
    version.save(update_fields=["retired_at", "retired_by", "why"])

"""The time zone in which a brand's pages are shown."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hearout.people.models import Brand


def zone_of(brand: Brand) -> ZoneInfo:
    """The brand's zone; UTC where it names none that exists."""
    try:
        return ZoneInfo(brand.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")

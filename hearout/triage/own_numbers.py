"""The masks of the brands' own order and booking numbers, as their admins wrote them."""

from __future__ import annotations

from hearout.triage.models import ReadingSettings
from hearout.understanding.own_numbers import OwnNumbers, own_numbers


def masks_in(lines: str) -> list[str]:
    """The masks in a text of one a line, each once."""
    return list(dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip()))


def numbers_of(brand_id: int) -> OwnNumbers | None:
    """What finds the numbers of a brand; None where it has named none. One query."""
    told = ReadingSettings.objects.filter(brand=brand_id).values_list("own_numbers", flat=True).first()
    return own_numbers(masks_in(told or ""))


def masks_of_all() -> list[str]:
    """The masks of all brands together."""
    told = ReadingSettings.objects.exclude(own_numbers="").order_by("brand")
    return masks_in("\n".join(told.values_list("own_numbers", flat=True)))

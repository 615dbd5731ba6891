"""Public holidays by country, as dates for a calendar.

The data changes with laws and proclamations: keep what an admin confirmed, and let them override it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date


def holidays_for(country: str, years: Iterable[int], subdivision: str | None = None) -> frozenset[date]:
    """The public holidays of a country (ISO 3166 code, "DE") or a part of it ("BY") in those years.

    Raises ValueError for a country or a part of one that the `holidays` package does not know.
    """
    # Here, not above: importing the package takes longer than all of a command line's other work.
    import holidays

    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=list(years))
    except (NotImplementedError, AttributeError) as error:
        place = country if subdivision is None else f"{subdivision} in {country}"
        raise ValueError(f"no public holidays are known for {place!r}") from error
    return frozenset(found)

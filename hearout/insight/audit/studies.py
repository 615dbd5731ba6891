"""The studies' tables with your figures beside the published ones.

A table is {"title", "columns", "rows"}; a row has a label and two lists of cells, published and yours, one
a column. `cells` says what a cell is.
"""

from __future__ import annotations

from collections.abc import Callable

from hearout.insight.audit import published
from hearout.insight.audit.brands_76 import brands_76
from hearout.insight.audit.cells import (
    Cell,
    Json,
    empty,
    line,
    mean,
    mean_of,
    mean_time,
    of_share,
    plain,
    rate_of,
    share,
)
from hearout.insight.audit.findings import LEAST, Findings
from hearout.insight.audit.published import HOUR, Source
from hearout.insight.audit.retailers import NETWORKS, retailers


def studies(findings: Findings) -> list[Json]:
    """The document's `studies`, in the order in which a reader meets them."""
    tables: list[tuple[Source, Callable[[Findings], list[Json]]]] = [
        (published.RETAILERS, retailers),
        (published.BRANDS_76, brands_76),
        (published.LEAGUE, _league),
        (published.EXPECTATIONS, _expectations),
        (published.HANDLES, _handles),
        (published.EPTICA, _us_retailers),
        (published.DEVOTED, _devoted),
        (published.PROGRAMME, _programme),
    ]
    return [
        {
            "id": source.id,
            "title": source.title,
            "source": source.source,
            "year": source.year,
            "about": source.about,
            "note": source.note,
            "tables": make(findings),
        }
        for source, make in tables
    ]


def _league(findings: Findings) -> list[Json]:
    rows = [
        line(name, [plain(time, "seconds"), plain(rate, "share")], [None, None])
        for name, rate, time in published.LEAGUE_BRANDS
    ]
    rows += [
        line(brand["brand"], [None, None], [mean_of(brand), rate_of(brand)])
        for brand in findings.brands[:20]
        if brand["openings"]
    ]
    return [{"title": "Time and rate", "columns": ["Average response time", "Share answered"], "rows": rows}]


def _expectations(findings: Findings) -> list[Json]:
    rows = [
        line(
            f"Within {limit // 60} minutes",
            [plain(value, "share")],
            [of_share(findings.whole["answered_within"][str(limit)])],
        )
        for limit, value in published.EXPECTED_WITHIN.items()
    ]
    return [{"title": "Expected, and got", "columns": ["Share"], "rows": rows}]


def _handles(findings: Findings) -> list[Json]:
    brands = findings.counted
    rates = [brand["response_rate"]["value"] for brand in brands]
    times = [brand["first_response_seconds"]["mean"] for brand in brands if brand["answered"]]
    fast = sum(time < 8 * HOUR for time in times)
    few = f"No brand of this audit has {LEAST} openings."

    def yours(value: float | None, unit: str) -> Cell:
        return empty(unit, few) if value is None else plain(value, unit, len(brands))

    rows = [
        line("Share answered, average of handles", [plain(0.42, "share", 30)], [yours(mean(rates), "share")]),
        line("Share answered, the best", [plain(0.75, "share", 30)], [yours(max(rates, default=None), "share")]),
        line("Handles that answer more than 60 %", [plain(5, "count", 30)],
            [yours(sum(rate > 0.6 for rate in rates) if rates else None, "count")]),
        line("Average response time", [plain(5.1 * HOUR, "seconds", 30)], [yours(mean(times), "seconds")]),
        line("The fastest handle's", [plain(0.7 * HOUR, "seconds", 30)], [yours(min(times, default=None), "seconds")]),
        line("Handles under 8 hours on average (2015)", [plain(0.63, "share")],
            [share(fast, len(times)) if times else empty("share", few)]),
        *(line(f"{name} (2012)", [plain(time, "seconds")], [None]) for name, time in published.NAMED_HANDLES),
    ]  # fmt: skip
    return [{"title": "Share answered and average time", "columns": ["Figure"], "rows": rows}]


def _us_retailers(findings: Findings) -> list[Json]:
    yours: list[Cell] = []
    for network, name in NETWORKS.items():
        rows = [row for row in findings.crossed if row["network"] == network]
        yours.append(mean_time(rows) if rows else empty("seconds", f"No openings on {name} in this audit."))
    said = [plain(published.US_RETAILERS[network], "seconds") for network in NETWORKS]
    rows = [line("Average time to an answer", said, yours)]
    return [{"title": "Average time", "columns": list(NETWORKS.values()), "rows": rows}]


def _devoted(findings: Findings) -> list[Json]:
    asked = findings.whole["by"]["tone"].get("question")
    why = "No openings read as questions." if findings.tone else "Texts were not read (--no-tone)."
    yours = of_share(asked["response_rate"]) if asked else empty("share", why)
    rows = [line("Questions answered; to be devoted, at least", [plain(0.65, "share")], [yours])]
    return [{"title": "Questions answered", "columns": ["Share"], "rows": rows}]


def _programme(findings: Findings) -> list[Json]:
    years = empty("share", "An audit sees one period; compare the audits of two years.")
    crm = empty("share", "Posts do not tell; it takes the customer's record.")
    rows = [
        line("First-contact resolution", [plain(0.056, "share"), None], [years]),
        line("Revenue per contact", [plain(0.067, "share"), None], [crm]),
        line("Customer retention", [plain(0.075, "share"), plain(0.029, "share")], [crm]),
    ]
    rows = [{**one, "yours": [one["yours"][0], None]} for one in rows]
    return [{"title": "Change within a year", "columns": ["With a programme", "Without"], "rows": rows}]

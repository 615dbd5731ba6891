"""What an audit says in the terminal: the grade first, then brands, then what to beware of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hearout.cli.metric import in_words

Json = dict[str, Any]

SHOWN = 15
"""Brands; the report and the files have all."""


REASONS = 3
NAME = 60
"""Characters of a brand's name that are shown."""

NO_BRAND_TOLD = "No brand is known either. Name brands and their handles with --brands brands.toml."
NO_BRAND_AT_ALL = "No brand is known either. Make one in the desk, or choose an archive with --of."


def summary(document: Json, console: Console) -> None:
    """Prints the summary. Brand names are hostile: they are escaped, and control characters are shown as such."""
    whole, archive = document["all"], document["archive"]
    name = document["made"]["name"]
    console.print(f"\n[bold]{_safe(name)}[/]  {_extent(archive)}\n", highlight=False)
    if not whole["openings"]:
        console.print(
            "There is no opening in it: no post by a customer that begins a contact with a known brand."
        )
        if not document["brands"]:
            console.print(NO_BRAND_AT_ALL if document["made"]["engine"].startswith("live") else NO_BRAND_TOLD)
    else:
        console.print(_verdict(whole), highlight=False)
        console.print()
        console.print(_key_figures(whole))
        console.print()
        console.print(_brands(document["brands"]))
        if (more := len(document["brands"]) - SHOWN) > 0:
            console.print(f"... and {more:,} more brands: --html, --csv or --json has them.", highlight=False)
    _beware(document, console)


def _verdict(whole: Json) -> str:
    rate, first = whole["response_rate"], whole["first_response_seconds"]
    half = in_words(first["median"], "seconds")
    openings = "1 opening was" if rate["n"] == 1 else f"{rate['n']:,} openings were"
    answered = f"{in_words(rate['value'], 'share')} of {openings} answered"
    told = f"{answered}, half of those within {half}." if first["n"] else f"{answered}."
    return f"Grade [bold]{whole['grade']}[/] ({whole['expectation_score']:.2f}): {told}"


def _key_figures(whole: Json) -> Table:
    table = Table("", "value", "interval, 95 %", box=None, padding=(0, 2, 0, 0))
    first, around = whole["first_response_seconds"], whole["intervals"]
    for limit, words in (("1800", "answered in 30 min"), ("3600", "in 60 min"), ("86400", "in a day")):
        one = whole["answered_within"][limit]
        table.add_row(words, in_words(one["value"], "share"), _interval(one, "share"))
    for name in ("median", "p90", "mean"):
        table.add_row(
            f"first response, {name}", in_words(first[name], "seconds"), _interval(around[name], "seconds")
        )
    table.add_row(
        "typical wait of everybody",
        in_words(whole["typical_wait_seconds"], "seconds"),
        _interval(around["typical_wait_seconds"], "seconds"),
    )
    return table


def _brands(brands: list[Json]) -> Table:
    table = Table("brand", box=None, padding=(0, 2, 0, 0))
    for name in ("openings", "answered", "median", "in 60 min", "score", "grade"):
        table.add_column(name, justify="right")
    for brand in brands[:SHOWN]:
        score = brand["expectation_score"]
        table.add_row(
            _safe(brand["brand"][:NAME]),
            f"{brand['openings']:,}",
            in_words(brand["response_rate"]["value"], "share"),
            in_words(brand["first_response_seconds"]["median"], "seconds"),
            in_words(brand["answered_within"]["3600"]["value"], "share"),
            "unknown" if score is None else f"{score:.2f}",
            brand["grade"] or "",
        )
    return table


def _beware(document: Json, console: Console) -> None:
    archive = document["archive"]
    left_out: dict[str, int] = {
        "rows rejected": archive["rejected"],
        "duplicates": archive["duplicates"],
        **document["exclusions"],
        **archive["faults"],
    }
    console.print(f"\nLeft out or ignored: {_counted(left_out) or 'nothing'}.", highlight=False)
    for reason, count in list(document["rejections"].items())[:REASONS]:
        console.print(f"  rejected: {_safe(reason)} ({count:,})", highlight=False)
    if not document["made"]["tone"]:
        console.print("Texts were not read, so figures that rest on tone are missing.", highlight=False)
    for text, count in document["warnings"].items():
        console.print(f"[yellow]![/] {_safe(text.rstrip('.'))} ({count:,})", highlight=False)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{_safe(reason.replace('_', ' '))} {count:,}" for reason, count in counts.items() if count
    )


def _extent(archive: Json) -> str:
    if not archive["posts"]:
        return "no posts"
    return f"{archive['posts']:,} posts from {archive['first'][:10]} to {archive['last'][:10]}"


def _interval(one: Json, unit: str) -> str:
    if one["low"] is None and one["high"] is None:
        return ""
    return f"{in_words(one['low'], unit)} to {in_words(one['high'], unit)}"


def _safe(text: str) -> str:
    """No markup, and nothing that moves the cursor or turns the line around."""
    return escape("".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text))

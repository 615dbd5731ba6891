"""What moves the figure: one first response under many definitions, on one logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hearout.desk.audit.words import Json, Value, count, number, value_of

WIDTH = 240


@dataclass(frozen=True)
class Moved:
    """One definition. The three places are on a shared logarithmic scale, 0 to 240, or empty."""

    title: str
    definition: str
    used_by: str
    openings: str
    rate: Value
    n: str
    median: Value
    p90: Value
    mean: Value
    change: str
    at_median: str
    at_p90: str
    at_mean: str
    ours: bool


def moved(document: Json) -> list[Moved]:
    """The document's moves, the first of which is ours and the measure of the others."""
    moves: Sequence[Json] = document.get("moves") or []
    known = [
        found for move in moves for name in ("median", "p90", "mean") if (found := number(move.get(name)))
    ]
    low, high = min(known, default=1.0) * 0.8, max(known, default=2.0) * 1.25

    def place(value: Value) -> str:
        if not value.number:
            return ""
        return f"{(math.log(value.number) - math.log(low)) / (math.log(high) - math.log(low)) * WIDTH:.1f}"

    rows = []
    for one, move in enumerate(moves):
        median, p90, mean = (value_of(move.get(name), "seconds") for name in ("median", "p90", "mean"))
        rows.append(
            Moved(
                title=str(move.get("title") or ""),
                definition=str(move.get("definition") or ""),
                used_by=str(move.get("used_by") or ""),
                openings=count(move.get("openings")),
                rate=value_of(move.get("response_rate"), "share"),
                n=count(move.get("n")),
                median=median,
                p90=p90,
                mean=mean,
                ours=one == 0,
                change=_change(number(moves[0].get("median")), median.number) if one else "",
                at_median=place(median),
                at_p90=place(p90),
                at_mean=place(mean),
            )  # fmt: skip
        )
    return rows


def _change(ours: float | None, theirs: float | None) -> str:
    """How far the median moves: `−67 %`, `3.1 times`, `the same`."""
    if not ours or theirs is None:
        return ""
    ratio = theirs / ours
    if abs(ratio - 1) < 0.005:
        return "the same"
    if ratio >= 2:
        return f"{ratio:,.1f} times"
    return f"{'+' if ratio > 1 else '−'}{abs(ratio - 1) * 100:.0f}\u00a0%"  # noqa: RUF001  a minus

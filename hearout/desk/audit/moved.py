"""What moves the figure: one first response under many definitions, on one logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hearout.desk.audit.words import Json, Value, count, number, plain, value_of

WIDTH = 240


@dataclass(frozen=True)
class Moved:
    """One definition. `places`: where median, 90th percentile and mean stand on a logarithmic scale that all
    share, 0 to 240, or empty."""

    title: str
    definition: str
    used_by: str
    openings: str
    rate: Value
    median: Value
    p90: Value
    mean: Value
    change: str
    places: tuple[str, str, str]
    ours: bool


def moved(document: Json) -> list[Moved]:
    """The document's moves, the first of which is ours and the measure of the others."""
    moves: Sequence[Json] = document.get("moves") or []
    known = [
        found for move in moves for name in ("median", "p90", "mean") if (found := number(move.get(name)))
    ]
    place = _scale(min(known, default=1.0) * 0.8, max(known, default=2.0) * 1.25)
    ours = number(moves[0].get("median")) if moves else None
    return [_moved(move, ours if at else None, place, at == 0) for at, move in enumerate(moves)]


def _moved(move: Json, ours: float | None, place: Callable[[Value], str], is_ours: bool) -> Moved:
    median, p90, mean = (value_of(move.get(name), "seconds") for name in ("median", "p90", "mean"))
    return Moved(
        title=plain(move.get("title")),
        definition=plain(move.get("definition")),
        used_by=plain(move.get("used_by")),
        openings=count(move.get("openings")),
        rate=value_of(move.get("response_rate"), "share"),
        median=median,
        p90=p90,
        mean=mean,
        change=_change(ours, median.number),
        places=(place(median), place(p90), place(mean)),
        ours=is_ours,
    )


def _scale(low: float, high: float) -> Callable[[Value], str]:
    def place(value: Value) -> str:
        if value.number is None:
            return ""
        share = math.log(max(value.number, low) / low) / math.log(high / low)
        return f"{share * WIDTH:.1f}"

    return place


def _change(ours: float | None, theirs: float | None) -> str:
    """How far the median moves: `−67 %`, `3.1 times`, `the same`."""
    if not ours or theirs is None:
        return ""
    ratio = theirs / ours
    if abs(ratio - 1) < 0.005:
        return "the same"
    if ratio >= 2:
        return f"{ratio:,.1f} times"
    return f"{'+' if ratio > 1 else '−'}{abs(ratio - 1) * 100:.0f}\u00a0%"

"""The cells of the studies' tables, and where your figures for them come from.

A cell is None, or value, unit (share, seconds, count), n, low, high, and why when it is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hearout.insight.engine import Row
from hearout.insight.results import centre_of, waits_of
from hearout.lib.wait_statistics import wilson

Json = dict[str, Any]
Cell = dict[str, Any] | None


def line(label: str, said: Sequence[Cell], yours: Sequence[Cell]) -> Json:
    return {"label": label, "published": list(said), "yours": list(yours)}


def plain(value: float | None, unit: str, n: int | None = None) -> Cell:
    """A value as it is; None for none."""
    if value is None:
        return None
    return {"value": value, "unit": unit, "n": n, "low": None, "high": None, "why": ""}


def empty(unit: str, why: str) -> Cell:
    return {"value": None, "unit": unit, "n": None, "low": None, "high": None, "why": why}


def share(k: int, n: int) -> Cell:
    if not n:
        return empty("share", "Nothing to take a share of in this audit.")
    low, high = wilson(k, n)
    return {"value": k / n, "unit": "share", "n": n, "low": low, "high": high, "why": ""}


def mean_time(rows: Sequence[Row]) -> Cell:
    """The mean of the answered, as the studies took it."""
    answered = waits_of(rows).answered
    if not answered:
        return empty("seconds", "None of them was answered.")
    value, intervals = centre_of(answered)
    low, high = intervals["mean"]
    return {
        "value": value["mean"],
        "unit": "seconds",
        "n": len(answered),
        "low": low,
        "high": high,
        "why": "",
    }


def mean_of(figures: Json) -> Cell:
    value, around = figures["first_response_seconds"]["mean"], figures["intervals"]["mean"]
    if value is None:
        return empty("seconds", "Nobody was answered.")
    return {"value": value, "unit": "seconds", **_around(around)}


def rate_of(figures: Json) -> Cell:
    return of_share(figures["response_rate"])


def of_share(one: Mapping[str, Any]) -> Cell:
    if one["value"] is None:
        return empty("share", "No openings.")
    return {"value": one["value"], "unit": "share", **_around(one)}


def of_figure(figures: Json, name: str, value: float | None) -> Cell:
    if value is None:
        return empty("share", "Nobody was answered.")
    return {"value": value, "unit": "share", **_around(figures["intervals"][name])}


def _around(one: Mapping[str, Any]) -> Json:
    return {"n": one["n"], "low": one["low"], "high": one["high"], "why": ""}


def share_answered(rows: Sequence[Row]) -> Cell:
    openings = sum(row["n"] for row in rows)
    return share(sum(row["n"] for row in rows if row["answered"]), openings)


def mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None

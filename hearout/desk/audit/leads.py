"""The first sentence of a section, from its own figures."""

from __future__ import annotations

from collections.abc import Sequence

from hearout.desk.audit.findings import ENOUGH
from hearout.desk.audit.moved import Moved
from hearout.desk.audit.told import Told
from hearout.desk.audit.words import plural
from hearout.desk.overview.words import percent

NIGHT = frozenset(map(str, (22, 23, 0, 1, 2, 3, 4, 5)))
WEEKEND = frozenset(("Saturday", "Sunday"))


def of_brands(rows: Sequence[Told]) -> str:
    """The best and the last of the brands that have openings enough to be told apart."""
    graded = sorted((row for row in rows if row.openings >= ENOUGH and row.score.known), key=_score)
    if len(graded) < 2:
        return "Each brand by its own openings."
    best, last = graded[-1], graded[0]
    text = (
        f"Of the {plural(len(graded), 'brand')} with {ENOUGH} openings or more, \u2068{best.name}\u2069 does best "
        f"(score {best.score.text}, grade {best.grade}) and \u2068{last.name}\u2069 comes last "
        f"({last.score.text}, {last.grade})."
    )
    return text if best.score.apart_from(last.score) else f"{text} Their intervals overlap: it may be chance."


def _score(row: Told) -> float:
    return row.score.number or 0.0


def of_times(hours: Sequence[Told], weekdays: Sequence[Told]) -> str:
    """How many ask when an office is closed."""
    told = [
        f"{percent(part)} of openings began {when}"
        for rows, keys, when in (
            (hours, NIGHT, "between 22:00 and 06:00"),
            (weekdays, WEEKEND, "on a Saturday or Sunday"),
        )
        for part in [_part(rows, keys)]
        if part is not None
    ]
    return f"{', and '.join(told)}. Hours are those of the opening, in UTC." if told else ""


def _part(rows: Sequence[Told], keys: frozenset[str]) -> float | None:
    whole = sum(row.openings for row in rows)
    return sum(row.openings for row in rows if row.key in keys) / whole if whole else None


def of_moves(moves: Sequence[Moved]) -> str:
    """How far apart the definitions lie."""
    known = sorted((move for move in moves if move.median.known), key=lambda move: move.median.number or 0)
    same = "The same posts, the same answers; only the definition of “first response” changes."
    if len(known) < 2:
        return same
    return f"{same} The median goes from {known[0].median.text} to {known[-1].median.text}."

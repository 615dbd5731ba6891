"""What an audit found, in sentences. A difference is told only where the intervals do not touch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hearout.desk.audit.told import Told, parts, times, told
from hearout.desk.audit.words import Json, count, plain, plural, wait
from hearout.insight.metrics.expectation import grade

FEW, ENOUGH = 50, 20
"""Openings below which the whole is told with a warning, and a part of it gets no sentence of its own."""
MEANING = {
    "A": "meets what customers expect",
    "B": "mostly meets what customers expect",
    "C": "meets what customers expect for some",
    "D": "falls short of what customers expect",
    "F": "fails what customers expect",
}


@dataclass(frozen=True)
class Finding:
    """`title`: the finding in a few words. `text`: its evidence."""

    title: str
    text: str


def sentence(whole: Told, who: str) -> str:
    """How the brand does, in one sentence."""
    if not whole.openings:
        return (
            "There is nothing to grade: no opening that addresses a known brand was found. "
            "The pages on data and methods say what was read."
        )
    text = f"{who} answered {whole.rate.text} of {plural(whole.openings, 'opening')}"
    if whole.median.known:
        text += f"; half of the answered had waited {whole.median.text} or less"
    if whole.hour.known:
        text += f", and {whole.hour.text} of all openings had an answer within the hour"
    return text + "."


def findings(document: Json, most: int = 5) -> list[Finding]:
    """The most telling things first."""
    whole = told(document.get("all") or {})
    if not whole.openings:
        return []
    found = [*_few(whole), *_collected(whole), *_by_kind(document), *_by_hour(document), *_brands(document),
             *_waiting(whole), *_skew(whole), *_moves(document)]  # fmt: skip
    return found[:most]


def grades(whole: Told) -> str:
    """The grades that the interval of the score reaches over: `F to B`, or nothing when it is one."""
    if whole.score.low is None or whole.score.high is None:
        return ""
    low, high = grade(whole.score.low), grade(whole.score.high)
    return "" if low == high else f"{low} to {high}"


def _few(whole: Told) -> Iterator[Finding]:
    if whole.openings < FEW:
        reach = f" Its interval reaches from {whole.score.interval}." if whole.score.interval else ""
        yield Finding(
            "Too few openings to judge by",
            f"The grade rests on {plural(whole.openings, 'opening')}; one more or less moves it.{reach} "
            "Take a longer period.",
        )


def _collected(whole: Told) -> Iterator[Finding]:
    if whole.openings >= ENOUGH and whole.answered == whole.openings:
        yield Finding(
            "Nobody was left without an answer, which may be how the posts were collected",
            f"All {count(whole.openings)} openings have an answer. Archives are often collected around answers; "
            "then the response rate tells of the collection and only the times tell of the brand.",
        )


PAIRS = (
    ("tone", "complaint", "praise", "Complaints come before praise", "Praise is answered sooner than complaints",
     "complaints", "praise"),
    ("handle_role", "care", "main", "The care handle does better than the main handle",
     "The main handle does better than the care handle", "openings at a care handle", "those at a main handle"),
    ("directness", "direct", "indirect", "Who leaves out the @ is heard less", "Posts without the @ are answered more",
     "openings that name the handle", "those that only name the brand"),
)  # fmt: skip
"""Dimension, two of its parts, what to say when the first or the second is answered more, and their names."""


def _by_kind(document: Json) -> Iterator[Finding]:
    """Answered within the hour, one kind of opening against another, where the intervals do not touch."""
    for dimension, first, second, if_more, if_less, these, those in PAIRS:
        found = {row.key: row for row in parts(document["all"], dimension) if row.openings >= ENOUGH}
        one, other = found.get(first), found.get(second)
        if one and other and one.hour.apart_from(other.hour):
            yield Finding(
                if_more if (one.hour.number or 0) > (other.hour.number or 0) else if_less,
                f"Of {these}, {one.hour.text} had an answer within the hour ({one.hour.interval}); "
                f"of {those}, {other.hour.text} ({other.hour.interval}).",
            )


def _by_hour(document: Json) -> Iterator[Finding]:
    hours = [row for row in times(document["all"], "hour") if row.openings >= ENOUGH and row.hour.known]
    if len(hours) < 2:
        return
    hours.sort(key=lambda row: row.hour.number or 0)
    worst, best = hours[0], hours[-1]
    if best.hour.apart_from(worst.hour):
        yield Finding(
            f"The clock matters: {best.name} is the best hour to ask, {worst.name} the worst (UTC)",
            f"Within the hour answered: {best.hour.text} of openings that began after {best.name}, "
            f"{worst.hour.text} of those after {worst.name}. One best and one worst of "
            f"{len(hours)} hours: expect the gap to shrink in other weeks.",
        )


def _brands(document: Json) -> Iterator[Finding]:
    grades = [row.get("grade") for row in document.get("brands") or () if row.get("grade")]
    if len(grades) > 1:
        good, failing = sum(grade in ("A", "B") for grade in grades), grades.count("F")
        yield Finding(
            f"{good} of {plural(len(grades), 'brand')} {'gets' if good == 1 else 'get'} an A or a B, {failing} fail",
            "Grades are of the brand’s own openings; small brands have wide intervals, given in the table of brands.",
        )


def _waiting(whole: Told) -> Iterator[Finding]:
    if (
        whole.typical.known
        and whole.median.known
        and (whole.typical.number or 0) > 1.25 * (whole.median.number or 0)
    ):
        yield Finding(
            "The median of the answered flatters",
            f"Half of the answered waited {whole.median.text} or less. Counting also those who never got an answer, "
            f"the typical wait is {whole.typical.text}.",
        )
    elif not whole.typical.known and whole.answered < whole.openings:
        yield Finding(
            "More than half still wait",
            "So many openings have no answer that everybody’s typical wait cannot be told: it is longer than "
            "this archive lasts.",
        )


def _skew(whole: Told) -> Iterator[Finding]:
    mean, median = whole.mean.number, whole.median.number
    if mean and median and mean > 5 * median:
        yield Finding(
            "A few very late answers carry the mean",
            f"The mean wait of the answered is {whole.mean.text}, {mean / median:,.0f} times the median of "
            f"{whole.median.text}. One answer in ten took longer than {whole.p90.text}.",
        )


def _moves(document: Json) -> Iterator[Finding]:
    moves = [(move.get("median"), plain(move.get("title"))) for move in document.get("moves") or ()]
    known = sorted((median, title) for median, title in moves if median is not None)
    if len(known) > 1 and known[-1][0] > 1.2 * known[0][0]:
        yield Finding(
            "Definitions alone move the figure",
            f"The same posts give a median first response from {wait(known[0][0])} ({known[0][1]}) to "
            f"{wait(known[-1][0])} ({known[-1][1]}).",
        )

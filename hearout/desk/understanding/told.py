"""The report and the versions as the page's template shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.safestring import mark_safe

from hearout.desk.overview.words import Told, percent
from hearout.insight.charts import Chart
from hearout.insight.reliability import Reliability, reliability_chart
from hearout.triage.learning.report import LabelReport, Report, Share, Week
from hearout.triage.learnt import ReaderVersion

LABELS = {
    "kind": "Kind",
    "needs_answer": "Wants an answer",
    "sentiment": "Sentiment",
    "emotion": "Emotion",
    "urgency": "Urgency",
    "language": "Language",
}
KINDS = ("complaint", "question", "request", "praise", "other")
SPARK = (100.0, 24.0)
"""Width and height of a small line, in the units of its picture."""
LEAST_FOR_CHART = 5


@dataclass(frozen=True)
class ClassRow:
    name: str
    precision: Told
    read: int
    recall: Told
    true: int


@dataclass(frozen=True)
class LabelRow:
    """`error`: expected calibration error in words, "" without any confidence."""

    slug: str
    name: str
    n: int
    right: Told
    sure: Told
    unsure: Told
    of_unsure: int
    error: str
    classes: list[ClassRow]


@dataclass(frozen=True)
class CorrectedRow:
    name: str
    read_as: str
    corrected_to: str
    n: int


@dataclass(frozen=True)
class Line:
    """One figure week by week: the last value, the least and the most, and points of a small line."""

    name: str
    last: str
    least: str
    most: str
    points: str
    tone: str = ""


@dataclass(frozen=True)
class WeekRow:
    week: Week
    shares: list[str]
    confidence: str
    unsure: str
    right: str


@dataclass(frozen=True)
class Lesson:
    """How one label fared when a version was made."""

    name: str
    told: str
    good: bool


@dataclass(frozen=True)
class VersionRow:
    version: ReaderVersion
    lessons: list[Lesson]
    may_take_up: bool


@dataclass(frozen=True)
class Page:
    report: Report
    labels: list[LabelRow]
    readers: list[tuple[str, Told, int]]
    charts: list[Chart]
    lines: list[Line]
    weeks: list[WeekRow]
    corrected: list[CorrectedRow]

    @property
    def empty(self) -> bool:
        return not self.report.checked and not self.corrected


def page_of(report: Report) -> Page:
    return Page(
        report=report,
        labels=[_label(one) for one in report.labels if one.right.n],
        readers=[(one.name, share(one.right), one.right.n) for one in report.readers],
        charts=[chart for one in report.labels for chart in _chart(one)],
        lines=_lines(report.weeks) if len(report.weeks) > 1 else [],
        weeks=[_week(one) for one in reversed(report.weeks)],
        corrected=[
            CorrectedRow(LABELS[c.label], named(c.label, c.read_as), named(c.label, c.corrected_to), c.n)
            for c in report.corrected
            if c.label in LABELS
        ],
    )


def share(one: Share) -> Told:
    if one.share is None:
        return Told("share", "–")
    interval = f"{percent(one.low)} to {percent(one.high)}"
    return Told("share", percent(one.share), interval, one.share, one.low, one.high)


def named(label: str, value: str) -> str:
    """A class as a person says it."""
    if label == "needs_answer":
        return {"yes": "Wanted", "no": "Not wanted"}.get(value, value)
    return value if label == "language" else value.capitalize()


def _label(one: LabelReport) -> LabelRow:
    return LabelRow(
        slug=one.label,
        name=LABELS[one.label],
        n=one.right.n,
        right=share(one.right),
        sure=share(one.sure),
        unsure=share(one.unsure),
        of_unsure=one.unsure.n,
        error=f"{one.error:.3f}" if one.error is not None else "",
        classes=[
            ClassRow(named(one.label, c.name), share(c.precision), c.precision.n, share(c.recall), c.recall.n)
            for c in one.classes
        ],
    )


def _chart(one: LabelReport) -> list[Chart]:
    points = [
        Reliability(
            b.confidence, b.right.share or 0.0, b.right.low, b.right.high, b.right.n,
            f"{b.low * 100:.0f} to {b.high * 100:.0f} %",
        )
        for b in one.bins
    ]  # fmt: skip
    if sum(point.n for point in points) < LEAST_FOR_CHART:
        return []
    chart = reliability_chart(points, LABELS[one.label])
    # `insight/reliability.py` builds it of drawing elements and plain text alone
    return [replace(chart, svg=mark_safe(chart.svg))]  # noqa: S308


def _lines(weeks: Sequence[Week]) -> list[Line]:
    kinds = [
        _line(name.capitalize(), [one.kinds.get(name, 0) / one.posts for one in weeks], name)
        for name in KINDS
    ]
    more = [
        _line("Unsure", [one.unsure.share for one in weeks]),
        _line("Confidence", [one.confidence for one in weeks]),
        _line("Kind was right", [one.right.share for one in weeks]),
    ]
    return [line for line in kinds + more if line]


def _line(name: str, values: Sequence[float | None], tone: str = "") -> Line | None:
    """Between the least and the most of it; a week that is not known is passed over."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if not known or not any(value for _, value in known):
        return None
    least, most = min(value for _, value in known), max(value for _, value in known)
    wide, high = SPARK
    room = (most - least) or 1.0

    def at(place: int, value: float) -> tuple[str, str]:
        across = wide * place / max(1, len(values) - 1)
        return f"{across:.1f}", f"{high - 2 - (high - 4) * (value - least) / room:.1f}"

    points = [at(place, value) for place, value in known]
    drawn = " ".join(",".join(point) for point in points)
    return Line(name, percent(known[-1][1]), percent(least), percent(most), drawn, tone)


def _week(one: Week) -> WeekRow:
    return WeekRow(
        week=one,
        shares=[percent(one.kinds.get(name, 0) / one.posts) for name in KINDS],
        confidence="–" if one.confidence is None else percent(one.confidence),
        unsure=share(one.unsure).text,
        right=f"{one.right.k} of {one.right.n}" if one.right.n else "–",
    )


def versions(found: Sequence[ReaderVersion], base: str) -> list[VersionRow]:
    """`base`: the shipped reader that reads now; what was learnt on another one waits for a lesson of its own."""
    return [
        VersionRow(
            one,
            [
                _lesson(label, facts)
                for label, facts in (one.facts.get("labels") or {}).items()
                if facts.get("before")
            ],
            not one.reads and not one.why_not and bool(one.arrays) and one.base == base,
        )
        for one in found
    ]


def _lesson(label: str, facts: dict[str, object]) -> Lesson:
    before, after = facts.get("before"), facts.get("after")
    told = ""
    if isinstance(before, dict) and isinstance(after, dict):
        words = facts.get("words")
        told = (
            f"right on {before['right']} of {before['n']} before, on {after['right']} after; log loss "
            f"{before['log_loss']:.3f} to {after['log_loss']:.3f}, macro F1 {before['macro_f1']:.2f} to "
            f"{after['macro_f1']:.2f}; {words} word{'s' if words != 1 else ''} learnt from "
            f"{facts.get('corrected')} corrected posts"
        )
    why_not = str(facts.get("why_not") or "")
    return Lesson(
        LABELS.get(label, label), f"{told}. Not taken up: {why_not}" if why_not else told, not why_not
    )

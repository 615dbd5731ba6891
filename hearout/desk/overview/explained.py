"""Why this number: a figure with all that is needed to believe it."""

from __future__ import annotations

from dataclasses import dataclass

from hearout.desk.overview.words import METRICS, Told, told
from hearout.insight.dimensions import described
from hearout.insight.figures import EXCLUSIONS, Figure


@dataclass(frozen=True)
class Group:
    name: str
    n: int
    values: list[Told]


@dataclass(frozen=True)
class Explained:
    """`paragraphs`: the definition, the first one the sentence. `exclusions`: count and what was left out."""

    figure: Figure
    title: str
    paragraphs: list[str]
    values: list[Told]
    numerator: list[tuple[str, int]]
    denominator: list[tuple[str, int]]
    exclusions: list[tuple[int, str]]
    groups: list[Group]
    dimensions: list[tuple[str, str]]
    by: str
    days: str
    wanting: bool


def explained(figure: Figure, by: str, days: str, wanting: bool, *, private: bool) -> Explained:
    """`private`: whether single people may be told apart."""
    values = [told(figure, name, unit) for name, unit in figure.units.items()]
    return Explained(
        figure=figure,
        title=METRICS.get(figure.metric, figure.metric.replace("-", " ").capitalize()),
        paragraphs=[" ".join(part.split()) for part in figure.definition.split("\n\n")],
        values=values,
        numerator=_named(figure.numerator),
        denominator=_named(figure.denominator),
        exclusions=[(figure.exclusions.get(name, 0), meaning) for name, meaning in EXCLUSIONS.items()],
        groups=[
            Group(
                " · ".join(str(value) for value in (part.group or {}).values()),
                sum(part.denominator.values()) or part.n,
                [told(part, name, unit) for name, unit in figure.units.items()],
            )
            for part in figure.by
        ],
        dimensions=[(name, meaning) for name, meaning in described().items() if private or name != "agent"],
        by=by,
        days=days,
        wanting=wanting,
    )


def _named(numbers: dict[str, int]) -> list[tuple[str, int]]:
    return [(name.replace("_", " "), count) for name, count in numbers.items()]

"""The score of the Numenta Anomaly Benchmark (NAB), written from its definition, to measure the detector by.

Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark", 2015
(arXiv:1510.03336), and the benchmark's published rules: the first detection in a labelled window earns
s(y) = 2 / (1 + exp(5 y)) - 1 with y from -1 at the window's left edge to 0 at its right, over s(-1) so that the
earliest earns 1; a window without any costs 1; each detection elsewhere costs 0.11 times the same curve to the
right of the last window (fully from three widths on, and before the first window). That is the profile
"standard". The first 15 % of a series, of at most 5,000 lines, do not count. One threshold serves all series.
The score is normalised as 100 (s + n) / (2 n) with n windows: 0 for detecting nothing, 100 for perfection.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from hearout.insight.trends.series_file import Point, points

FALSE_ALARM, MISSED = 0.11, 1.0
PROBATION, PROBATION_OF = 0.15, 5000
NO_WINDOW = -1
NOTHING = math.inf
"""The threshold at which nothing is detected."""


@dataclass(frozen=True)
class Labelled:
    """A series with its windows, each the places of its first and last line."""

    name: str
    points: tuple[Point, ...]
    windows: tuple[tuple[int, int], ...]

    @cached_property
    def worth(self) -> list[tuple[int, int, float]]:
        """Of each line that counts: its place, its window (or NO_WINDOW), and what a detection there earns."""
        first = int(min(PROBATION * len(self.points), PROBATION * PROBATION_OF))
        return [(at, *self._worth(at)) for at in range(first, len(self.points))]

    def _worth(self, at: int) -> tuple[int, float]:
        past = 3.0
        for number, (start, end) in enumerate(self.windows):
            if start <= at <= end:
                place = -(end - at + 1) / (end - start + 1)
                return number, curve(place) / curve(-1.0)
            if end < at:
                past = (at - end) / (end - start)
        return NO_WINDOW, FALSE_ALARM * curve(past)


@dataclass(frozen=True)
class Figure:
    """`score` of 100 at `threshold`; `found` of `windows`, with `false` detections."""

    score: float
    threshold: float
    windows: int
    found: int
    false: int


def curve(y: float) -> float:
    """What a detection is worth at this place relative to a window, from 0.987 (its left edge) to -1."""
    return -1.0 if y >= 3 else 2 / (1 + math.exp(5 * y)) - 1


def read_nab(folder: Path) -> list[Labelled]:
    """The series in NAB's folder that are there (`data/*/*.csv`, `labels/combined_windows.json`)."""
    windows = json.loads((folder / "labels" / "combined_windows.json").read_text())
    found = []
    for name, spans in sorted(windows.items()):
        file = folder / "data" / name
        if not file.is_file():
            continue
        with file.open(encoding="utf-8", newline="") as lines:
            series = tuple(points(lines))
        place = {point.at: at for at, point in enumerate(series)}
        inside = tuple((place[_at(start)], place[_at(end)]) for start, end in spans)
        found.append(Labelled(Path(name).stem, series, inside))
    return found


def best(series: Sequence[Labelled], scores: Mapping[str, Sequence[float]]) -> Figure:
    """At the one threshold over all series that scores highest: NAB's way. `scores` by series, one a line."""
    lines = sorted(
        (
            (scores[one.name][at], one.name, window, worth)
            for one in series
            for at, window, worth in one.worth
        ),
        key=lambda line: -line[0],
    )
    total = high = -MISSED * sum(len(one.windows) for one in series)
    threshold = NOTHING
    earned: dict[tuple[str, int], float] = {}
    for at, (score, name, window, worth) in enumerate(lines):
        if window == NO_WINDOW:
            total += worth
        elif worth > (before := earned.get((name, window), -MISSED)):
            total += worth - before
            earned[name, window] = worth
        last = at + 1 == len(lines) or lines[at + 1][0] != score
        if last and total > high:
            high, threshold = total, score
    return scored(series, scores, threshold)


def scored(series: Sequence[Labelled], scores: Mapping[str, Sequence[float]], threshold: float) -> Figure:
    """At this threshold: detections are the lines that score as much or more."""
    total, found, false = 0.0, 0, 0
    for one in series:
        earned = [-MISSED] * len(one.windows)
        for at, window, worth in one.worth:
            if scores[one.name][at] < threshold:
                continue
            if window == NO_WINDOW:
                total, false = total + worth, false + 1
            else:
                earned[window] = max(earned[window], worth)
        total += sum(earned)
        found += sum(value > -MISSED for value in earned)
    windows = sum(len(one.windows) for one in series)
    return Figure(100 * (total + windows) / (2 * windows), threshold, windows, found, false)


def left_out(series: Sequence[Labelled], scores: Mapping[str, Sequence[float]]) -> list[tuple[str, Figure]]:
    """Each series at the threshold that is best for the others."""
    found = []
    for one in series:
        others = [other for other in series if other is not one]
        found.append((one.name, scored([one], scores, best(others, scores).threshold)))
    return found


def together(figures: Sequence[Figure]) -> float:
    """The score over several series, each by its own figure: the mean by windows."""
    return sum(one.score * one.windows for one in figures) / sum(one.windows for one in figures)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""What all benches share: how runs are summed up and printed, goals, and the machine they ran on."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

QUICK = "--quick" in sys.argv
"""Seconds instead of minutes: shows that a bench runs, and gives figures that are worth little."""


def percentile(values: Sequence[float], share: float) -> float:
    """With linear interpolation, as `numpy.percentile`. `share` from 0 to 1."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def print_machine() -> None:
    """The machine, and how busy it was: without it a figure says nothing."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    print(
        f"{now}: {cores} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load before {load}{', --quick' if QUICK else ''}"
    )


def print_head(size: str, unit: str, spread: str = "smallest and largest") -> None:
    print(f"{size:>8} {'what':36} {'n':>5} {'median ' + unit:>14} {spread:>22} {'ratio':>7}")


def print_line(
    size: object, what: str, values: Sequence[float], reference: Sequence[float] = (), digits: int = 0
) -> None:
    """One row: n, median and spread of the values, and the ratio of their median to the reference's."""
    middle = statistics.median(values)
    spread = f"{min(values):,.{digits}f} to {max(values):,.{digits}f}"
    ratio = f"{middle / statistics.median(reference):.3f}" if reference else ""
    shown = f"{size:,}" if isinstance(size, int) else str(size)
    print(
        f"{shown:>8} {what:36} {len(values):>5} {middle:>14,.{digits}f} {spread:>22} {ratio:>7}", flush=True
    )


def print_goal(goal: str, measured: str, met: bool) -> None:
    """A goal that is not met is said, not hidden; it is no error of the program either."""
    print(f"goal {'met    ' if met else 'NOT MET'}  {goal}: {measured}", flush=True)

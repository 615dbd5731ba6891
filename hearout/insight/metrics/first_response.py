"""How long customers wait for the first response.

Response time = network time of the first response minus network time of the opening, in whole seconds.
The first response is the earliest post by a handle of the addressed brand in the opening's reply tree;
automatic acknowledgements do not count, and a brand post dated earlier than the opening is a fault of
the data.

median, p90, mean: of the answered alone; percentiles are linear between neighbours (as numpy's).

everybody_median: the time by which half of all openings were answered, those still waiting included
(E. L. Kaplan and P. Meier, 1958; they count as waiting until the archive's last post, or now). It is
unknown while more than half wait. The two differ when many are never answered, so both are shown.

within_30_minutes, within_60_minutes: of all openings.

Intervals, 95 %: median and p90 from order statistics, whatever the distribution; mean by Student's t, cut at 0;
everybody_median by Brookmeyer and Crowley (1982, log-log); shares by Wilson.
"""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from hearout.insight.facts import Facts
from hearout.insight.results import Result, Row, Waits, centre_of, waits_by, waits_of
from hearout.lib.wait_statistics import median_wait, median_wait_interval, waiting_curve, wilson

UNITS = {
    "median": "seconds",
    "p90": "seconds",
    "mean": "seconds",
    "everybody_median": "seconds",
    "within_30_minutes": "share",
    "within_60_minutes": "share",
}


def measure(facts: Facts, by: Sequence[str]) -> Table:
    return waits_by(facts.openings, by)


def result(rows: Sequence[Row]) -> Result:
    return of_waits(waits_of(rows))


def of_waits(waits: Waits) -> Result:
    value, intervals = centre_of(waits.answered)
    curve = waiting_curve(waits.answered, waits.unanswered)
    value["everybody_median"] = median_wait(curve)
    intervals["everybody_median"] = median_wait_interval(curve)
    for minutes in (30, 60):
        within, name = waits.within(minutes * 60), f"within_{minutes}_minutes"
        value[name] = within / waits.openings if waits.openings else None
        intervals[name] = wilson(within, waits.openings)
    numerator, denominator = {"answered": len(waits.answered)}, {"openings": waits.openings}
    return Result(len(waits.answered), numerator, denominator, value, intervals)

"""What moves the figure: first response by the definitions that other products use, on the same openings.

Each is a small change to the openings, or to when their clock starts or stops; all else is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr.types import IntegerValue, Table

from hearout.insight.engine import Row
from hearout.insight.facts import Facts, seconds_between, whole_second
from hearout.insight.figures import metric
from hearout.insight.results import waits_by

WEEK = 7 * 86_400
OPENS, CLOSES = 9 * 3600, 17 * 3600
"""Business hours: Monday to Friday, in seconds after midnight, UTC."""

MONDAY = 3
"""The epoch, 1 January 1970, was a Thursday: this many days after a Monday."""


@dataclass(frozen=True)
class Move:
    """`change` gives the openings as the definition sees them: answered, seconds, waited."""

    key: str
    title: str
    definition: str
    used_by: str
    change: Callable[[Table], Table]


def measures(facts: Facts) -> list[Table]:
    """One expression a move, for the engine. `facts` are those of `figures.with_flags`."""
    return [waits_by(move.change(facts.openings), ()) for move in MOVES]


def results(found: Sequence[Sequence[Row]]) -> list[dict[str, Any]]:
    """The document's `moves` from the rows of `measures`; the first is ours."""
    return [_row(move, rows) for move, rows in zip(MOVES, found, strict=True)]


def _row(move: Move, rows: Sequence[Row]) -> dict[str, Any]:
    first = metric("first-response").result(rows)
    openings, answered = first.denominator["openings"], first.numerator["answered"]
    return {
        "key": move.key,
        "title": move.title,
        "definition": move.definition,
        "used_by": move.used_by,
        "openings": openings,
        "answered": answered,
        "response_rate": answered / openings if openings else None,
        "n": first.n,
        **{name: first.value[name] for name in ("median", "p90", "mean")},
    }


def _ours(openings: Table) -> Table:
    return openings


def _answered_only(openings: Table) -> Table:
    return openings.filter(openings.answered)


def _business_hours(openings: Table) -> Table:
    opened = whole_second(openings.opened_at)
    openings = openings.mutate(opened_second=opened, answered_second=opened + openings.seconds)
    at_work = business_seconds(openings.answered_second) - business_seconds(openings.opened_second)
    return openings.mutate(seconds=ibis.ifelse(openings.answered, at_work, ibis.null("int64")))


def business_seconds(second: IntegerValue) -> IntegerValue:
    """Seconds of business hours up to a second since 1970, from the Monday before; differences are staffed time.

    As `lib.calendar` would count them in UTC, but for an engine to compute.
    """
    second = second + MONDAY * 86_400
    of_day, of_week = second % 86_400, second % WEEK
    week, day = (second - of_week) / WEEK, (of_week - of_day) / 86_400
    today = ibis.ifelse(day < 5, ibis.least(ibis.greatest(of_day - OPENS, 0), CLOSES - OPENS), 0)
    days = week.cast("int64") * 5 + ibis.least(day.cast("int64"), 5)
    return days * (CLOSES - OPENS) + today


def _last_of_burst(openings: Table) -> Table:
    start = openings.last_before.fill_null(openings.opened_at)
    return openings.mutate(seconds=seconds_between(start, openings.first_at))


def _automatic_too(openings: Table) -> Table:
    seconds = seconds_between(openings.opened_at, openings.any_at)
    return openings.mutate(answered=openings.any_at.notnull(), seconds=seconds)


def _with_question_mark(openings: Table) -> Table:
    return openings.filter(openings.asks)


def _dropped_after_a_week(openings: Table) -> Table:
    return openings.filter(ibis.ifelse(openings.answered, openings.seconds, openings.waited) <= WEEK)


MOVES = (
    Move(
        "ours",
        "Hearout's definition",
        "All openings, the unanswered among them. From the opening to the brand's first post below it, around the "
        "clock; automatic acknowledgements do not count.",
        "this report",
        _ours,
    ),
    Move(
        "answered_only",
        "Mean of answered only",
        "Only openings that were answered exist; read the mean. The more are never answered, the better it looks.",
        "Chatwoot, Frappe Helpdesk",
        _answered_only,
    ),
    Move(
        "business_hours",
        "Business hours only",
        "The clock runs from Monday to Friday, 09:00 to 17:00 UTC; question and answer both outside make a wait of 0.",
        "Sprout, Keeping, SmarterTrack, as an option",
        _business_hours,
    ),
    Move(
        "last_of_burst",
        "From the last post of a burst",
        "The clock starts anew with each further post of the customer, so it counts from the last one before the "
        "answer. Customers who insist make the brand look faster.",
        "Simla",
        _last_of_burst,
    ),
    Move(
        "automatic",
        "Automatic replies counted",
        "An automatic acknowledgement is an answer.",
        "products that do not tell them apart",
        _automatic_too,
    ),
    Move(
        "question_mark",
        "Only posts with a question mark",
        "Openings without a question mark do not exist: most complaints and all praise are dropped.",
        "quintly; Socialbakers counted questions",
        _with_question_mark,
    ),
    Move(
        "week",
        "Unanswered dropped after 7 days",
        "Openings without an answer within 7 days do not exist.",
        "quintly",
        _dropped_after_a_week,
    ),
)  # fmt: skip

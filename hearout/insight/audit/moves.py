"""What moves the figure: first response by the definitions that other products use, on the same openings.

Each is a small change to the openings, or to when their clock starts or stops; all else is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr.types import IntegerValue, Table, TimestampValue

from hearout.insight.engine import Row
from hearout.insight.facts import Facts, answers_to, same, seconds_between
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
    change: Callable[[Facts], Table]


def measures(facts: Facts) -> list[Table]:
    """One expression a move, for the engine."""
    return [waits_by(move.change(facts), ()) for move in MOVES]


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


def _ours(facts: Facts) -> Table:
    return facts.openings


def _answered_only(facts: Facts) -> Table:
    return facts.openings.filter(facts.openings.answered)


def _business_hours(facts: Facts) -> Table:
    openings = facts.openings
    at_work = business_seconds(openings.first_at) - business_seconds(openings.opened_at)
    return openings.mutate(seconds=ibis.ifelse(openings.answered, at_work, ibis.null("int64")))


def business_seconds(at: TimestampValue) -> IntegerValue:
    """Seconds of business hours from the Monday before the epoch until a time; differences are staffed time.

    As `lib.calendar` would count them in UTC, but for an engine to compute.
    """
    second = at.truncate("s").epoch_seconds().cast("int64") + MONDAY * 86_400
    of_day, of_week = second % 86_400, second % WEEK
    week, day = (second - of_week) / WEEK, (of_week - of_day) / 86_400
    today = ibis.ifelse(day < 5, ibis.least(ibis.greatest(of_day - OPENS, 0), CLOSES - OPENS), 0)
    days = week.cast("int64") * 5 + ibis.least(day.cast("int64"), 5)
    return days * (CLOSES - OPENS) + today


def _last_of_burst(facts: Facts) -> Table:
    openings, posts = facts.openings, facts.tables.posts
    tops = openings.filter(openings.answered).select(
        "first_at", "opened_at", opening_id=ibis._.id, opener_id=ibis._.author_id
    )
    said = posts.filter(posts.root_id != posts.id, posts.handle_id.isnull())
    said = said.select("root_id", writer_id=ibis._.author_id, said_at=ibis._.posted_at)
    said = said.join(tops, said.root_id == tops.opening_id)
    said = said.filter(
        said.writer_id == said.opener_id, said.said_at <= said.first_at, said.said_at >= said.opened_at
    )
    last = said.group_by(last_of=said.opening_id).aggregate(last_at=said.said_at.max())
    openings = openings.left_join(last, openings.id == last.last_of).drop("last_of")
    start = openings.last_at.fill_null(openings.opened_at)
    return openings.mutate(seconds=seconds_between(start, openings.first_at))


def _automatic_too(facts: Facts) -> Table:
    asked = facts.openings.select("id", "opened_at", asked_id=facts.openings.brand_id)
    answers = answers_to(asked, facts.tables.posts, facts.tables)
    answers = answers.join(asked.select("asked_id", opening_id=asked.id), "opening_id")
    answers = answers.filter(same(answers.brand_id, answers.asked_id), answers.posted_at >= answers.opened_at)
    first = answers.group_by(first_of=answers.opening_id).aggregate(any_at=answers.posted_at.min())
    openings = facts.openings.left_join(first, facts.openings.id == first.first_of).drop("first_of")
    return openings.mutate(
        answered=openings.any_at.notnull(), seconds=seconds_between(openings.opened_at, openings.any_at)
    )


def _with_question_mark(facts: Facts) -> Table:
    posts = facts.tables.posts
    asking = posts.filter(posts.text.re_search("[?？؟]")).select(asking_id=posts.id)
    return facts.openings.semi_join(asking, facts.openings.id == asking.asking_id)


def _dropped_after_a_week(facts: Facts) -> Table:
    openings = facts.openings
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

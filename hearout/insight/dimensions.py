"""By what a figure can be split. Each entry adds the column of its name to the openings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ibis
from ibis.expr.types import Table

from hearout.insight.scope import ScopeError
from hearout.insight.tables import Tables
from hearout.understanding.topics import MOST

TOPIC, MOST_TOPICS = "topic", MOST
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def split(openings: Table, tables: Tables, by: Sequence[str], nth: int = 0) -> Table:
    """The openings with a column for each dimension. Raises ScopeError for one that does not exist.

    An opening may have several topics: split for each `nth` below `times(by)` it has one row in each where it
    has such a topic, and in the first whatever it has, so that no row stands twice beside what hangs on it.
    """
    for name in by:
        if name not in DIMENSIONS:
            raise ScopeError(f"There is no dimension {name!r}. Choose among: {', '.join(DIMENSIONS)}.")
        openings = _topic(openings, tables, nth) if name == TOPIC else DIMENSIONS[name][1](openings, tables)
    return openings


def times(by: Sequence[str]) -> int:
    """How often openings are to be split by these dimensions, for every row of every part."""
    return MOST_TOPICS if TOPIC in by else 1


def order_of(group: dict[str, Any]) -> tuple[Any, ...]:
    """Sorts parts: hours and weekdays as time goes, everything else by name."""
    return tuple(
        WEEKDAYS.index(value) if name == "weekday" else value if name == "hour" else str(value).lower()
        for name, value in group.items()
    )


def described() -> dict[str, str]:
    """What each dimension means, by name."""
    return {name: meaning for name, (meaning, _) in DIMENSIONS.items()}


def _as_it_is(openings: Table, tables: Tables) -> Table:
    return openings


def _directness(openings: Table, tables: Tables) -> Table:
    return openings.mutate(directness=openings.how)


def _place(openings: Table, tables: Tables) -> Table:
    return openings.mutate(place=ibis.ifelse(openings.own_page, "own page", "elsewhere"))


def _handle(openings: Table, tables: Tables) -> Table:
    return openings.mutate(handle=("@" + openings.handle_name).fill_null("none"))


def _role(openings: Table, tables: Tables) -> Table:
    return openings.mutate(role=openings.role.fill_null("none"))


def _hour(openings: Table, tables: Tables) -> Table:
    return openings.mutate(hour=openings.opened_at.hour())


def _weekday(openings: Table, tables: Tables) -> Table:
    number = openings.opened_at.day_of_week.index()
    return openings.mutate(weekday=number.cases(*enumerate(WEEKDAYS), else_="Monday"))


def _wanting(openings: Table, tables: Tables) -> Table:
    return openings.mutate(wanting=ibis.ifelse(openings.wants_answer, "wants an answer", "does not"))


def _team(openings: Table, tables: Tables) -> Table:
    teams = tables.teams.select(t_id=tables.teams.id, team=tables.teams.name)
    openings = openings.left_join(teams, openings.team_id == teams.t_id).drop("t_id")
    return openings.mutate(team=openings.team.fill_null("none"))


def _topic(openings: Table, tables: Tables, nth: int = 0) -> Table:
    read = tables.verdicts.select(
        t_post=tables.verdicts.post_id,
        t_brand=tables.verdicts.brand_id,
        topic=tables.verdicts[f"topic_{nth}"],
    )
    openings = openings.left_join(read, [openings.id == read.t_post, openings.brand_id == read.t_brand])
    openings = openings.drop("t_post", "t_brand")
    if nth:
        return openings.filter(openings.topic.notnull())
    return openings.mutate(topic=openings.topic.fill_null("none"))


def _agent(openings: Table, tables: Tables) -> Table:
    """Through the reply that was seen on the network as the first response."""
    replies = tables.replies.filter(tables.replies.external_id != "", tables.replies.by_id.notnull())
    writers = replies.group_by("handle_id", "external_id").aggregate(by_id=replies.by_id.min())
    people = tables.users.select(u_id=tables.users.id, agent=tables.users.name)
    writers = writers.join(people, writers.by_id == people.u_id).select(
        "agent", r_handle=writers.handle_id, r_post=writers.external_id
    )
    posts = tables.posts.select(p_id=tables.posts.id, p_post=tables.posts.external_id)
    openings = openings.left_join(posts, openings.first_post_id == posts.p_id).drop("p_id")
    openings = openings.left_join(
        writers, [openings.first_handle_id == writers.r_handle, openings.p_post == writers.r_post]
    ).drop("r_handle", "r_post", "p_post")
    return openings.mutate(
        agent=openings.agent.fill_null(ibis.ifelse(openings.answered, "somebody outside the desk", "nobody"))
    )


DIMENSIONS: dict[str, tuple[str, Callable[[Table, Tables], Table]]] = {
    "brand": ("the brand the opening addresses", _as_it_is),
    "tone": (
        "what the opening reads as: question, complaint, praise, other; unread without a verdict",
        _as_it_is,
    ),
    "directness": (
        "how it names the brand: direct, hashtag, indirect; unnamed when only the answer tells",
        _directness,
    ),
    "place": ("on the brand's own page or elsewhere", _place),
    "handle": ("the handle at which it arrived", _handle),
    "role": ("whether that handle is main or care", _role),
    "network": ("the network", _as_it_is),
    "hour": ("the hour of the opening, UTC", _hour),
    "weekday": ("the weekday of the opening, UTC", _weekday),
    "team": ("the team that triage gave it", _team),
    "agent": ("who wrote the first response at the desk", _agent),
    TOPIC: (
        "what the opening is about; one with several topics (three at most) counts once under each, so that the "
        "parts may add up to more than the whole, which counts it once; none without any",
        _topic,
    ),
    "wanting": ("whether the verdict says that it wants an answer", _wanting),
}

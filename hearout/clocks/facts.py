"""The clocks of a case, worked out from its posts and closures alone.

* **First response** starts with the first post that wants an answer and stops with our first answer
  at or after it. **Next response** does the same for each later burst: it starts with the first post
  that wants an answer after we have answered. Automatic acknowledgements answer nothing.
* **Resolution** runs from the opening to the closing, and pauses from an answer of ours until the
  customer's next post, whatever it says.
* A closing without an answer stops a response clock at the closing; such a clock counts as met when
  the closing was in time. (Response rates are counted from posts, not from clocks.)
* Reopening continues what the closing stopped: the time in between is a pause, for every measure.
* A pause holds the staffed clock. The customer's clock never pauses: it is the time that went by.

Times are network times, apart from closings, which are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from hearout.lib.calendar import Calendar, Pause
from hearout.understanding.reading import Kind

FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION = "first_response", "next_response", "resolution"

Said = tuple[datetime, bool, bool, bool]
"""A post: when, ours, automatic, wants an answer."""

Closed = tuple[datetime, datetime | None]
"""Closed when, and reopened when."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A standard as the reckoning needs it: blank text and None conditions match everything."""

    id: int
    measure: str
    target_seconds: int
    warn_share: float
    hours: int
    kind: str = ""
    network: str = ""
    priority: int | None = None
    team: int | None = None
    in_force_at: datetime | None = None
    retired_at: datetime | None = None

    @property
    def rank(self) -> tuple[object, ...]:
        """The most conditions first; among equals by priority, team, kind, then the stricter and the newer."""
        named = (self.priority is not None, self.team is not None, self.kind != "", self.network != "")
        return (-sum(named), *(not one for one in named), self.target_seconds, -self.id)

    def matches(self, case: Matter, at: datetime) -> bool:
        """A promise about questions holds for requests too: to be kept, `_promise` looks for their own."""
        return (
            (not self.kind or self.kind == case.kind or self.kind == case.tone)
            and (not self.network or self.network == case.network)
            and (self.priority is None or self.priority == case.priority)
            and (self.team is None or self.team == case.team)
            and (self.in_force_at is None or self.in_force_at <= at)
            and (self.retired_at is None or at < self.retired_at)
        )


class Matter(NamedTuple):
    """What a case is about, as far as promises ask."""

    opened_at: datetime
    kind: str
    network: str
    priority: int
    team: int | None

    @property
    def tone(self) -> str:
        return Kind.QUESTION if self.kind == Kind.REQUEST else self.kind


class Reckoned(NamedTuple):
    """One clock's facts, as `clocks.models.Clock` keeps them."""

    measure: str
    standard: int
    started_at: datetime
    due_at: datetime | None
    at_risk_at: datetime | None
    paused_at: datetime | None
    stopped_at: datetime | None
    customer_seconds: float | None
    staffed_seconds: float | None


Kept = Mapping[tuple[str, datetime], int]
"""Measure and start of a clock to the standard that it keeps."""


def reckon(
    case: Matter,
    said: Sequence[Said],
    closed: Sequence[Closed],
    promises: Mapping[str, Sequence[Promise]],
    calendars: Mapping[int, Calendar],
    kept: Kept | None = None,
) -> list[Reckoned]:
    """The clocks of a case. `promises`: by measure, in the order of their rank. All times aware.

    A clock takes the first promise that matches and was in force when it started; one that has
    stopped or was announced as broken keeps the standard it had (`kept`). No promise, no clock.
    """
    said = sorted(said, key=_network_time)
    closed = sorted(closed, key=lambda one: one[0])
    gaps: list[Pause] = [(at, reopened) for at, reopened in closed if reopened is not None]
    closed_at = closed[-1][0] if closed and closed[-1][1] is None else None
    clocks = []
    for measure, start, stop, pauses in _runs(case.opened_at, said, gaps, closed_at):
        promise = _promise(promises.get(measure, ()), case, start, (kept or {}).get((measure, start)))
        if promise:
            clocks.append(_clock(promise, calendars[promise.hours], start, stop, pauses))
    return clocks


# In network time; of two posts of one moment the customer's comes first.
_network_time = itemgetter(0, 1)


def _promise(promises: Sequence[Promise], case: Matter, start: datetime, kept: int | None) -> Promise | None:
    if kept is not None:
        for promise in promises:
            if promise.id == kept:
                return promise
    fitting = (promise for promise in promises if promise.matches(case, start))
    first = next(fitting, None)
    if first and first.kind and first.kind != case.kind:
        return next((promise for promise in fitting if promise.kind == case.kind), first)
    return first


def _runs(
    opened_at: datetime, said: Sequence[Said], gaps: Sequence[Pause], closed_at: datetime | None
) -> Iterator[tuple[str, datetime, datetime | None, Sequence[Pause]]]:
    """(measure, start, stop, pauses) of each clock that the facts call for."""
    for measure, start, answered_at in _waits(opened_at, said):
        stop = answered_at or (max(start, closed_at) if closed_at else None)
        yield measure, start, stop, gaps
    silences = [*gaps, *_silences(opened_at, said)]
    yield RESOLUTION, opened_at, max(opened_at, closed_at) if closed_at else None, silences


def _waits(opened_at: datetime, said: Iterable[Said]) -> Iterator[tuple[str, datetime, datetime | None]]:
    """(measure, since, answered at) of each stretch in which a customer waited for us."""
    measure, since = FIRST_RESPONSE, None
    for at, ours, automatic, wants in said:
        if not ours:
            since = at if wants and since is None else since
        elif not automatic and at >= opened_at:
            if since is not None:
                yield measure, since, at
            measure, since = NEXT_RESPONSE, None
    if since is not None:
        yield measure, since, None


def _silences(opened_at: datetime, said: Iterable[Said]) -> Iterator[Pause]:
    """The stretches in which we had answered and the customer had the word."""
    since = None
    for at, ours, automatic, _ in said:
        if not ours:
            if since is not None:
                yield since, at
            since = None
        elif not automatic and at >= opened_at and since is None:
            since = at
    if since is not None:
        yield since, None


def _clock(
    promise: Promise,
    calendar: Calendar,
    start: datetime,
    stop: datetime | None,
    pauses: Sequence[Pause],
) -> Reckoned:
    paused_at = None
    if pauses and stop is None:
        paused_at = next((begin for begin, end in pauses if end is None), None)
    target = promise.target_seconds
    at_risk_at, due_at = calendar.due_times(start, (target * promise.warn_share, target), pauses)
    until = stop or paused_at
    return Reckoned(
        measure=promise.measure,
        standard=promise.id,
        started_at=start,
        due_at=due_at,
        at_risk_at=None if stop else at_risk_at,
        paused_at=paused_at,
        stopped_at=stop,
        customer_seconds=(stop - start).total_seconds() if stop else None,
        staffed_seconds=calendar.staffed_seconds(start, until, pauses) if until else None,
    )

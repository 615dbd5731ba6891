"""What state a clock is in: a function of its facts and the time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """`met` and `missed` are final; the others may change as time passes or the thread grows."""

    RUNNING = "running"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"


class Facts(Protocol):
    """The times of a clock that decide (`clocks.models.Clock` has them)."""

    @property
    def due_at(self) -> datetime | None: ...
    @property
    def at_risk_at(self) -> datetime | None: ...
    @property
    def paused_at(self) -> datetime | None: ...
    @property
    def stopped_at(self) -> datetime | None: ...


def state(clock: Facts, now: datetime) -> State:
    """The state at `now`. A promise is kept up to and including the moment at which it falls due."""
    if clock.stopped_at is not None:
        missed = clock.due_at is not None and clock.stopped_at > clock.due_at
        return State.MISSED if missed else State.MET
    if clock.due_at is not None and clock.due_at < now:
        return State.BREACHED
    if clock.paused_at is not None:
        return State.PAUSED
    if clock.at_risk_at is not None and clock.at_risk_at <= now:
        return State.AT_RISK
    return State.RUNNING

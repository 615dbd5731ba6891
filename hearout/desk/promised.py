"""A clock in words: what was promised, how it stands, and what has passed on both clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hearout.clocks.models import Clock
from hearout.clocks.state import state
from hearout.clocks.times import times_of

WORDS = {
    "running": "Running",
    "at_risk": "At risk",
    "breached": "Overdue",
    "paused": "Paused",
    "met": "Met",
    "missed": "Missed",
}


@dataclass(frozen=True)
class Promise:
    """`state` is one of WORDS. `due_at` None: paused, so nothing is due."""

    clock: Clock
    state: str
    customer: float | None = None
    staffed: float | None = None

    @property
    def word(self) -> str:
        return WORDS[self.state]

    @property
    def runs(self) -> bool:
        return self.state in ("running", "at_risk", "breached")

    @property
    def label(self) -> str:
        return self.clock.get_measure_display()


def promise_of(clock: Clock, now: datetime) -> Promise:
    customer, staffed = times_of(clock, now)
    return Promise(clock, state(clock, now).value, customer, staffed)


def standing_of(clock: Clock, now: datetime) -> Promise:
    """Only how it stands: a list needs no reckoning of what has passed."""
    return Promise(clock, state(clock, now).value)

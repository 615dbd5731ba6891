"""A clock in words: what was promised, how it stands, and what has passed on both clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hearout.clocks.models import Clock
from hearout.clocks.state import state

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
    passed = (now - clock.started_at).total_seconds() if clock.stopped_at is None else None
    customer = clock.customer_seconds if clock.customer_seconds is not None else passed
    return Promise(clock, state(clock, now).value, customer, clock.staffed_seconds)

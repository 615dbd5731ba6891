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
    return Promise(clock, state(clock, now).value)

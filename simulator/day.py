"""Running the customers' life: for a day on request, or for ever from the command line."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

from simulator.life import Life
from simulator.moments import HOUR, iso
from simulator.posts import Account
from simulator.state import State


@dataclass(slots=True)
class Day:
    """What is asked for: `posts` openings in `hours` (None: as many every day, for ever)."""

    brands: list[Account]
    posts: int
    hours: float | None = 24.0
    after: float = 0.0
    """Hours in which nobody new comes but the conversations go on."""
    speed: float = 1.0
    seed: int = 7
    start: int | None = None
    people: int | None = None
    patience: float = 1.0
    staffed: float = 0.0
    backfill: float = 0.0
    backfill_posts: int = 0


class Days:
    """At most one day is lived at a time; a new one ends the old one."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._task: asyncio.Task[None] | None = None
        self._life: Life | None = None
        self._day: Day | None = None
        self._start = 0
        self._end: int | None = None

    async def begin(self, day: Day) -> None:
        await self.stop()
        clock, world = self._state.clock, self._state.world
        world.set_clock(day.start, day.speed, hold=True)
        self._day, self._start = day, clock.now()
        people = day.people or max(40, day.posts * 7 // 10)
        self._life = life = Life(world, day.brands, seed=day.seed, people=people, patience=day.patience)
        if day.backfill:
            self._look_back(life, day)
        life.staffed = day.staffed
        if day.hours is None:
            self._end = None
            life.go_on(self._start, day.posts)
        else:
            self._end = self._start + round((day.hours + day.after) * HOUR)
            life.expect(self._start, day.hours, day.posts)
        # Planning a large day takes seconds of ours, which at this speed would be days.
        clock.set(None, day.speed, hold=True)
        self._task = asyncio.create_task(self._live(life))

    def _look_back(self, life: Life, day: Day) -> None:
        """Live the past at once, with a staff that answered about two in three."""
        begin = self._start - round(day.backfill * HOUR)
        life.staffed = 0.65
        life.expect(begin, day.backfill, day.backfill_posts)
        life.until(self._start)

    async def _live(self, life: Life) -> None:
        await life.run(self._end)
        life.close()
        self._state.world.set_clock(None, 1.0)

    async def wait(self, seconds: float) -> None:
        """Until the day is over, at most so long."""
        if self._task is not None and seconds > 0:
            await asyncio.wait([self._task], timeout=seconds)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            self._state.world.set_clock(None, 1.0)
        if self._life is not None:
            self._life.close()

    def progress(self) -> dict[str, Any]:
        life, clock = self._life, self._state.clock
        return {
            "running": self._task is not None and not self._task.done(),
            "arrived": life.arrived if life else 0,
            "expected": life.expected if life else 0,
            "posts": len(self._state.world.posts),
            "start": iso(self._start) if life else None,
            "end": iso(self._end) if life and self._end is not None else None,
            "now": iso(clock.now()),
            "speed": clock.speed,
            "seed": self._day.seed if self._day else None,
        }

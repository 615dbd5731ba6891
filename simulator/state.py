"""What the network is at a moment, and how faults and deliveries come into its truth log."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.faults import Faults
from simulator.journal import Journal
from simulator.limits import Limits
from simulator.moments import Clock
from simulator.posts import Account, Post
from simulator.truth import told
from simulator.world import World


@dataclass
class Options:
    data: Path | None = None
    idempotency: bool = True
    heartbeat_seconds: float = 15.0
    retry_seconds: float = 1.0
    limit_calls: int = 6000
    limit_seconds: float = 60.0
    brands: list[tuple[str, str, str]] = field(default_factory=list)
    """Handle, name and token of each brand account, the main one first."""


class State:
    """Deliveries and days are given this much of the network, so that they need not know the whole."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.idempotency = options.idempotency
        self.heartbeat_seconds = options.heartbeat_seconds
        self.base_url = ""
        self.clock = Clock()
        self.journal = Journal(options.data)
        self.world = World(self.journal, self.clock)
        self.faults = Faults()
        self.limits = Limits(options.limit_calls, options.limit_seconds)

    def fault(self, kind: str, post: Post | None = None, author: Account | None = None, **more: Any) -> bool:
        """Does this fault strike now? If so it is in the truth log."""
        if not self.faults.hits(kind):
            return False
        self.world.note(told("fault", self.clock.now(), author, post) | {"fault": kind} | more)
        return True

    async def maybe_delay(self, post: Post | None = None, author: Account | None = None) -> None:
        if self.fault("delay", post, author):
            await asyncio.sleep(self.faults.delay_seconds)

    def given_up(self, ids: list[str], to: Account) -> None:
        self.world.note(told("fault", self.clock.now(), fault="given_up", ids=ids, to=to.handle))

    def delivered(self, post: Post, to: Account, by: str) -> None:
        self.world.note(told("delivered", self.clock.now(), post.author, post, to=to.handle, by=by))

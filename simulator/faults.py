"""Faults on demand: shares of calls and deliveries that go wrong, by a seed."""

import random
from typing import Any, TypeVar

from simulator.server import RefusedError

Thing = TypeVar("Thing")

KINDS = (
    "rate_limited",
    "error_after_accept",
    "drop_after_accept",
    "delay",
    "duplicate",
    "shuffle",
    "missing",
    "token_expired",
)

HELD_SECONDS = 0.5
"""How long a shuffled delivery waits to be overtaken."""


class Faults:
    def __init__(self) -> None:
        self.shares: dict[str, float] = dict.fromkeys(KINDS, 0.0)
        self.delay_seconds = 0.2
        self.seed = 7
        self._random = random.Random(self.seed)

    def replace(self, wanted: dict[str, Any]) -> None:
        """Every share not named becomes 0. RefusedError on an unknown name or a share outside 0 to 1."""
        unknown = set(wanted) - {*KINDS, "delay_seconds", "seed"}
        if unknown:
            raise RefusedError(400, "bad_request", f"Unknown faults: {', '.join(sorted(unknown))}.")
        try:
            shares = {kind: float(wanted.get(kind, 0)) for kind in KINDS}
            delay_seconds, seed = float(wanted.get("delay_seconds", 0.2)), int(wanted.get("seed", 7))
        except (TypeError, ValueError) as error:
            raise RefusedError(400, "bad_request", "Shares and delay_seconds are numbers.") from error
        if not all(0 <= share <= 1 for share in shares.values()) or delay_seconds < 0:
            raise RefusedError(
                400, "bad_request", "Shares lie between 0 and 1, delay_seconds is not negative."
            )
        self.shares, self.delay_seconds, self.seed = shares, delay_seconds, seed
        self._random = random.Random(seed)

    def hits(self, kind: str) -> bool:
        share = self.shares[kind]
        return share > 0 and self._random.random() < share

    def shuffled(self, things: list[Thing]) -> list[Thing]:
        """The same things in another order, as far as there is one."""
        mixed = self._random.sample(things, len(things))
        return things[::-1] if mixed == things else mixed

    def as_dict(self) -> dict[str, Any]:
        return self.shares | {"delay_seconds": self.delay_seconds, "seed": self.seed}

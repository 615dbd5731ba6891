"""How often a series surprises us that much by itself: the tail of its surprises, and the pure chance of counts.

The greatest surprise of every three hours is kept for sixty days (block maxima). Above their median they are taken
to fall off exponentially, which for logarithms of counts means a power law: as bursts of posts do. A new series
starts from a prior that a handful of blocks replaces. Two models, and the more doubtful one counts.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

BLOCK_HOURS, BLOCKS = 3.0, 480
PRIOR_EXCESS, PRIOR_BLOCKS = 0.25, 5
"""What five blocks over the usual are taken to have exceeded it by, in logarithms, before anything is known."""
NOTHING = -9.0


@dataclass
class Tail:
    """Surprises of one series. `per_day`: buckets a day. The state is plain numbers (`as_state`)."""

    per_day: float
    maxima: list[float] = field(default_factory=list)
    highest: float = NOTHING
    filled: int = 0
    usual: float = 0.0
    excess: float = PRIOR_EXCESS
    a_week: float = 7 * 24 / BLOCK_HOURS / 2

    def weeks(self, surprise: float) -> float:
        """log10 of the weeks after which such a surprise comes again by itself."""
        return ((surprise - self.usual) / self.excess - math.log(self.a_week)) / math.log(10)

    def learn(self, surprise: float) -> None:
        self.highest = max(self.highest, surprise)
        self.filled += 1
        if self.filled >= max(1.0, self.per_day * BLOCK_HOURS / 24):
            self.maxima = [*self.maxima[1 - BLOCKS :], round(self.highest, 4)]
            self.highest, self.filled = NOTHING, 0
            self._fit()

    def _fit(self) -> None:
        maxima = np.array(self.maxima)
        self.usual = float(np.median(maxima))
        over = maxima[maxima > self.usual] - self.usual
        self.excess = (float(over.sum()) + PRIOR_EXCESS * PRIOR_BLOCKS) / (len(over) + PRIOR_BLOCKS)
        blocks_a_week = 7 * min(self.per_day, 24 / BLOCK_HOURS)
        self.a_week = blocks_a_week * (len(over) + 1) / (len(maxima) + 2)

    def as_state(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Tail:
        return cls(**state)


def weeks_by_chance(count: float, expected: float, buckets_a_week: float) -> float:
    """log10 of the weeks after which independent posts alone would give such a count.

    Chernoff's bound on the Poisson tail, P(X >= k) <= exp(-(k ln(k/m) - k + m)): never says more than is true.
    """
    mean = max(expected, 1e-3)
    if count <= mean:
        return -math.log10(buckets_a_week)
    return (count * math.log(count / mean) - count + mean) / math.log(10) - math.log10(buckets_a_week)

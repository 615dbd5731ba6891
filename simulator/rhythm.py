"""When people write: a Poisson process with quiet nights, a lunch peak and an evening peak."""

import random

from simulator.moments import DAY, HOUR

BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 10, 13, 12, 9, 8, 8, 10, 13, 15, 15, 12, 8, 4)
"""Relative weight of each hour of the day, UTC."""


def arrivals(dice: random.Random, start: int, hours: float, count: int) -> list[int]:
    """`count` moments in order. A Poisson process of which the number of events is known has them independent
    and distributed as its rate, so drawing them so *is* the process, given the count."""
    edges, weights = [], []
    moment, end = start, start + round(hours * HOUR)
    while moment < end:
        edge = min(moment - moment % HOUR + HOUR, end)
        edges.append((moment, edge))
        weights.append(BY_HOUR[moment % DAY // HOUR] * (edge - moment))
        moment = edge
    if not edges:
        return []
    return sorted(dice.randrange(*part) for part in dice.choices(edges, weights, k=count))

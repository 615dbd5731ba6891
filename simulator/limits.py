"""Rate limits: a number of calls per account and window of real time."""

import math
import time
from dataclasses import dataclass

from simulator.server import RefusedError


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


class Limits:
    def __init__(self, calls: int = 6000, seconds: float = 60.0) -> None:
        self.calls, self.seconds = calls, seconds
        self._windows: dict[str, _Window] = {}

    def replace(self, calls: int, seconds: float) -> None:
        if calls < 1 or seconds <= 0:
            raise RefusedError(400, "bad_request", "A limit is at least one call in more than no time.")
        self.calls, self.seconds = calls, seconds
        self._windows.clear()

    def take(self, account_id: str) -> dict[str, str]:
        """Count one call; returns the headers every answer carries. RefusedError (429) at the limit."""
        now = time.time()
        window = self._windows.get(account_id)
        if window is None or window.ends <= now:
            window = self._windows[account_id] = _Window(now + self.seconds)
        left = self.calls - window.used
        headers = self._headers(max(left - 1, 0), window.ends)
        if left <= 0:
            raise too_many(max(1, math.ceil(window.ends - now)), headers)
        window.used += 1
        return headers

    def _headers(self, left: int, ends: float) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.calls),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(math.ceil(ends)),
        }


def too_many(seconds: int, headers: dict[str, str]) -> RefusedError:
    return RefusedError(429, "rate_limited", "Too many calls.", headers | {"Retry-After": str(seconds)})

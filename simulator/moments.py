"""Simulated time: whole milliseconds since 1970, and the clock that may run faster than ours."""

import time
from datetime import UTC, datetime

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock:
    """Simulated time in milliseconds; `speed` simulated seconds pass in one of ours. It never goes back by itself."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Simulated time is real time again."""
        self.speed = 1.0
        self._ceiling: int | None = None
        self._set_at = time.monotonic()
        self._base = time.time() * 1000

    def now(self) -> int:
        now = self._passed()
        return now if self._ceiling is None else min(now, self._ceiling)

    def set(self, now: int | None = None, speed: float = 1.0, hold: bool = False) -> None:
        """Continue from `now` (milliseconds; None is the present of this clock) at `speed`; with `hold`, stand
        still there until the next `hold` or `set`."""
        base = self.now() if now is None else now
        self._base, self._set_at, self.speed = float(base), time.monotonic(), speed
        self._ceiling = base if hold else None

    def hold(self, moment: int) -> None:
        """Stand still at `moment` until told otherwise: time must not pass what has yet to happen then, however
        slow the machine is."""
        self._ceiling = max(moment, self.now())

    def seconds_until(self, moment: int) -> float:
        """Seconds of ours until the simulated `moment`, had nobody held the clock; negative when it has passed."""
        return (moment - self._passed()) / 1000 / self.speed

    def _passed(self) -> int:
        return int(self._base + (time.monotonic() - self._set_at) * 1000 * self.speed)


def iso(moment: int) -> str:
    """`2026-11-21T09:14:03.120Z`."""
    seconds, millis = divmod(moment, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{millis:03d}Z"


def from_iso(text: str) -> int:
    """Milliseconds of an ISO 8601 time; one without a zone is UTC. ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)

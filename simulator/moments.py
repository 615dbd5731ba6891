"""Simulated time: whole milliseconds since 1970, and the clock that may run faster than ours."""

import time
from datetime import UTC, datetime

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock:
    """Simulated time in milliseconds; `speed` simulated seconds pass in one of ours."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Simulated time is real time again."""
        self.speed = 1.0
        self._set_at = time.monotonic()
        self._base = time.time() * 1000

    def now(self) -> int:
        return int(self._base + (time.monotonic() - self._set_at) * 1000 * self.speed)

    def set(self, now: int | None = None, speed: float = 1.0) -> None:
        """Continue from `now` (milliseconds; None is the present of this clock) at `speed`."""
        base = self.now() if now is None else now
        self._base, self._set_at, self.speed = float(base), time.monotonic(), speed

    def seconds_until(self, moment: int) -> float:
        """Seconds of ours until the simulated `moment`; negative when it has passed."""
        return (moment - self.now()) / 1000 / self.speed


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

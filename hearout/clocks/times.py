"""How long a clock has run so far: for the customer, and in staffed time."""

from __future__ import annotations

from datetime import datetime

from hearout.clocks.book import book
from hearout.clocks.models import Clock


def times_of(clock: Clock, now: datetime) -> tuple[float, float]:
    """(customer's seconds, staffed seconds) from the start to the stop, or to `now`.

    The customer's clock never pauses. The staffed one counts open hours without pauses; what a
    running clock has left until it falls due tells how much of its target is used, pauses included.
    """
    end = clock.stopped_at or now
    customer = max(0.0, (end - clock.started_at).total_seconds())
    if clock.staffed_seconds is not None:
        return customer, clock.staffed_seconds
    calendar = book().calendars[clock.standard.hours_id]
    if clock.due_at is None:
        return customer, calendar.staffed_seconds(clock.started_at, now)
    left = calendar.staffed_seconds(now, clock.due_at)
    over = calendar.staffed_seconds(clock.due_at, now)
    return customer, max(0.0, clock.standard.target_seconds - left + over)

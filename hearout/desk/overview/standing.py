"""How things stand this minute: who waits, what is on its way, and whether the parts of Hearout work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection as database
from django.db.models import Count, Min, Q

from hearout.cases.models import Case
from hearout.clocks.models import Clock
from hearout.desk.health import Health, healths
from hearout.desk.queues import AWAKE, OPEN
from hearout.listening import dead_letters
from hearout.listening.models import Handle
from hearout.people.models import Brand
from hearout.replies.brake import brake_of
from hearout.replies.models import Brake, Reply

STAGES = {
    "listening_received": "heard, to be read in",
    "listening_mention": "posts to be understood",
    "triage_verdict": "verdicts to become cases",
}
"""The queues between the stages: a table, and what waits in it."""
SLOW = 60.0
"""Seconds after which a waiting row means that a worker is missing or overwhelmed."""


@dataclass(frozen=True)
class Waiting:
    """Open cases, each counted once a figure."""

    open: int
    waiting: int
    oldest: datetime | None
    unassigned: int
    at_risk: int
    breached: int


@dataclass(frozen=True)
class Sending:
    """Replies by where they are. `parked` and `failed` wait for a person."""

    queued: int
    under_way: int
    to_approve: int
    parked: int
    failed: int


@dataclass(frozen=True)
class BrandBrake:
    brand: Brand
    brake: Brake | None
    may: bool


@dataclass(frozen=True)
class Lag:
    """`seconds`: how long the oldest row has been due."""

    name: str
    waiting: int
    seconds: float

    @property
    def slow(self) -> bool:
        return self.seconds > SLOW


def waiting(brand_ids: Sequence[int], now: datetime) -> Waiting:
    cases = Case.objects.filter(OPEN, brand__in=brand_ids).aggregate(
        open=Count("pk"),
        waiting=Count("pk", filter=AWAKE & Q(waiting_since__isnull=False)),
        oldest=Min("waiting_since", filter=AWAKE),
        unassigned=Count("pk", filter=AWAKE & Q(assignee=None)),
    )
    running = Clock.objects.filter(brand__in=brand_ids, stopped_at=None, case__closure=None)
    clocks = running.filter(due_at__isnull=False).aggregate(
        breached=Count("case", distinct=True, filter=Q(due_at__lt=now)),
        at_risk=Count("case", distinct=True, filter=Q(at_risk_at__lte=now, due_at__gte=now)),
    )
    return Waiting(**cases, **clocks)


def sending(brand_ids: Sequence[int]) -> Sending:
    """Where the replies are that are neither seen nor thrown away."""
    alive = Reply.objects.filter(brand__in=brand_ids, discarded_at=None, seen_at=None)
    stuck = Q(failed_at__isnull=False) | Q(parked_at__isnull=False)
    return Sending(
        **alive.aggregate(
            queued=Count("pk", filter=Q(queued_at__isnull=False, sending_at=None) & ~stuck),
            under_way=Count("pk", filter=Q(sending_at__isnull=False) & ~stuck),
            to_approve=Count("pk", filter=Q(approval_asked_at__isnull=False, queued_at=None)),
            parked=Count("pk", filter=Q(parked_at__isnull=False, failed_at=None)),
            failed=Count("pk", filter=Q(failed_at__isnull=False)),
        )
    )


def brakes(brands: Sequence[Brand], led: set[int]) -> list[BrandBrake]:
    return [BrandBrake(brand, brake_of(brand.pk), brand.pk in led) for brand in brands]


def connections(brand_ids: Sequence[int], now: datetime) -> list[Health]:
    handles = Handle.objects.filter(brand__in=brand_ids).select_related("connection", "brand")
    return healths(handles, now)


def lags() -> list[Lag]:
    """What waits between the stages, over all brands."""
    found = []
    with database.cursor() as cursor:
        for table, name in STAGES.items():
            cursor.execute(
                f"SELECT count(*), coalesce(extract(epoch FROM now() - min(due_at)), 0)::float FROM {table} "  # noqa: S608
                "WHERE due_at <= now()"
            )
            count, seconds = cursor.fetchone()
            found.append(Lag(name, count, max(0.0, seconds)))
    return found


def dead() -> int:
    return sum(dead_letters.count().values())

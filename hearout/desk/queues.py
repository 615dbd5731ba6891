"""The inbox's queues: what lies in each, in which order, and how many (counted up to 99)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Value
from django.utils import timezone

from hearout.cases.models import Case
from hearout.clocks.inbox import at_risk
from hearout.people.models import User

MOST_COUNTED = 99
OPEN = Q(closure__isnull=True)
AWAKE = OPEN & Q(snoozed__isnull=True)


@dataclass(frozen=True)
class Queue:
    """A queue of the inbox. `teaches` is what its empty page says."""

    slug: str
    label: str
    icon: str
    key: str
    holds: Callable[[User], Q]
    empty: str
    teaches: str

    @property
    def by_due(self) -> bool:
        """Whether what is due soonest comes first; elsewhere it is the newest."""
        return self.slug == "at-risk"


_ALL = (
    Queue("mine", "Mine", "mine", "m", lambda user: AWAKE & Q(assignee=user),
          "Nothing on your desk",
          "Cases you claim or are given lie here. Take one from Unassigned: select it and press C."),
    Queue("unassigned", "Unassigned", "unassigned", "u", lambda user: AWAKE & Q(assignee__isnull=True),
          "Everything has an owner",
          "New posts that want an answer arrive here until somebody claims them or they are handed out."),
    Queue("at-risk", "At risk", "at-risk", "r", lambda user: AWAKE,
          "Every promise holds",
          "Cases come here when most of their promised time is used up, and stay until they are answered."),
    Queue("praise", "Praise", "praise", "p", lambda user: AWAKE & Q(kind="praise"),
          "No praise is waiting",
          "Kind words have a queue and a promise of their own: a like or a thank-you takes one key."),
    Queue("snoozed", "Snoozed", "snoozed", "z", lambda user: OPEN & Q(snoozed__isnull=False),
          "Nothing is put aside",
          "Snooze a case with S until a time, or until the customer writes, whichever comes first."),
    Queue("all", "All open", "all", "a", lambda user: OPEN,
          "No open cases",
          "Every case that is not resolved is here, whoever has it."),
    Queue("closed", "Resolved", "closed", "d", lambda user: Q(closure__isnull=False),
          "Nothing resolved yet",
          "Resolved cases rest here. They open again by themselves when the customer writes."),
)  # fmt: skip
QUEUES: dict[str, Queue] = {queue.slug: queue for queue in _ALL}
COUNTED = ("mine", "unassigned", "at-risk", "praise", "snoozed", "all")


def in_queue(
    queue: Queue, user: User, brand_ids: Sequence[int], now: datetime | None = None
) -> QuerySet[Case]:
    """The queue's cases at these brands, which the caller has permitted."""
    cases = Case.objects.filter(queue.holds(user), brand__in=brand_ids)
    return at_risk(cases, now or timezone.now()) if queue.by_due else cases


def counts(user: User, brand_ids: Sequence[int]) -> dict[str, str]:
    """How many cases each queue holds: `12`, or `99+` past 99. One query, whatever the number of cases."""
    if not brand_ids:
        return {}
    parts = [
        in_queue(QUEUES[slug], user, brand_ids)
        .order_by()
        .values_list(Value(slug), flat=True)[: MOST_COUNTED + 1]
        for slug in COUNTED
    ]
    found = Counter(parts[0].union(*parts[1:], all=True))
    return {slug: f"{MOST_COUNTED}+" if n > MOST_COUNTED else str(n) for slug, n in found.items()}

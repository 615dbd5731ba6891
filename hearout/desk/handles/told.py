"""The handles of a brand as its page shows them: by role, what leaked week by week, and who pretends to be them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from hearout.cases.models import Case
from hearout.desk.health import Health, healths
from hearout.desk.overview.words import Told, told
from hearout.insight.leaks import WEEK, LeakWeek
from hearout.insight.metrics import leak_rate
from hearout.listening.models import Handle, Mention
from hearout.people.models import Brand
from hearout.replies.models import Move

MOST_WAITING = 8
WIDE, HIGH = 100, 24
ROLES = (
    (Handle.Role.MAIN, "The brand’s own face. Care that comes here has leaked."),
    (Handle.Role.CARE, "Where help is given."),
    (Handle.Role.WATCHED, "Somebody else’s: heard, and never spoken with."),
)


@dataclass(frozen=True)
class Group:
    role: str
    meaning: str
    healths: list[Health]


@dataclass(frozen=True)
class LeakLine:
    """What came to one main handle: this week, the week before, and over all weeks; `points` of a small line."""

    handle: str
    network: str
    now: int
    before: int
    leaked: int
    share: Told
    points: str


@dataclass(frozen=True)
class WeekRow:
    start: date
    n: int
    leaked: int
    share: Told
    moved: int


@dataclass(frozen=True)
class Leaks:
    lines: list[LeakLine]
    weeks: list[WeekRow]
    leaked: int
    n: int
    share: Told
    moved: int


@dataclass(frozen=True)
class Advice:
    """What stands in the way of moving care: no care handle, or none that is connected."""

    no_care: bool
    unconnected: list[Handle]


def groups_of(brand: Brand, now: datetime) -> list[Group]:
    mine = list(healths(Handle.objects.filter(brand=brand).select_related("connection"), now))
    found = [
        Group(str(role.label), what, [one for one in mine if one.handle.role == role]) for role, what in ROLES
    ]
    return [group for group in found if group.healths]


def advice_of(groups: Sequence[Group]) -> Advice:
    mine = [one for group in groups for one in group.healths]
    care = [one for one in mine if one.handle.role == Handle.Role.CARE]
    return Advice(not care, [one.handle for one in care if one.connection is None])


def leaks_of(brand: Brand, weeks: Sequence[LeakWeek]) -> Leaks:
    moves = Move.objects.filter(brand=brand, undone_at=None, at__gte=weeks[0].start).values_list(
        "at", flat=True
    )
    moved = Counter((at - weeks[0].start) // WEEK for at in moves)
    every = [{"n": week.all.n, "leaked": week.all.numerator["leaked"]} for week in weeks]
    names = sorted({name for week in weeks for name in week.by_handle})
    rows = [
        WeekRow(
            week.start.date(), week.all.n, week.all.numerator["leaked"], told(week.all, "share"), moved[place]
        )
        for place, week in enumerate(weeks)
    ]
    lines = [_line(name, weeks) for name in names]
    whole = leak_rate.result(every)
    return Leaks(
        sorted(lines, key=lambda line: -line.leaked),
        list(reversed(rows)),
        whole.numerator["leaked"],
        whole.n,
        told(whole, "share"),
        sum(moved.values()),
    )


def _line(name: tuple[str, str], weeks: Sequence[LeakWeek]) -> LeakLine:
    counts = [week.by_handle[name].numerator["leaked"] if name in week.by_handle else 0 for week in weeks]
    network, handle = name
    whole = leak_rate.result([{"n": sum(week.all.n for week in weeks), "leaked": sum(counts)}])
    before = counts[-2] if len(counts) > 1 else 0
    return LeakLine(handle, network, counts[-1], before, sum(counts), told(whole, "share"), points_of(counts))


def points_of(counts: Sequence[int]) -> str:
    """A small line from 0 up, left to right."""
    most, steps = max(*counts, 1), max(1, len(counts) - 1)
    return " ".join(
        f"{WIDE * place / steps:.1f},{HIGH - 2 - (HIGH - 4) * count / most:.1f}"
        for place, count in enumerate(counts)
    )


def waiting_at_main(brand: Brand) -> list[Case]:
    """Open cases that wait at a main handle and could be moved, the longest waiting first."""
    connected = {"brand": brand, "role": Handle.Role.CARE, "connection__isnull": False}
    at_main = Mention.objects.filter(post=OuterRef("opening"), brand=brand, handle__role=Handle.Role.MAIN)
    care = Handle.objects.filter(**connected, network=OuterRef("network"))
    moved = Move.objects.filter(case=OuterRef("pk"), undone_at=None)
    waiting = Case.objects.filter(brand=brand, closure=None, answered_at=None, waiting_since__isnull=False)
    waiting = waiting.filter(Exists(at_main), Exists(care), ~Exists(moved), opening__private=False)
    return list(waiting.select_related("opening__author").order_by("waiting_since", "id")[:MOST_WAITING])

"""The nightly lesson: once a day, each brand's reader learns from what people corrected, if it gets no worse by it.

Due as a column, at three in the morning of the brand's own clock. A lesson is bounded (the newest posts, a few
seconds) and runs in a thread of its own, so that nothing waits for it.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection as database
from django.db import transaction
from django.db.models import Max

from hearout.people.models import Brand
from hearout.triage.choosing import reader_of
from hearout.triage.learning.facts import ground_of, newest_fact
from hearout.triage.learning.sampling import draw_weekly
from hearout.triage.learning.versions import held_back, in_use, take_up
from hearout.triage.learnt import Lesson, ReaderVersion
from hearout.triage.models import ReadingSettings, Tier
from hearout.triage.rulebook import Page
from hearout.triage.taught import adaptation_of
from hearout.understanding.adaptation import Adaptation, named
from hearout.understanding.adapting import LEAST_CORRECTED, Learnt, adapt
from hearout.understanding.reading import Reader

log = logging.getLogger(__name__)

HOUR = 3
"""On the brand's clock."""

_DUE = """
SELECT b.id FROM people_brand b LEFT JOIN triage_lesson l ON l.brand_id = b.id
WHERE b.served AND (l.id IS NULL OR l.due_at <= %s) ORDER BY b.id LIMIT %s
"""


def learn_due(limit: int, now: datetime) -> int:
    """Give up to `limit` brands whose night has come their lesson. Returns how many had one.

    A brand seen for the first time has its first lesson in the coming night.
    """
    with database.cursor() as cursor:
        cursor.execute(_DUE, [now, limit])
        due = [row[0] for row in cursor.fetchall()]
    return sum(_lesson(Brand.objects.get(pk=pk), now) for pk in due)


def _lesson(brand: Brand, now: datetime) -> bool:
    with transaction.atomic():
        Lesson.objects.get_or_create(brand=brand, defaults={"due_at": next_night(brand, now)})
        one = Lesson.objects.select_for_update(skip_locked=True).filter(brand=brand, due_at__lte=now).first()
        if one is None:
            return False  # new, or another worker has it
        one.due_at, one.learnt_at, one.fault = next_night(brand, now), now, ""
        try:
            with transaction.atomic():
                draw_weekly(brand, now=now)
                one.told = learn(brand, now=now)[1][:300]
        except Exception as error:
            log.exception("the lesson of %s failed; the next is tonight", brand)
            one.fault = f"{type(error).__name__}: {error}".replace("\0", "")[:500]
        one.save()
    return True


def next_night(brand: Brand, now: datetime) -> datetime:
    """The next time that it is three in the morning at the brand."""
    try:
        zone = ZoneInfo(brand.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    local = now.astimezone(zone)
    night = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if night <= local:
        night = (local + timedelta(days=1)).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return night.astimezone(UTC)


def learn(brand: Brand, *, now: datetime) -> tuple[ReaderVersion | None, str]:
    """Learn from what people said of the brand's posts. Returns the version made, and a sentence on how it went.

    The version is taken up when it is no worse than what reads now on the posts kept out; else it is kept with
    the reason. Without anything new to learn from, or too little, none is made.
    """
    newest, corrected = newest_fact(brand)
    base = base_reader(brand)
    last = ReaderVersion.objects.filter(brand=brand, base=base.name).order_by("-number").first()
    if corrected < LEAST_CORRECTED:
        return (
            None,
            f"{corrected} posts were corrected; {LEAST_CORRECTED} are needed before anything is learnt",
        )
    if last and last.facts.get("newest") == newest:
        return None, f"nobody corrected or checked a post since version {last.number}"
    current = in_use(brand)
    reads_now = _adaptation(current, base)
    number = (ReaderVersion.objects.filter(brand=brand).aggregate(n=Max("number"))["n"] or 0) + 1
    ground = ground_of(brand)
    learnt = adapt(
        base, ground.judged, ground.held_out, others=ground.others, others_held_out=ground.others_held_out,
        name=named(base.name, brand.slug, number), reads_now=reads_now,
    )  # fmt: skip
    tried = [one for one in learnt.lessons.values() if one.before is not None]
    if not tried:
        return None, "of no label were there corrections enough"
    version = _kept(brand, number, base, learnt, newest, now)
    if version.why_not:
        return version, f"version {number} was not taken up: {version.why_not}"
    if held_back(brand):
        return version, f"version {number} waits for an admin, because a version was rolled back"
    return take_up(version, by=None, now=now), f"version {number} reads from now on"


def base_reader(brand: Brand) -> Reader:
    """The shipped reader that reads most of the brand's posts: that of its tier, without what was learnt."""
    settings = ReadingSettings.objects.filter(brand=brand).first()
    rules = settings is not None and settings.tier == Tier.RULES
    return reader_of(brand.pk, Page(tier=Tier.RULES if rules else Tier.FAST))


def _adaptation(version: ReaderVersion | None, base: Reader) -> Adaptation | None:
    """What is in use, where it stands on the same reader: only then can the two be compared."""
    return adaptation_of(version) if version and version.base == base.name else None


def _kept(
    brand: Brand, number: int, base: Reader, learnt: Learnt, newest: int, now: datetime
) -> ReaderVersion:
    tried = [one for one in learnt.lessons.values() if one.before is not None]
    worse = "; ".join(f"{one.label}: {one.why_not}" for one in tried)
    return ReaderVersion.objects.create(
        brand=brand,
        number=number,
        base=base.name,
        made_at=now,
        facts={"newest": newest, "labels": {name: asdict(one) for name, one in learnt.lessons.items()}},
        arrays=learnt.adaptation.to_bytes() if learnt.adaptation else b"",
        why_not="" if learnt.adaptation else worse[:300],
    )

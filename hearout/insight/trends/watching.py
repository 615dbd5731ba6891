"""The stage that watches: counts each brand's posts in buckets of five minutes, and raises the alarm.

A bucket is judged once, soon after its end. The setting, false alarms a week, is that of the brand: half of it goes
to all its posts together, and its tones, topics and queries share the other half, so that the more series there
are, the rarer each must be. The first look goes over what was heard in the last two months.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Max

from hearout.clocks.models import Hours
from hearout.insight.trends.alarms import risen
from hearout.insight.trends.counting import (
    BUCKET,
    SECONDS,
    Key,
    Span,
    count,
    first_posted,
    number_of,
    start_of,
)
from hearout.insight.trends.detector import Detector
from hearout.insight.trends.models import Hour, Series, Watch
from hearout.lib.holiday_dates import holidays_for
from hearout.listening.models import Post
from hearout.people.models import Brand

GRACE = timedelta(minutes=2)
"""For posts on their way: what comes later is counted in no bucket."""
MEMORY = timedelta(days=60)
AT_ONCE = timedelta(days=3)
"""The most that one step judges, so that it stays short."""
SETTLED = timedelta(minutes=5)
"""After so long a new connection has told what was before it."""
LATELY = timedelta(hours=2)
"""Posts that came longer ago have been counted."""
WHOLE: Key = (Series.By.BRAND, "")
SHARE_OF_WHOLE = 0.5


def watch_due(limit: int, now: datetime) -> int:
    """Judge what is over, of up to `limit` brands. Returns for how many there was something to judge."""
    for brand in Brand.objects.filter(served=True, watch=None)[:limit]:
        Watch.objects.get_or_create(brand=brand, defaults={"due_at": now, "next_at": now})
    due = Watch.objects.filter(due_at__lte=now, brand__served=True).order_by("due_at")
    return sum(_watch(pk, now) for pk in due.values_list("pk", flat=True)[:limit])


def again(watch: Watch, now: datetime) -> None:
    """Forget all counts, and count again from the posts, which takes as many steps as it needs. Alarms stay."""
    with transaction.atomic():
        Hour.objects.filter(series__brand=watch.brand_id).delete()
        Series.objects.filter(brand=watch.brand_id).update(state={})
        watch.started_at = watch.judged_until = None
        watch.known_id = watch.next_id = 0
        watch.due_at = watch.next_at = now
        watch.save()


def _watch(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        found = Watch.objects.select_for_update(skip_locked=True, of=("self",)).select_related("brand")
        watch = found.filter(pk=pk, due_at__lte=now).first()
        if watch is None:
            return False  # another worker has it
        until = start_of(number_of(now - GRACE))
        if watch.judged_until is None:
            _begin(watch, until, now)
        since = watch.judged_until or until
        stop = min(until, since + AT_ONCE)
        if watch.judged_until and since < stop:
            _judge(watch, Span(watch.brand_id, since, stop, watch.known_id))
            watch.judged_until = stop
        if stop >= until:
            _forget_known(watch, now)
        watch.due_at = now if stop < until else until + BUCKET + GRACE
        watch.save()
        return since < stop


def _begin(watch: Watch, until: datetime, now: datetime) -> None:
    """With the first post of those that have been heard, but not while a network is still telling its past."""
    first = first_posted(Span(watch.brand_id, until - MEMORY, until, watch.known_id))
    if first and not timedelta(0) <= now - first[1] < SETTLED:
        watch.started_at = watch.judged_until = start_of(number_of(first[0]))


def _forget_known(watch: Watch, now: datetime) -> None:
    if now >= watch.next_at:
        watch.known_id = watch.next_id
        over = Post.objects.filter(pk__gt=watch.known_id, posted_at__lt=watch.judged_until or now)
        watch.next_id = max(watch.next_id, over.aggregate(most=Max("pk"))["most"] or 0)
        watch.next_at = now + LATELY
        Hour.objects.filter(series__brand=watch.brand_id, at__lt=now - MEMORY).delete()


def _judge(watch: Watch, span: Span) -> None:
    counts = count(span)
    clock = _clock_of(watch.brand)
    series = _series(watch, {WHOLE, *counts})
    hours: list[Hour] = []
    for key, one in series.items():
        detector = _detector(watch, one, clock, span.since, setting_of(watch, key, len(series)))
        hours += _step(watch, one, detector, clock, span, counts.get(key, {}))
        one.state = detector.state
    Series.objects.bulk_update(series.values(), ["state"], batch_size=200)
    Hour.objects.bulk_create(
        hours, update_conflicts=True, unique_fields=["series", "at"], update_fields=["counts", "expected"]
    )


def setting_of(watch: Watch, key: Key, series: int) -> float:
    """How many false alarms a week one of so many series may raise."""
    if key == WHOLE:
        return watch.false_alarms * (SHARE_OF_WHOLE if series > 1 else 1)
    return watch.false_alarms * (1 - SHARE_OF_WHOLE) / (series - 1)


def _series(watch: Watch, keys: Iterable[Key]) -> dict[Key, Series]:
    """The brand's series by key; those that are missing are made."""
    mine = Series.objects.filter(brand=watch.brand_id)
    known = {(one.by, one.name) for one in mine}
    missing = [Series(brand=watch.brand, by=by, name=name) for by, name in sorted(set(keys) - known)]
    Series.objects.bulk_create(missing, ignore_conflicts=True)
    return {(one.by, one.name): one for one in mine.order_by("by", "name").all()}


@dataclass(frozen=True)
class _Clock:
    """The brand's own clock and its free days, by which its rhythm goes."""

    zone: ZoneInfo
    country: str

    def at(self, bucket: int) -> tuple[datetime, bool]:
        local = start_of(bucket).astimezone(self.zone)
        return local, local.date() in _free_days(self.country, local.year)


def _clock_of(brand: Brand) -> _Clock:
    countries = Hours.objects.filter(brand=brand).exclude(country="").order_by("pk")
    try:
        zone = ZoneInfo(brand.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    return _Clock(zone, countries.values_list("country", flat=True).first() or "")


@lru_cache(maxsize=256)
def _free_days(country: str, year: int) -> frozenset[date]:
    try:
        return holidays_for(country.upper(), [year]) if country else frozenset()
    except ValueError:
        return frozenset()


def _detector(watch: Watch, one: Series, clock: _Clock, since: datetime, setting: float) -> Detector:
    """As it stood at `since`; a new one first learns that there was nothing before."""
    if one.state:
        return Detector.from_state(one.state, setting)
    detector = Detector(SECONDS, setting)
    for bucket in Span(watch.brand_id, watch.started_at or since, since).buckets:
        detector.step(clock.at(bucket)[0], 0.0)
    return detector


def _step(
    watch: Watch, one: Series, detector: Detector, clock: _Clock, span: Span, counts: Mapping[int, int]
) -> list[Hour]:
    """Judge the buckets of a span. Returns the hours to be kept."""
    rows = {row.at: row for row in Hour.objects.filter(series=one, at=_hour(span.since))}
    whole = (one.by, one.name) == WHOLE
    for bucket in span.buckets:
        number = counts.get(bucket, 0)
        said = detector.step(*_first(clock.at(bucket), float(number)))
        at = start_of(bucket)
        if number or whole or _hour(at) in rows:
            row = rows.setdefault(
                _hour(at), Hour(series=one, at=_hour(at), counts=[0] * 12, expected=[0.0] * 12)
            )
            row.counts[at.minute // 5], row.expected[at.minute // 5] = number, round(said.expected, 3)
        if watch.off_at is None and said.weeks >= detector.wanted and detector.warm:
            risen(one, detector, said, at, Span(span.brand_id, span.since, span.until, watch.known_id))
    return list(rows.values())


def _first(moment: tuple[datetime, bool], value: float) -> tuple[datetime, float, bool]:
    return moment[0], value, moment[1]


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)

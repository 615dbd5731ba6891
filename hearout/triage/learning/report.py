"""How well posts are read at this installation, by what people here say of them.

Precision, recall, agreement and calibration come from posts drawn by chance alone. What agents corrected on
their own was chosen because it was wrong: counted as precision it would say that the reader errs always. It is
told apart, as counts. Every share carries its n and Wilson's 95 % interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Any

from django.db import connection as database

from hearout.lib.wait_statistics import wilson
from hearout.people.models import Brand
from hearout.triage.learning.sampling import monday
from hearout.triage.learnt import SampledPost
from hearout.triage.overruling import CORRECTABLE

WEEKS = 13
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Edges of confidence; the last bin has its upper edge in it."""
EARLIER = 4
"""Weeks before the last that are needed to say that it stands out."""
ENOUGH = 50
"""Posts that a week needs for the same."""

_SAMPLED = """
SELECT DISTINCT ON (c.verdict_id, c.label) c.label, c.read_as, c.corrected_to, c.sure, c.unsure, c.reader,
       (p.posted_at AT TIME ZONE 'UTC')::date
FROM triage_correction c JOIN listening_post p ON p.id = c.post_id
WHERE c.brand_id = %s AND c.sampled AND c.reader <> '' AND c.at >= %s AND c.at <= %s
ORDER BY c.verdict_id, c.label, c.at DESC, c.id DESC
"""
_CORRECTED = """
SELECT label, read_as, corrected_to, count(*) FROM (
    SELECT DISTINCT ON (verdict_id, label) * FROM triage_correction
    WHERE brand_id = %s AND NOT sampled AND reader <> '' AND at >= %s AND at <= %s
    ORDER BY verdict_id, label, at DESC, id DESC
) AS last WHERE read_as <> corrected_to GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
"""
_WEEKS = """
SELECT date_trunc('week', p.posted_at AT TIME ZONE 'UTC')::date AS week, v.kind, count(*),
       sum((v.confidence->>'kind')::float), count(v.confidence->>'kind'),
       count(*) FILTER (WHERE v.unsure OR v.abstained @> '["kind"]')
FROM triage_verdict v JOIN listening_post p ON p.id = v.post_id
WHERE v.brand_id = %s AND p.posted_at >= %s AND p.posted_at <= %s AND v.reader <> ''
  AND p.deleted_at IS NULL AND p.archive_id IS NULL
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Share:
    """`k` of `n`, with Wilson's 95 % interval; `share` is None of nothing."""

    k: int
    n: int
    share: float | None
    low: float
    high: float

    @classmethod
    def of(cls, k: int, n: int) -> Share:
        low, high = wilson(k, n)
        return cls(k, n, k / n if n else None, low, high)


@dataclass(frozen=True, slots=True)
class ClassReport:
    """Precision: of the posts read as this, those that are. Recall: of the posts that are, those read so."""

    name: str
    precision: Share
    recall: Share


@dataclass(frozen=True, slots=True)
class Bin:
    """Labels read with a confidence from `low` to `high`: its mean there, and how many of them were right."""

    low: float
    high: float
    confidence: float
    right: Share


@dataclass(frozen=True, slots=True)
class LabelReport:
    """One label on the posts drawn by chance. `error`: expected calibration error (the mean over labels of how
    far each bin's confidence lies from its share right; Naeini, Cooper and Hauskrecht, 2015), None without any
    confidence. With few posts it is too large rather than too small."""

    label: str
    right: Share
    classes: list[ClassReport]
    sure: Share
    unsure: Share
    bins: list[Bin]
    error: float | None


@dataclass(frozen=True, slots=True)
class ReaderReport:
    """How often the kind was right of the checked posts that one reader, or one version of it, had read."""

    name: str
    right: Share


@dataclass(frozen=True, slots=True)
class Corrected:
    """So many posts were read as one thing and corrected by somebody to another."""

    label: str
    read_as: str
    corrected_to: str
    n: int


@dataclass(frozen=True, slots=True)
class Week:
    """The posts of one week, from a Monday on, UTC. `confidence`: the mean of the kind's; `right`: of the posts
    of that week drawn by chance, those whose kind was right."""

    week: date
    posts: int
    kinds: dict[str, int]
    confidence: float | None
    unsure: Share
    right: Share


@dataclass(frozen=True, slots=True)
class Report:
    """`checked`: posts drawn by chance that a person judged; `skipped`: that nobody could tell; `waiting`: to be
    checked. `stands_out`: what was otherwise in the last whole week than in each week before."""

    brand: str
    since: datetime
    until: datetime
    checked: int
    skipped: int
    waiting: int
    labels: list[LabelReport]
    readers: list[ReaderReport]
    corrected: list[Corrected]
    weeks: list[Week]
    stands_out: list[str]

    def as_json(self) -> dict[str, Any]:
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in _plain(asdict(self)).items()
        }


_Row = tuple[date, str, int, float | None, int, int]
"""Week, kind, posts, sum of the confidences, how many had one, how many were unsure."""


@dataclass(frozen=True, slots=True)
class _Fact:
    label: str
    read_as: str
    truth: str
    sure: float | None
    unsure: bool
    reader: str
    day: date

    @property
    def right(self) -> bool:
        return self.read_as == self.truth


def report_on(brand: Brand, *, now: datetime, weeks: int = WEEKS) -> Report:
    """The last `weeks` whole weeks and the one that runs."""
    first = monday(now) - timedelta(weeks=weeks)
    since = now.replace(
        year=first.year, month=first.month, day=first.day, hour=0, minute=0, second=0, microsecond=0
    )
    with database.cursor() as cursor:
        cursor.execute(_SAMPLED, [brand.pk, since, now])
        facts = [_Fact(*row) for row in cursor.fetchall()]
        cursor.execute(_CORRECTED, [brand.pk, since, now])
        corrected = [Corrected(*row) for row in cursor.fetchall()]
        cursor.execute(_WEEKS, [brand.pk, since, now])
        told = _weeks(cursor.fetchall(), facts)
    drawn = SampledPost.objects.filter(brand=brand)
    seen = drawn.filter(checked_at__gte=since, checked_at__lte=now)
    return Report(
        brand=brand.name,
        since=since,
        until=now,
        checked=seen.filter(skipped=False).count(),
        skipped=seen.filter(skipped=True).count(),
        waiting=drawn.filter(checked_at=None, verdict__post__deleted_at=None).count(),
        labels=[_label(name, [one for one in facts if one.label == name]) for name in CORRECTABLE],
        readers=_readers([one for one in facts if one.label == "kind"]),
        corrected=corrected,
        weeks=told,
        stands_out=_standing_out([one for one in told if one.week < monday(now)]),
    )


def _label(label: str, facts: Sequence[_Fact]) -> LabelReport:
    names = sorted({one.truth for one in facts} | {one.read_as for one in facts})
    sure, unsure = [one for one in facts if not one.unsure], [one for one in facts if one.unsure]
    bins = _bins(facts)
    known = sum(one.right.n for one in bins)
    gap = sum(one.right.n * abs(one.confidence - (one.right.share or 0.0)) for one in bins)
    return LabelReport(
        label, _right(facts), [_class(name, facts) for name in names], _right(sure), _right(unsure), bins,
        round(gap / known, 4) if known else None,
    )  # fmt: skip


def _readers(facts: Sequence[_Fact]) -> list[ReaderReport]:
    names = sorted({one.reader for one in facts})
    return [ReaderReport(name, _right([one for one in facts if one.reader == name])) for name in names]


def _right(facts: Sequence[_Fact]) -> Share:
    return Share.of(sum(one.right for one in facts), len(facts))


def _class(name: str, facts: Sequence[_Fact]) -> ClassReport:
    read, true = [one for one in facts if one.read_as == name], [one for one in facts if one.truth == name]
    return ClassReport(name, _right(read), _right(true))


def _bins(facts: Sequence[_Fact]) -> list[Bin]:
    """Only bins that somebody fell into."""
    found = []
    for low, high in pairwise(BINS):
        here = [
            (one.sure, one.right)
            for one in facts
            if one.sure is not None and low <= one.sure and (one.sure < high or high == BINS[-1])
        ]
        if here:
            mean = round(fmean(sure for sure, _ in here), 4)
            found.append(Bin(low, high, mean, Share.of(sum(right for _, right in here), len(here))))
    return found


def _weeks(rows: Sequence[_Row], facts: Sequence[_Fact]) -> list[Week]:
    found = []
    for day in sorted({row[0] for row in rows}):
        theirs = [row for row in rows if row[0] == day]
        posts, known = sum(row[2] for row in theirs), sum(row[4] for row in theirs)
        drawn = [
            one for one in facts if one.label == "kind" and one.day - timedelta(one.day.weekday()) == day
        ]
        found.append(
            Week(
                week=day,
                posts=posts,
                kinds={row[1]: row[2] for row in theirs},
                confidence=round(sum(row[3] or 0.0 for row in theirs) / known, 4) if known else None,
                unsure=Share.of(sum(row[5] for row in theirs), posts),
                right=_right(drawn),
            )
        )
    return found


def _standing_out(weeks: Sequence[Week]) -> list[str]:
    """What lies outside the range of all earlier weeks; nothing is said of weeks with few posts."""
    large = [one for one in weeks if one.posts >= ENOUGH]
    if len(large) <= EARLIER or large[-1] is not weeks[-1]:
        return []
    kinds = sorted({name for one in large for name in one.kinds})
    said = [
        _outside(f"Read as {kind}", [one.kinds.get(kind, 0) / one.posts for one in large]) for kind in kinds
    ]
    said.append(_outside("Unsure", [one.unsure.share or 0.0 for one in large]))
    said.append(_outside("Mean confidence of the kind", [one.confidence or 0.0 for one in large]))
    return [one for one in said if one]


def _outside(what: str, shares: Sequence[float]) -> str:
    *before, last = shares
    if min(before) <= last <= max(before):
        return ""
    range_ = f"{min(before):.1%} to {max(before):.1%} in the {len(before)} weeks before"
    return f"{what}: {last:.1%} in the last whole week, {range_}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value

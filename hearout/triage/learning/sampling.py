"""Ten posts a week, drawn by chance, for a person to check.

What agents correct was chosen because it was wrong; how often the reader is right can only be told from posts
that were chosen blindly. A week's sample is drawn once the week is over, so that each of its posts had the
same chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from django.db import connection as database
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hearout.people.models import Brand, User
from hearout.triage.learnt import SampledPost
from hearout.triage.models import Verdict
from hearout.triage.overruling import CORRECTABLE, OverruleError, confirm, overrule

SIZE = 10
WEEK = timedelta(days=7)

# A verdict overruled before corrections were kept is left out: nobody knows any more what was read.
# The order is that of a hash of the verdict's number: blind to all that the post says, and the same at each asking.
_DRAW = """
INSERT INTO triage_sampledpost (brand_id, verdict_id, week, drawn_at, skipped)
SELECT v.brand_id, v.id, %(week)s, %(now)s, false FROM triage_verdict v
JOIN listening_post p ON p.id = v.post_id JOIN listening_mention m ON m.id = v.mention_id
WHERE v.brand_id = %(brand)s AND p.posted_at >= %(since)s AND p.posted_at < %(until)s AND v.reader <> ''
  AND m.how <> 'ours' AND p.deleted_at IS NULL AND p.archive_id IS NULL
  AND (v.overruled_at IS NULL OR EXISTS (SELECT FROM triage_correction c WHERE c.verdict_id = v.id))
  AND NOT EXISTS (SELECT FROM triage_sampledpost s WHERE s.verdict_id = v.id)
ORDER BY md5('sampled ' || v.id) LIMIT %(size)s
ON CONFLICT DO NOTHING
"""


def monday(at: datetime) -> date:
    """The first day of the week of a moment, UTC."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def draw(brand: Brand, *, now: datetime, size: int = SIZE) -> int:
    """Draw `size` more posts of the last whole week; of this one while there is none. Returns how many there were."""
    for week in (monday(now) - WEEK, monday(now)):
        since = datetime(week.year, week.month, week.day, tzinfo=UTC)
        wanted: dict[str, int | date] = {"brand": brand.pk, "week": week, "now": now, "size": size}
        with database.cursor() as cursor:
            cursor.execute(_DRAW, {**wanted, "since": since, "until": since + WEEK})
            if drawn := int(cursor.rowcount):
                return drawn
    return 0


def draw_weekly(brand: Brand, *, now: datetime) -> int:
    """The sample of the last whole week, unless it was drawn."""
    week = monday(now) - WEEK
    if SampledPost.objects.filter(brand=brand, week=week).exists():
        return 0
    return draw(brand, now=now)


def to_check(brand: Brand, *, limit: int = SIZE) -> QuerySet[SampledPost]:
    """The posts that wait for a person, the oldest week first. One that was deleted since is not shown."""
    waiting = SampledPost.objects.filter(brand=brand, checked_at=None, verdict__post__deleted_at=None)
    joined = waiting.select_related("brand", "verdict__post__author", "verdict__mention")
    return joined.order_by("week", "pk")[:limit]


@transaction.atomic
def check(sampled: SampledPost, labels: Mapping[str, str], *, revision: int, by: User) -> int:
    """A person looked at the post: each label is confirmed, or corrected when it says otherwise.

    `labels` by name as `triage.overruling.CORRECTABLE`, values as a Correction has them. `revision`: of the
    text that was shown. Returns how many labels were corrected. Raises OverruleError.
    """
    found = _locked(sampled)
    verdict = found.verdict
    if verdict.post.deleted_at or verdict.post.revision != revision:
        raise OverruleError("The post has changed on the network. Look at it again.")
    told = {name: value for name, value in labels.items() if name in CORRECTABLE}
    corrected = {name: value for name, value in told.items() if value != _said(verdict, name)}
    if right := [name for name in told if name not in corrected]:
        confirm(verdict, *right, by=by, sampled=True)
    if corrected:
        needs = corrected.pop("needs_answer", None)
        wanted = None if needs is None else needs == "yes"
        overrule(verdict, by=by, needs_answer=wanted, sampled=True, **corrected)  # type: ignore[arg-type]
    _checked(found, by, skipped=False)
    return len(told) - len(right)


@transaction.atomic
def skip(sampled: SampledPost, *, by: User) -> None:
    """Nobody can tell what the post says: it counts for nothing."""
    _checked(_locked(sampled), by, skipped=True)


def _locked(sampled: SampledPost) -> SampledPost:
    found = (
        SampledPost.objects.select_for_update(of=("self",)).select_related("verdict__post").get(pk=sampled.pk)
    )
    if found.checked_at:
        raise OverruleError("Somebody has checked this post already.")
    return found


def _checked(sampled: SampledPost, by: User, *, skipped: bool) -> None:
    sampled.checked_at, sampled.checked_by, sampled.skipped = timezone.now(), by, skipped
    sampled.save(update_fields=["checked_at", "checked_by", "skipped"])


def _said(verdict: Verdict, label: str) -> str:
    value = getattr(verdict, label)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)

"""What rules and settings would have decided about the last days' posts, without writing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection as database
from django.utils import timezone

from hearout.people.models import Brand
from hearout.triage.deciding import SUBJECTS, Subject, readings, rule_for
from hearout.triage.models import ReadingSettings, Rule, Tier
from hearout.triage.rulebook import Page, Rulebook, compiled_in_order
from hearout.triage.ruling import Ruling
from hearout.triage.taught import learnt_by
from hearout.triage.topics import Topic, finder_of

MOST = 20_000
BATCH = 500
EXAMPLES = 5

Outcome = tuple[bool, int, int | None, str]
"""Needs an answer, priority, team id, why set aside."""


@dataclass(frozen=True, slots=True)
class Example:
    """A post on which the rules would decide otherwise than the verdict that stands."""

    post_id: int
    text: str
    before: Outcome
    after: Outcome
    because: str


@dataclass(slots=True)
class DryRun:
    """`looked_at` mentions of the last days (`cut`: there were more than the newest 20,000).

    `changes` counts those with another outcome, by what differs: `answered`, `set_aside`,
    `priority`, `team`. One mention may count under several. `waited_for`: the authors with at least one
    post that wants an answer, as it was and as it would be; each of them has or would have a case.
    """

    looked_at: int = 0
    changed: int = 0
    cut: bool = False
    needs_answer_before: int = 0
    needs_answer_after: int = 0
    unsure_before: int = 0
    unsure_after: int = 0
    waited_for_before: set[int] = field(default_factory=set)
    waited_for_after: set[int] = field(default_factory=set)
    changes: dict[str, int] = field(default_factory=dict)
    decided_by: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    @property
    def cases_more(self) -> int:
        return len(self.waited_for_after - self.waited_for_before)

    @property
    def cases_fewer(self) -> int:
        return len(self.waited_for_before - self.waited_for_after)


def dry_run(
    brand: Brand,
    rules: Iterable[Rule] | None = None,
    days: int = 7,
    now: datetime | None = None,
    settings: ReadingSettings | None = None,
) -> DryRun:
    """Run the brand's rules and settings, or the given ones (saved or not), over the posts of the last `days`.

    Verdicts that a person overruled are left out. The accurate reader is too slow to be asked again about
    a week: the fast one stands for it. Raises ConditionError when a rule is wrong.
    """
    since = (now or timezone.now()) - timedelta(days=days)
    chosen = Rule.objects.filter(brand=brand) if rules is None else rules
    settings = settings or ReadingSettings.objects.filter(brand=brand).first() or ReadingSettings()
    page = Page.of(settings, compiled_in_order(chosen))
    page.tier = Tier.FAST if page.tier == Tier.AUTO else page.tier
    page.learnt = learnt_by().get(brand.pk)
    page.topics = finder_of(Topic.objects.filter(brand=brand))
    result = DryRun()
    rows = _verdicts(brand, since)
    result.cut = len(rows) > MOST
    for start in range(0, min(len(rows), MOST), BATCH):
        part = {row[0]: row for row in rows[start : min(start + BATCH, MOST)]}
        for subject, after in _ruled(brand, list(part), page):
            _count(result, subject, part[subject.id], after)
    return result


Standing = tuple[int, bool, int, int | None, str, bool, int]
"""A verdict that stands: mention, the four of its outcome, unsure, author."""


def _verdicts(brand: Brand, since: datetime) -> list[Standing]:
    with database.cursor() as cursor:
        cursor.execute(
            """SELECT v.mention_id, v.needs_answer, v.priority, v.team_id, v.set_aside, v.unsure, p.author_id
               FROM triage_verdict v JOIN listening_post p ON p.id = v.post_id
               WHERE v.brand_id = %s AND p.posted_at >= %s AND p.archive_id IS NULL
                 AND v.overruled_at IS NULL
               ORDER BY v.id DESC LIMIT %s""",
            [brand.pk, since, MOST + 1],
        )
        return list(cursor.fetchall())


def _ruled(brand: Brand, mentions: Sequence[int], page: Page) -> Iterator[tuple[Subject, Ruling]]:
    with database.cursor() as cursor:
        cursor.execute(f"{SUBJECTS} WHERE m.id = ANY(%s) ORDER BY m.id DESC", [list(mentions)])
        subjects = [Subject(*row) for row in cursor.fetchall()]
    book = Rulebook({brand.pk: page})
    for subject, reading in zip(subjects, readings(subjects, book), strict=True):
        yield subject, rule_for(subject, reading, page)


def _count(result: DryRun, subject: Subject, standing: Standing, ruling: Ruling) -> None:
    _, needs, priority, team, aside, unsure, author = standing
    before: Outcome = (needs, priority, team, aside)
    after: Outcome = (ruling.needs_answer, int(ruling.priority), ruling.team_id, ruling.set_aside)
    result.looked_at += 1
    result.needs_answer_before += before[0]
    result.needs_answer_after += after[0]
    result.unsure_before += unsure
    result.unsure_after += ruling.unsure
    if before[0]:
        result.waited_for_before.add(author)
    if after[0]:
        result.waited_for_after.add(author)
    by = ruling.because.partition(" (")[0]
    result.decided_by[by] = result.decided_by.get(by, 0) + 1
    names = _differences(before, after)
    result.changed += bool(names)
    for name in names:
        result.changes[name] = result.changes.get(name, 0) + 1
        shown = result.examples.setdefault(name, [])
        if len(shown) < EXAMPLES:
            shown.append(Example(subject.post_id, subject.text[:280], before, after, ruling.because))


def _differences(before: Outcome, after: Outcome) -> list[str]:
    names = []
    if before[0] is not after[0]:
        names.append("answered" if after[0] else "set_aside")
    elif before[3] != after[3]:
        names.append("set_aside")
    if before[1] != after[1]:
        names.append("priority")
    if before[2] != after[2]:
        names.append("team")
    return names

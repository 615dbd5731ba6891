"""A person decides otherwise than the rules. Their word stands until the text changes."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from hearout.journal.writing import note
from hearout.people.models import Team, User
from hearout.triage.models import Verdict
from hearout.triage.ruling import NOTHING_WANTED
from hearout.understanding.reading import Kind


class OverruleError(ValueError):
    """The decision contradicts itself. The message is for a person."""


@transaction.atomic
def overrule(
    verdict: Verdict,
    *,
    by: User,
    needs_answer: bool | None = None,
    set_aside: str = "",
    kind: Kind | str | None = None,
    priority: int | None = None,
    team: Team | None = None,
) -> Verdict:
    """Change what is given and keep the rest. Raises OverruleError.

    `set_aside` is the reason why nobody answers; giving one means that no answer is needed.
    """
    if set_aside and needs_answer:
        raise OverruleError("A post is either answered or set aside, not both.")
    if kind is not None and kind not in set(Kind):
        raise OverruleError(f"{kind!r} is not a kind; there are {', '.join(Kind)}.")
    if team is not None and team.brand_id != verdict.brand_id:
        raise OverruleError("The team belongs to another brand.")
    found = Verdict.objects.select_for_update().select_related("post").get(pk=verdict.pk)
    changes: dict[str, Any] = {}
    if set_aside or needs_answer is False:
        changes |= {"needs_answer": False, "set_aside": (set_aside or NOTHING_WANTED)[:120]}
    elif needs_answer:
        changes |= {"needs_answer": True, "set_aside": ""}
    if kind is not None:
        changes["kind"] = str(Kind(kind))
    if priority is not None:
        changes["priority"] = priority
    if team is not None:
        changes["team_id"] = team.pk
    return _write(found, by, changes)


def _write(verdict: Verdict, by: User, changes: dict[str, Any]) -> Verdict:
    before = {name: getattr(verdict, name) for name in changes}
    for name, value in changes.items():
        setattr(verdict, name, value)
    now = timezone.now()
    verdict.because = f"{by} decided"[:200]
    verdict.overruled_by, verdict.overruled_at = by, now
    verdict.revision = verdict.post.revision
    verdict.decided_at = verdict.due_at = now
    verdict.tries, verdict.dead_at = 0, None
    verdict.save()
    note(
        "verdict.overruled",
        brand_id=verdict.brand_id,
        noun="verdict",
        noun_id=verdict.pk,
        by=by.pk,
        before=before,
        after=changes,
    )
    return verdict

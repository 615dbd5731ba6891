"""A person decides otherwise than the reader or the rules, or agrees. Their word stands until the text changes.

What the reader had read and what the person says it is stays as a fact (`triage_correction`), written in the
same transaction. From these facts the reader learns, and is measured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from hearout.journal.writing import note
from hearout.people.models import Team, User
from hearout.triage.learnt import Correction
from hearout.triage.models import Verdict
from hearout.triage.ruling import NOTHING_WANTED
from hearout.understanding.reading import Emotion, Kind, Sentiment, Urgency

CLASSES: dict[str, type[StrEnum]] = {
    "kind": Kind,
    "sentiment": Sentiment,
    "emotion": Emotion,
    "urgency": Urgency,
}
CORRECTABLE = ("kind", "needs_answer", "sentiment", "emotion", "urgency", "language")
"""The labels a person may correct or confirm."""
LANGUAGE = re.compile("[a-z]{2,3}")
YES, NO = "yes", "no"


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
    sentiment: Sentiment | str | None = None,
    emotion: Emotion | str | None = None,
    urgency: Urgency | str | None = None,
    language: str | None = None,
    priority: int | None = None,
    team: Team | None = None,
    sampled: bool = False,
) -> Verdict:
    """Change what is given and keep the rest. Raises OverruleError.

    `set_aside` is the reason why nobody answers; giving one means that no answer is needed.
    `language` is an ISO 639 code or `und`. `sampled`: the post was drawn by chance for checking.
    """
    if set_aside and needs_answer:
        raise OverruleError("A post is either answered or set aside, not both.")
    if team is not None and team.brand_id != verdict.brand_id:
        raise OverruleError("The team belongs to another brand.")
    labels = {"kind": kind, "sentiment": sentiment, "emotion": emotion, "urgency": urgency}
    changes: dict[str, Any] = {name: _class(name, value) for name, value in labels.items() if value}
    if language:
        changes["language"] = _language(language)
    found = _locked(verdict)
    if set_aside or needs_answer is False:
        changes |= {"needs_answer": False, "set_aside": (set_aside or NOTHING_WANTED)[:120]}
    elif needs_answer:
        changes |= {"needs_answer": True, "set_aside": ""}
    if priority is not None:
        changes["priority"] = priority
    if team is not None:
        changes["team_id"] = team.pk
    _keep(found, by, {name: changes[name] for name in CORRECTABLE if name in changes}, sampled)
    return _write(found, by, changes)


@transaction.atomic
def confirm(verdict: Verdict, *labels: str, by: User, sampled: bool = False) -> list[Correction]:
    """A person looked and found these labels right (none named: all of them). The verdict stays as it is.

    Returns the facts written; a label that the same person had judged before is not told twice. Raises
    OverruleError for a label nobody can judge.
    """
    if unknown := set(labels) - set(CORRECTABLE):
        raise OverruleError(f"{unknown.pop()!r} is not a label; there are {', '.join(CORRECTABLE)}.")
    found = _locked(verdict)
    told = {name: getattr(found, name) for name in labels or CORRECTABLE}
    return _keep(found, by, told, sampled, confirmed=True)


def _locked(verdict: Verdict) -> Verdict:
    return Verdict.objects.select_for_update(of=("self",)).select_related("post").get(pk=verdict.pk)


def _class(label: str, value: str) -> str:
    kinds = CLASSES[label]
    if value not in set(kinds):
        raise OverruleError(f"{value!r} is not a {label}; there are {', '.join(kinds)}.")
    return str(kinds(value))


def _language(code: str) -> str:
    if not LANGUAGE.fullmatch(code):
        raise OverruleError(f"{code[:20]!r} is not the code of a language, such as en, de or und.")
    return code


def _keep(
    verdict: Verdict, by: User, told: Mapping[str, Any], sampled: bool, *, confirmed: bool = False
) -> list[Correction]:
    """Write the facts. A label left as it stands says nothing unless the person was asked about it."""
    before = first_readings(verdict)
    mine = {fact.label: fact for fact in facts_on(verdict) if fact.by_id == by.pk and fact.sampled >= sampled}
    kept = []
    for label, value in told.items():
        word, known = _word(value), before.get(label)
        asked = confirmed or sampled or value != getattr(verdict, label)
        if not asked or (label in mine and mine[label].corrected_to == word):
            continue
        fact = Correction(
            brand_id=verdict.brand_id, post_id=verdict.post_id, verdict=verdict, label=label, by=by,
            corrected_to=word, revision=verdict.post.revision, sampled=sampled,
            read_as=known.read_as if known else _word(getattr(verdict, label)),
            sure=known.sure if known else _sure(verdict, label),
            unsure=known.unsure if known else _unsure(verdict, label),
            reader=known.reader if known else verdict.reader,
        )  # fmt: skip
        kept.append(fact)
    return Correction.objects.bulk_create(kept)


def facts_on(verdict: Verdict) -> Sequence[Correction]:
    """What people said of the text that the verdict is about, in order."""
    return list(
        Correction.objects.filter(verdict=verdict, revision=verdict.post.revision).order_by("at", "pk")
    )


def first_readings(verdict: Verdict) -> dict[str, Correction]:
    """By label the first fact on this text: what the reader had read before any person spoke."""
    return {fact.label: fact for fact in reversed(facts_on(verdict))}


def _word(value: Any) -> str:
    return (YES if value else NO) if isinstance(value, bool) else str(value)


def _sure(verdict: Verdict, label: str) -> float | None:
    """The reader's confidence in what the verdict says; None where a rule said it."""
    sure = verdict.confidence.get(label)
    by_rule = label == "needs_answer" and not verdict.because.startswith("the reading: ")
    return None if by_rule or not isinstance(sure, int | float) else float(sure)


def _unsure(verdict: Verdict, label: str) -> bool:
    return label in verdict.abstained or (label == "needs_answer" and verdict.unsure)


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

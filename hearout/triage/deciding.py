"""The third stage: each mention gets a verdict, by a reading of its text and the brand's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection as database
from django.db import transaction

from hearout.lib.claiming import Cursor, claim, done, work_through
from hearout.lib.rows import as_array, as_json
from hearout.listening.relevance import is_not_us
from hearout.triage.choosing import reader_of
from hearout.triage.conditions import Facts
from hearout.triage.rulebook import Page, Rulebook, rulebook
from hearout.triage.ruling import ARCHIVED, DELETED, NOT_ABOUT_US, OUR_OWN, Ruling, rule_on
from hearout.triage.topics import with_topics
from hearout.triage.wanting import doubted
from hearout.understanding.reading import Emotion, Kind, Reader, Reading, Sentiment, Urgency

TABLE = "listening_mention"

UNREAD = Reading("und", Kind.OTHER, Sentiment.NEUTRAL, Emotion.NONE, Urgency.NORMAL, needs_answer=False)
"""Our own posts and deleted ones are not read."""


@dataclass(slots=True)  # not frozen: thousands are made a second, and freezing doubles what that costs
class Subject:
    """A mention with what deciding needs. `spoken`: a person has overruled the verdict on this very text."""

    id: int
    post_id: int
    brand_id: int
    how: str
    own_page: bool
    text: str
    deleted: bool
    archived: bool
    private: bool
    network: str
    revision: int
    served: bool
    role: str
    followers: int
    spoken: bool
    chance: float | None = None

    @property
    def aside(self) -> str:
        """Why nobody can answer this post, whatever it says."""
        if self.archived or not self.served:
            return ARCHIVED
        if self.deleted:
            return DELETED
        if is_not_us(self.chance):
            return NOT_ABOUT_US
        return OUR_OWN if self.how == "ours" else ""

    @property
    def because(self) -> str:
        if self.aside != NOT_ABOUT_US or not self.chance:
            return "a person said: not about us" if self.aside == NOT_ABOUT_US else self.aside
        return f"the words around the name: about us with a chance of {self.chance:.0%}".replace("%", " %")

    @property
    def readable(self) -> bool:
        return not self.deleted and self.how != "ours"


def decide(limit: int, now: datetime) -> int:
    """Decide about up to `limit` mentions. Returns how many were claimed."""
    with transaction.atomic(), database.cursor() as cursor:
        # A power cut may undo the last moments of this stage, whole and with their claims: it is done again.
        cursor.execute("SET LOCAL synchronous_commit = off")
        ids = [row[0] for row in claim(cursor, TABLE, limit)]
        work_through(cursor, TABLE, ids, lambda pk: pk, partial(_decide, cursor), transaction.atomic)
    return len(ids)


SUBJECTS = """
SELECT m.id, m.post_id, m.brand_id, m.how, m.own_page, p.text, p.deleted_at IS NOT NULL,
       p.archive_id IS NOT NULL, p.private, p.network, p.revision, b.served, coalesce(h.role, ''),
       coalesce(a.followers, 0), coalesce(v.overruled_at IS NOT NULL AND v.revision = p.revision, false),
       m.chance
FROM listening_mention m
JOIN listening_post p ON p.id = m.post_id
JOIN people_brand b ON b.id = m.brand_id
JOIN customers_author a ON a.id = p.author_id
LEFT JOIN listening_handle h ON h.id = m.handle_id
LEFT JOIN triage_verdict v ON v.mention_id = m.id
"""


def _decide(cursor: Cursor, ids: Sequence[int]) -> None:
    cursor.execute(f"{SUBJECTS} WHERE m.id = ANY(%s::bigint[]) ORDER BY m.id", [as_array(ids)])
    subjects = [Subject(*row) for row in cursor.fetchall()]
    fresh = [one for one in subjects if not one.spoken or one.deleted]
    book = rulebook(cursor)
    verdicts = [
        _row(one, reading, rule_for(one, reading, book.page(one.brand_id)))
        for one, reading in zip(fresh, readings(fresh, book), strict=True)
    ]
    if verdicts:
        cursor.execute(_UPSERT, [as_json(verdicts)])
    if kept := [one.id for one in subjects if one.spoken and not one.deleted]:
        cursor.execute(
            "UPDATE triage_verdict SET due_at = now(), tries = 0 WHERE mention_id = ANY(%s)", [kept]
        )
    done(cursor, TABLE, ids)


def readings(subjects: Sequence[Subject], book: Rulebook) -> list[Reading]:
    """A reading of each text by its brand's reader, all that one reader reads in one go."""
    places: dict[int, list[int]] = {}
    for place, one in enumerate(subjects):
        if one.readable:
            places.setdefault(one.brand_id, []).append(place)
    shared: dict[int, tuple[Reader, list[int]]] = {}
    for brand_id, theirs in places.items():
        reader = reader_of(brand_id, book.page(brand_id))
        shared.setdefault(id(reader), (reader, []))[1].extend(theirs)
    found = [UNREAD] * len(subjects)
    for reader, asked in shared.values():
        for place, reading in zip(asked, reader.read([subjects[p].text for p in asked]), strict=True):
            one = subjects[place]
            own = book.page(one.brand_id).topics
            found[place] = with_topics(reading, one.text, own) if own else reading
    return found


def facts_of(one: Subject, reading: Reading) -> Facts:
    return Facts(
        text=one.text,
        kind=reading.kind,
        sentiment=reading.sentiment,
        emotion=reading.emotion,
        urgency=reading.urgency,
        language=reading.language,
        needs_answer=reading.needs_answer,
        thanks=reading.thanks,
        topics=reading.topics,
        confidence=reading.confidence.get("kind", 0.0),
        how=one.how,
        network=one.network,
        role=one.role,
        own_page=one.own_page,
        private=one.private,
        followers=one.followers,
    )


def rule_for(one: Subject, reading: Reading, page: Page) -> Ruling:
    """What to do with the post; what no rule can change comes first."""
    if one.aside:
        return Ruling(False, one.because, set_aside=one.aside)
    sure = reading.confidence.get("needs_answer", 0.0)
    return rule_on(facts_of(one, reading), sure, page.rules, page.threshold, doubted(reading))


def _row(one: Subject, reading: Reading, ruling: Ruling) -> dict[str, Any]:
    return {
        "mention_id": one.id,
        "post_id": one.post_id,
        "brand_id": one.brand_id,
        "kind": reading.kind,
        "sentiment": reading.sentiment,
        "emotion": reading.emotion,
        "urgency": reading.urgency,
        "language": reading.language[:8],
        "thanks": reading.thanks,
        "sarcasm": reading.sarcasm,
        "confidence": dict(reading.confidence),
        "reasons": dict(reading.reasons),
        "weights": dict(reading.weights),
        "abstained": list(reading.abstained),
        "topics": list(reading.topics),
        "reader": reading.reader[:40],
        "needs_answer": ruling.needs_answer,
        "unsure": ruling.unsure,
        "team_id": ruling.team_id,
        "priority": int(ruling.priority),
        "set_aside": ruling.set_aside[:120],
        "because": ruling.because[:200],
        "revision": one.revision,
        "for_cases": one.aside != ARCHIVED,
    }


_TYPES = {
    "mention_id": "bigint",
    "post_id": "bigint",
    "brand_id": "bigint",
    "kind": "text",
    "sentiment": "text",
    "emotion": "text",
    "urgency": "text",
    "language": "text",
    "thanks": "boolean",
    "sarcasm": "boolean",
    "confidence": "jsonb",
    "reasons": "jsonb",
    "weights": "jsonb",
    "abstained": "jsonb",
    "topics": "jsonb",
    "reader": "text",
    "needs_answer": "boolean",
    "unsure": "boolean",
    "team_id": "bigint",
    "priority": "smallint",
    "set_aside": "text",
    "because": "text",
    "revision": "integer",
}
_NAMES = ", ".join(_TYPES)
_UPSERT = f"""
INSERT INTO triage_verdict ({_NAMES}, decided_at, due_at, tries, fault)
SELECT {_NAMES}, now(), CASE WHEN for_cases THEN now() END, 0, ''
FROM json_to_recordset(%s) AS v({", ".join(f"{name} {kind}" for name, kind in _TYPES.items())}, for_cases boolean)
ON CONFLICT (mention_id) DO UPDATE SET
    {", ".join(f"{name} = EXCLUDED.{name}" for name in _TYPES)},
    decided_at = EXCLUDED.decided_at, due_at = EXCLUDED.due_at, tries = 0, fault = '', dead_at = NULL,
    overruled_by_id = NULL, overruled_at = NULL
"""  # noqa: S608

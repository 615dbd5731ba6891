"""Is it about us? People say so with one click; what they said counts, and teaches which words around a name decide.

A mention whose `chance` is below `NOT_US` is set aside as not about us: kept, counted, listed, and brought back
with one click. Only mentions found by nothing but names are ever judged by their words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from hearout.journal.writing import note
from hearout.lib.claiming import Cursor
from hearout.lib.doorbell import ring
from hearout.listening.found import MentionFound
from hearout.listening.models import Mention
from hearout.listening.queries import Relevance
from hearout.listening.tolerance.context import Contexts
from hearout.listening.words import WORD, key_of
from hearout.people.models import User

NOT_US = 0.1
"""Below this chance nobody is asked to answer. Of twenty so set aside at most two are expected to be ours."""

MOST_FACTS = 5_000
"""The newest judged mentions that are learnt from: names and what they mean to people change."""

ENOUGH = 3
"""Judged posts of each side before the words around a name set anything aside."""

_WORDS = re.compile(rf"{WORD}{{2,40}}")
_SURE: Mapping[str, float | None] = {"us": 1.0, "not_us": 0.0, "unsaid": None}


def judge(mentions: QuerySet[Mention], *, says: str, by: User, drawn: bool = False) -> int:
    """A person says of each of these mentions that it is `us` or `not_us`, or takes back what was said
    (`unsaid`). Returns of how many this was news. Raises ValueError for another word.

    One transaction; one fact and one journal entry a mention. Triage decides anew where it matters.
    """
    if says not in _SURE:
        raise ValueError(f"{says!r} is none of {', '.join(_SURE)}")
    with transaction.atomic(), connection.cursor() as cursor:
        found = list(mentions.select_for_update(of=("self",), no_key=True).order_by("pk"))
        before = standing([one.pk for one in found])
        news = [one for one in found if before.get(one.pk, "unsaid") != says]
        Relevance.objects.bulk_create(
            Relevance(mention=one, brand_id=one.brand_id, says=says, by=by, drawn=drawn) for one in news
        )
        for one in news:
            note("mention.judged", brand_id=one.brand_id, noun="mention", noun_id=one.pk, by=by.pk, says=says)
        _settle(news, _SURE[says], timezone.now())
        if news:
            ring(cursor, {f"brand:{one.brand_id}" for one in news})
    return len(news)


def standing(mention_ids: Iterable[int]) -> dict[int, str]:
    """What people last said of these mentions; who said nothing, or took it back, is left out."""
    latest = Relevance.objects.filter(mention__in=list(mention_ids)).order_by("mention", "-pk")
    facts = latest.distinct("mention").values_list("mention_id", "says")
    return {pk: says for pk, says in facts if says != Relevance.Says.UNSAID}


def _settle(mentions: Iterable[Mention], chance: float | None, now: datetime) -> None:
    """Note the chance, and have triage decide anew about those that are now set aside, or no longer are."""
    for one in mentions:
        turned = is_not_us(one.chance) is not is_not_us(chance)
        one.chance = chance
        if turned:
            one.due_at, one.tries, one.dead_at = now, 0, None
        one.save(update_fields=["chance", "due_at", "tries", "dead_at"] if turned else ["chance"])


def is_not_us(chance: float | None) -> bool:
    return chance is not None and chance < NOT_US


_FACTS = """
SELECT r.id, r.brand_id, r.says, h.query_id, h.term, p.text
FROM (SELECT DISTINCT ON (mention_id) id, mention_id, brand_id, says FROM listening_relevance
      ORDER BY mention_id, id DESC) r
JOIN listening_mentionhit h ON h.mention_id = r.mention_id AND h.route = 'name'
JOIN listening_mention m ON m.id = r.mention_id JOIN listening_post p ON p.id = m.post_id
WHERE r.says <> 'unsaid' AND p.text <> '' ORDER BY r.id DESC LIMIT %s
"""
_LATEST = "SELECT coalesce(max(id), 0) FROM listening_relevance"
_kept: tuple[int, Learnt] | None = None


class Learnt:
    """What the words around each brand's names say, by what people said."""

    def __init__(self) -> None:
        self._by_brand: dict[int, Contexts] = {}
        self._judged: Counter[tuple[int, str, bool]] = Counter()

    def learn(self, brand_id: int, name: str, text: str, us: bool) -> None:
        self._by_brand.setdefault(brand_id, Contexts()).learn(name, words_around(text), us)
        self._judged[brand_id, name, us] += 1

    def weighed(self, found: MentionFound, text: str) -> MentionFound:
        """The mention with its chance to be us, where the words around the name tell."""
        chance = self.chance(found, text) if found.how == "indirect" else None
        return found if chance is None else replace(found, chance=chance)

    def chance(self, found: MentionFound, text: str) -> float | None:
        """That a mention is about the brand; None where it does not hang on names alone, or too little is known."""
        contexts = self._by_brand.get(found.brand_id)
        if contexts is None or found.how != "indirect" or found.own_page:
            return None
        if any(hit.route != "name" for hit in found.hits):
            return None
        words = words_around(text)
        names = {_key(hit.term, hit.query_id) for hit in found.hits}
        chances = [self._says(contexts, found.brand_id, name, words) for name in names]
        known = [one for one in chances if one is not None]
        # a name of which nothing is known may be ours: then people look
        return max(known) if known and len(known) == len(chances) else None

    def _says(self, contexts: Contexts, brand_id: int, name: str, words: set[str]) -> float | None:
        enough = all(self._judged[brand_id, name, us] >= ENOUGH for us in (True, False))
        return contexts.says(name, words) if enough else None


def learnt(cursor: Cursor) -> Learnt:
    """All that people's words have taught, learnt anew when somebody has said something since."""
    global _kept
    cursor.execute(_LATEST)
    latest = int(cursor.fetchall()[0][0])
    if _kept is None or _kept[0] != latest:
        _kept = latest, _learn(cursor) if latest else Learnt()
    return _kept[1]


def _learn(cursor: Cursor) -> Learnt:
    found = Learnt()
    cursor.execute(_FACTS, [MOST_FACTS])
    told = set()
    for pk, brand_id, says, query_id, term, text in cursor.fetchall():
        name = _key(term, query_id)
        if (pk, name) not in told:  # a query may have found several words in one post
            told.add((pk, name))
            found.learn(brand_id, name, text, says == "us")
    return found


def words_around(text: str) -> set[str]:
    """The words of a text by which it is told what a name in it means."""
    return {key_of(word) for word in _WORDS.findall(text)}


def _key(term: str, query_id: int | None) -> str:
    """Each watchword and each query learns for itself: a query may say already which of two names it means."""
    return key_of(term) if query_id is None else f"query {query_id}"

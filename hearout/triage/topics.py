"""A brand's own topics: names and words of its own beside the built-in ones, which it can widen or switch off."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import connection as database
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from hearout.people.models import Brand
from hearout.understanding.reading import Reading
from hearout.understanding.topics import NAMES, Finder

MOST_TOPICS, MOST_WORDS, LONGEST_WORD = 50, 200, 60
MOST_TRIED, EXAMPLES = 5_000, 10


class Topic(models.Model):
    """A topic of a brand. `words`: a word or a phrase a line, found in any language.

    One that is called as a built-in topic adds its words to that one, and switches it off when not `active`.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="topics", db_index=False)
    name = models.CharField(max_length=40)
    words = models.TextField(blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = [Lower("name"), "id"]
        constraints: ClassVar = [models.UniqueConstraint("brand", Lower("name"), name="one_topic_of_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def built_in(self) -> bool:
        return self.name in NAMES

    @property
    def listed(self) -> list[str]:
        return words_in(self.words)


def words_in(text: str) -> list[str]:
    """The words and phrases of a text with one a line, or with commas between, each once."""
    found = (" ".join(part.split()) for line in text.splitlines() for part in line.split(","))
    return list(dict.fromkeys(word for word in found if word))


def finder_of(topics: Iterable[Topic]) -> Finder | None:
    """What finds a brand's topics, of its rows; None where the built-in ones are all there is."""
    topics = list(topics)
    own = {one.name: one.listed for one in topics if one.active and one.words.strip()}
    without = [one.name for one in topics if one.built_in and not one.active]
    return Finder(own, without) if own or without else None


def finders() -> dict[int, Finder]:
    """Those of all brands that have topics of their own, by brand id."""
    rows: dict[int, list[Topic]] = {}
    for one in Topic.objects.all():
        rows.setdefault(one.brand_id, []).append(one)
    return {brand_id: finder for brand_id, theirs in rows.items() if (finder := finder_of(theirs))}


def names_of(brands: Iterable[Brand]) -> list[str]:
    """The topics that posts of these brands can have: their own, then the built-in ones not switched off."""
    brands = list(brands)
    rows = list(Topic.objects.filter(brand__in=brands))
    own = [one.name for one in rows if one.active and not one.built_in]
    off = [one.name for one in rows if one.built_in and not one.active]
    return [*dict.fromkeys(own), *(name for name in NAMES if off.count(name) < max(1, len(brands)))]


def with_topics(reading: Reading, text: str, finder: Finder) -> Reading:
    """The reading with a brand's own topics in place of the built-in ones."""
    found = finder.find(text, reading.language)
    return replace(
        reading,
        topics=found.names,
        reasons={**reading.reasons, "topics": list(found.words)},
        weights={**reading.weights, "topics": found.weights},
    )


def standing(brand: Brand, now: datetime, days: int = 7) -> dict[str, int]:
    """How many posts of the last `days` have each topic."""
    with database.cursor() as cursor:
        cursor.execute(
            """SELECT name, count(*) FROM triage_verdict v
               JOIN listening_post p ON p.id = v.post_id, jsonb_array_elements_text(v.topics) name
               WHERE v.brand_id = %s AND p.posted_at >= %s AND p.archive_id IS NULL AND p.deleted_at IS NULL
               GROUP BY name""",
            [brand.pk, now - timedelta(days=days)],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Example:
    """A post that would have the topic, and the words that would tell it. `fresh`: it has not got it now."""

    text: str
    words: Sequence[str]
    fresh: bool


@dataclass(slots=True)
class Tried:
    """A topic on the posts of the last days (`cut`: on the newest `MOST_TRIED` of them).

    `found`: how many would have it; `before`: how many have it now.
    """

    looked_at: int = 0
    cut: bool = False
    found: int = 0
    before: int = 0
    examples: list[Example] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.found / self.looked_at if self.looked_at else 0.0


def tried(topic: Topic, days: int = 7, now: datetime | None = None) -> Tried:
    """Which posts of the last `days` would have had the topic as it is given here, saved or not."""
    others = Topic.objects.filter(brand=topic.brand_id).exclude(pk=topic.pk)
    finder = finder_of([*others, topic]) or Finder()
    result = Tried()
    for text, language, names in _read_since(topic.brand_id, (now or timezone.now()) - timedelta(days=days)):
        if result.looked_at == MOST_TRIED:
            result.cut = True
            break
        result.looked_at += 1
        result.before += topic.name in names
        hit = next((hit for hit in finder.find(text, language).hits if hit.topic == topic.name), None)
        if hit:
            result.found += 1
            result.examples.append(Example(text[:280], hit.words, topic.name not in names))
    result.examples.sort(key=lambda example: not example.fresh)
    del result.examples[EXAMPLES:]
    return result


def _read_since(brand_id: int, since: datetime) -> Iterator[tuple[str, str, list[str]]]:
    with database.cursor() as cursor:
        cursor.execute(
            """SELECT p.text, v.language, v.topics
               FROM triage_verdict v JOIN listening_post p ON p.id = v.post_id
               WHERE v.brand_id = %s AND p.posted_at >= %s AND p.archive_id IS NULL
                 AND p.deleted_at IS NULL AND p.handle_id IS NULL
               ORDER BY p.posted_at DESC, v.id DESC LIMIT %s""",
            [brand_id, since, MOST_TRIED + 1],
        )
        for text, language, names in cursor.fetchall():
            yield text, language, json.loads(names)

"""What a post is about: topics any brand meets, by the word lists in `topic_words/*.toml`, and a brand's own.

A topic is named by its English name, on every page and in every language. Each list has words that are sure;
words that only hint are things and signs, and it takes one of each (an order, and that it has not arrived).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hearout.understanding.language import UNKNOWN
from hearout.understanding.tokens import PUNCTUATION, Tokens
from hearout.understanding.topic_tokens import Spoken, listed, spoken

NAMES = (
    "Delivery", "Delay or cancellation", "Lost or damaged", "Billing and refund", "Price and offers", "Rewards",
    "Product quality", "Staff and service", "Waiting and no answer", "App and website", "Account and login",
    "Store and branch", "Booking and seats", "Food and drink", "Cleanliness", "Safety", "Privacy and fraud", "Jobs",
    "Outage and connection",
)  # fmt: skip
"""The built-in topics."""

LANGUAGES = ("en", "de", "es", "pt", "it", "fr", "hi", "ar")
"""Those with word lists. In all others only a brand's own words are found."""
MOST = 3
KINDS = {"words": 0.0, "sure": 1.0, "thing": 0.5, "sign": 0.5}
"""The lists of a topic, and what their words add: things once, and signs once."""
ENOUGH, OWN = 1.0, 1.5  # words of a brand's own say more than ours
SHOWN, LENGTH = 3, 80  # words kept of a topic, and letters of each

_LISTS = {UNKNOWN: ("en", "hi"), "hi": ("hi", "en")}  # romanised Hindi is seldom recognised as such


class Hit(NamedTuple):
    """One topic of a post: the sum of its words' weights, and the words as written, the weightiest first."""

    topic: str
    weight: float
    words: list[str]
    weights: list[float]


class Found(NamedTuple):
    """A post's topics, the weightiest first, at most `MOST`; then all their words, and what each one added."""

    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    hits: tuple[Hit, ...] = ()


NOTHING = Found()


class _Mark(NamedTuple):
    """That a word speaks for a topic. What shares an `item` counts once: forms of one word, all things, all signs."""

    topic: str
    weight: float
    item: str


class _Entry(NamedTuple):
    """What a word says alone, and the phrases it begins: by their second word, the longest first."""

    alone: list[_Mark]
    phrases: dict[str, list[tuple[list[str], list[_Mark]]]]


class Finder:
    """Finds topics: the built-in ones but those in `without`, and those of `own`, a name and its words each.

    A name of `own` may be a built-in one, which is then found by these words too. Safe to share between threads.
    """

    def __init__(self, own: Mapping[str, Iterable[str]] | None = None, without: Collection[str] = ()) -> None:
        self._own = {name: tuple(words) for name, words in (own or {}).items()}
        self._without = frozenset(without)
        self._tables: dict[str, dict[str, _Entry]] = {}

    def find(self, said: str | Tokens, language: str) -> Found:
        """The topics of a text, whose words may be known already. Never raises for any str."""
        table = self._tables.get(language)
        if table is None:
            table = self._tables[language] = self._compiled(language)
        text = spoken(said, language)
        if table.keys().isdisjoint(text.words):
            return NOTHING
        heard = _walk(text.words, table)
        if not heard or (len(heard) == 1 and heard[0][0][0].weight < ENOUGH):  # one hint says nothing
            return NOTHING
        return _told(text, heard)

    def _compiled(self, language: str) -> dict[str, _Entry]:
        table: dict[str, _Entry] = {}
        for name in _LISTS.get(language, (language,) if language in LANGUAGES else ()):
            for topic, lists in _file(name).items():
                if topic not in self._without:
                    for kind, weight in KINDS.items():
                        for item, words in _listed(lists.get(kind, ""), name, once=weight < ENOUGH):
                            _add(table, words, _Mark(topic, weight, f"{kind} {item}"))
        for topic, typed in self._own.items():
            for word in typed:
                for words in _typed(word, language):
                    _add(table, words, _Mark(topic, OWN, word))
        return table


def _listed(text: str, language: str, once: bool) -> Iterator[tuple[str, list[str]]]:
    """The words of a list, each with the item that it counts for."""
    for item in text.split():
        for words in listed(item, language):
            yield "" if once else item, words


def _typed(word: str, language: str) -> Iterator[list[str]]:
    """A word or phrase of a brand's own; none for mere punctuation, which is in every post."""
    for words in listed("_".join(word.split()), language):
        if not PUNCTUATION.issuperset("".join(words)):
            yield words


def can_be_found(word: str) -> bool:
    """Whether a brand's own word or phrase can be found in any post."""
    return any(True for _ in _typed(word, UNKNOWN))


def _add(table: dict[str, _Entry], words: list[str], mark: _Mark) -> None:
    entry = table.setdefault(words[0], _Entry([], {}))
    marks = entry.alone
    if len(words) > 1:
        phrases = entry.phrases.setdefault(words[1], [])
        marks = next((known for rest, known in phrases if rest == words[1:]), [])
        if not marks:
            phrases.append((words[1:], marks))
            phrases.sort(key=lambda phrase: -len(phrase[0]))
    if mark.topic not in {known.topic for known in marks}:
        marks.append(mark)
        marks.sort(key=lambda known: -known.weight)


_Heard = tuple[list[_Mark], int, int]
"""What a word or phrase speaks for, its place, and the place after it."""
_Place = tuple[float, int, int]
"""What it adds, below zero so that the most comes first; its place, and the place after it."""


def _walk(words: list[str], table: dict[str, _Entry]) -> list[_Heard]:
    """The words and phrases that speak for any topic. A phrase takes its words away."""
    heard: list[_Heard] = []
    skip, count = 0, len(words)
    for i, entry in enumerate(map(table.get, words)):
        if entry is None or i < skip:
            continue
        marks, phrases = entry
        end = i + 1
        if phrases and end < count:
            for rest, known in phrases.get(words[end], ()):
                if words[end : end + len(rest)] == rest:
                    marks = known
                    skip = end = end + len(rest)
                    break
        if marks:
            heard.append((marks, i, end))
    return heard


def _told(text: Tokens | Spoken, heard: list[_Heard]) -> Found:
    topics: dict[str, dict[str, _Place]] = {}
    for marks, start, end in heard:
        for topic, weight, item in marks:
            items = topics.get(topic)
            if items is None:
                topics[topic] = {item: (-weight, start, end)}
            elif item not in items:
                items[item] = (-weight, start, end)
    ranked = []
    for topic, items in topics.items():
        places = sorted(items.values()) if len(items) > 1 else list(items.values())
        weight = sum([place[0] for place in places])
        if weight <= -ENOUGH:
            ranked.append((weight, places[0][1], topic, places))
    if not ranked:
        return NOTHING
    ranked.sort()
    hits = [_hit(text, topic, -weight, places) for weight, _, topic, places in ranked[:MOST]]
    if len(hits) == 1:
        topic, _, words, weights = hits[0]
        return Found((topic,), tuple(words), tuple(weights), (hits[0],))
    return Found(
        tuple([hit.topic for hit in hits]),
        tuple([word for hit in hits for word in hit.words]),
        tuple([weight for hit in hits for weight in hit.weights]),
        tuple(hits),
    )


def _hit(text: Tokens | Spoken, topic: str, weight: float, places: list[_Place]) -> Hit:
    shown = places[:SHOWN]
    return Hit(
        topic, weight, [_as_written(text, start, end) for _, start, end in shown], [-p[0] for p in shown]
    )


def _as_written(text: Tokens | Spoken, start: int, end: int) -> str:
    """A phrase broken by other signs is told by its longest word."""
    if end - start == 1:
        return text.raw[start][:LENGTH]
    words = text.raw[start:end]
    phrase = " ".join(words)
    if phrase not in text.text:
        hyphened = "-".join(words)
        phrase = hyphened if hyphened in text.text else max(words, key=len)
    return phrase[:LENGTH]


BUILT_IN = Finder()
find = BUILT_IN.find


@cache
def _file(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "topic_words" / f"{language}.toml").read_text("utf-8"))

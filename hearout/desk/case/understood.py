"""A verdict as an agent reads it: each label, how sure, and the words that decided with what each added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import get_language_info

from hearout.triage.models import Verdict
from hearout.understanding.reading import Emotion, Kind, Sentiment, Urgency

MOST_WORDS = 12
MOST_TOPICS = 6
IN_SHORT = 2
UNKNOWN = "und"
MARKED = {"kind", "sentiment", "emotion", "urgency", "needs_answer", "sarcasm"}
"""The labels whose words are marked in a post: nobody asks why it is English, and its topics are no judgement."""

Choices = list[tuple[str, str]]


def _titled(values: type[Kind] | type[Sentiment] | type[Emotion] | type[Urgency]) -> Choices:
    return [(value.value, value.value.title()) for value in values]


CORRECTIONS: dict[str, Choices] = {
    "kind": _titled(Kind),
    "sentiment": _titled(Sentiment),
    "emotion": _titled(Emotion),
    "urgency": _titled(Urgency),
    "needs_answer": [("yes", "Wanted"), ("no", "Not wanted")],
}
"""The labels that a person may correct here, and what they may say."""


@dataclass(frozen=True)
class Word:
    """A word of the text that decided. `bar`: 0..100 of the strongest of its label; None where not known.

    `weight` is what it added to the label chosen, in log-odds.
    """

    text: str
    bar: int | None = None
    weight: str = ""


@dataclass(frozen=True)
class Label:
    """`sure` is the confidence as a percentage, "" where none is given. `choices`: what a person may say instead."""

    key: str
    name: str
    value: str
    sure: str
    words: list[Word]
    unsure: bool = False
    choices: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True)
class Understood:
    """What was read in one post, and what to do about it. `unsure`: nobody has yet said what the reading could not."""

    verdict: Verdict
    labels: list[Label]

    @property
    def kind(self) -> Label:
        return self.labels[0]

    @property
    def why(self) -> list[Word]:
        """The words that decided the kind, the strongest first: what a sentence has room for."""
        return self.kind.words[:IN_SHORT]

    @property
    def unsure(self) -> bool:
        return self.verdict.unsure and self.verdict.overruled_at is None

    @property
    def topics(self) -> list[str]:
        return _topics(self.verdict)

    @property
    def sarcastic(self) -> bool:
        return self.verdict.sarcasm and "sarcasm" not in self.verdict.abstained

    @property
    def words(self) -> list[str]:
        """The words to mark in the post, longest first, so that a match takes the whole of them."""
        found = {word.text for label in self.labels if label.key in MARKED for word in label.words}
        return sorted(found, key=lambda word: (-len(word), word))[:MOST_WORDS]


def understood(verdict: Verdict) -> Understood:
    return Understood(verdict, list(_labels(verdict)))


def _labels(verdict: Verdict) -> Iterator[Label]:
    shown = [
        ("kind", "Kind", verdict.get_kind_display()),
        ("needs_answer", "Answer", "Wanted" if verdict.needs_answer else "Not wanted"),
        ("sentiment", "Sentiment", verdict.get_sentiment_display()),
        ("emotion", "Emotion", verdict.get_emotion_display()),
        ("urgency", "Urgency", verdict.get_urgency_display()),
        ("language", "Language", language_named(verdict.language)),
    ]
    if "sarcasm" in verdict.confidence:
        shown.append(("sarcasm", "Sarcasm", "Yes" if verdict.sarcasm else "No"))
    if topics := _topics(verdict):
        shown.append(("topics", "Topics", ", ".join(topics)))
    for key, name, value in shown:
        yield _label(verdict, key, name, str(value))


def _topics(verdict: Verdict) -> list[str]:
    return [str(topic) for topic in verdict.topics if str(topic).strip()][:MOST_TOPICS]


def _label(verdict: Verdict, key: str, name: str, value: str) -> Label:
    """Once a person has spoken, neither the reader's confidence nor its words belong to what stands there."""
    read = verdict.overruled_at is None
    share = verdict.confidence.get(key) if read else None
    unsure = key in verdict.abstained
    if key == "needs_answer" and not verdict.because.startswith("the reading: "):
        # Costs or a rule may decide against the reading, whose confidence then is in something else.
        share, unsure = None, verdict.unsure
    sure = f"{share:.0%}".replace("%", " %") if isinstance(share, int | float) else ""
    stands = "yes" if verdict.needs_answer else "no"
    now = stands if key == "needs_answer" else str(getattr(verdict, key, ""))
    choices = tuple((one, label, one == now) for one, label in CORRECTIONS.get(key, []))
    words = _words(verdict, key) if read else []
    return Label(key, name, value, sure, words, read and unsure, choices)


def _words(verdict: Verdict, key: str) -> list[Word]:
    told = [str(word) for word in verdict.reasons.get(key) or []]
    weights = [float(w) for w in verdict.weights.get(key) or [] if isinstance(w, int | float)]
    if len(weights) != len(told) or max(weights, default=0.0) <= 0:
        return [Word(word) for word in told if word.strip()][:MOST_WORDS]
    most = max(weights)
    found = [
        Word(word, max(4, round(100 * max(weight, 0.0) / most)), f"{weight:.2f}")
        for word, weight in zip(told, weights, strict=True)
        if word.strip()
    ]
    return found[:MOST_WORDS]


def language_named(code: str) -> str:
    """`English` for `en`; the code itself where it has no name here."""
    if code == UNKNOWN:
        return "Not known"
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code

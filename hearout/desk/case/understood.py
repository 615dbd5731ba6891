"""A verdict as an agent reads it: each label, how sure, and the words that decided."""

from __future__ import annotations

from dataclasses import dataclass

from hearout.desk import spoken
from hearout.triage.models import Verdict

MOST_WORDS = 12


@dataclass(frozen=True)
class Label:
    name: str
    value: str
    sure: str
    words: list[str]


@dataclass(frozen=True)
class Understood:
    """What was read in one post, and what to do about it."""

    verdict: Verdict
    labels: list[Label]

    @property
    def words(self) -> list[str]:
        """The words that decided, longest first, so that a match takes the whole of them."""
        found = {word for label in self.labels for word in label.words}
        return sorted(found, key=lambda word: (-len(word), word))[:MOST_WORDS]

    @property
    def kind_is(self) -> str:
        return self.labels[0].sure if self.labels else ""


def understood(verdict: Verdict) -> Understood:
    shown = (
        ("kind", "Tone", verdict.get_kind_display()),
        ("sentiment", "Sentiment", verdict.get_sentiment_display()),
        ("emotion", "Emotion", verdict.get_emotion_display()),
        ("urgency", "Urgency", verdict.get_urgency_display()),
        ("needs_answer", "Answer", "Wanted" if verdict.needs_answer else "Not wanted"),
        ("language", "Language", verdict.language),
    )
    return Understood(verdict, [_label(verdict, key, name, str(value)) for key, name, value in shown])


def _label(verdict: Verdict, key: str, name: str, value: str) -> Label:
    share = verdict.confidence.get(key)
    sure = spoken.confidence(share) if isinstance(share, int | float) else ""
    words = verdict.reasons.get(key) or []
    return Label(name, value, sure, [str(word) for word in words if str(word).strip()][:MOST_WORDS])

"""What a text says: the result of reading a post, whoever or whatever read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What a post wants. A request asks for something to be done, a question for something to be known."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    REQUEST = "request"
    OTHER = "other"

    @property
    def tone(self) -> Kind:
        """The dimension of every figure. The studies know four tones: requests are among their questions."""
        return Kind.QUESTION if self is Kind.REQUEST else self


class Sentiment(StrEnum):
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Emotion(StrEnum):
    ANGER = "anger"
    FRUSTRATION = "frustration"
    DISTRESS = "distress"
    DISGUST = "disgust"
    JOY = "joy"
    GRATITUDE = "gratitude"
    NONE = "none"


class Urgency(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says.

    `language` is an ISO 639-1 code or `und`. `confidence` maps a label's name (`kind`,
    `sentiment`, `emotion`, `urgency`, `needs_answer`, `language`) to 0..1. `reasons` maps the
    same names to the words of the text that decided, as written there; `weights` to what each of
    these words added, where the reader knows. `topics` are names, the likeliest first. `thanks` is true when
    the post says nothing but thank you or "solved" (it starts no clock and confirms the answer).
    `reader` names the rules or model and its version. The rest only trained readers know: `sarcasm`,
    `offensive`, and `abstained`, the labels that are given as the likeliest but too unsure to act upon.
    """

    language: str
    kind: Kind
    sentiment: Sentiment
    emotion: Emotion
    urgency: Urgency
    needs_answer: bool
    thanks: bool = False
    confidence: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reader: str = ""
    sarcasm: bool = False
    offensive: bool = False
    abstained: Sequence[str] = ()
    topics: Sequence[str] = ()
    weights: Mapping[str, Sequence[float]] = field(default_factory=dict)


class Reader(Protocol):
    """Anything that reads: rules today, trained models next to them tomorrow."""

    name: str

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in order. Never raises for any str."""

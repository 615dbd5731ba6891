"""The first reader: transparent rules over word lists. Its limits: `docs/understanding.md`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat

from hearout.understanding.evidence import Span, gather
from hearout.understanding.language import UNKNOWN, detect
from hearout.understanding.lexicon import LANGUAGES, lexicon
from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment, Urgency
from hearout.understanding.scores import (
    Findings,
    complaint_score,
    only_thanks,
    praise_score,
    question_score,
    request_score,
    wants_a_deed,
)
from hearout.understanding.tokens import Tokens, is_elongated, shorten, shouting, tokenise
from hearout.understanding.topics import find as topics_in

COMPLAINT_FROM, QUESTION_FROM, PRAISE_FROM, SENTIMENT_FROM = 1.2, 1.4, 1.2, 1.0
QUESTION_BEFORE_COMPLAINT = 1.5  # by how much a question must outweigh the grievance in it
REASONS_SHOWN, REASON_LENGTH = 4, 80
_BAD_EMOTIONS: tuple[Emotion, ...] = (Emotion.ANGER, Emotion.FRUSTRATION, Emotion.DISGUST, Emotion.DISTRESS)
_GOOD_EMOTIONS: tuple[Emotion, ...] = (Emotion.JOY, Emotion.GRATITUDE)


class RulesReader:
    """Reads by rules: the same text always gives the same reading, and says which words decided."""

    name = "rules-1"

    def read(self, texts: Sequence[str], languages: Iterable[str | None] = ()) -> list[Reading]:
        """One reading a text, in order; only the first 5,000 characters count. Never raises for any str.

        `languages` are the codes of those texts whose language is known, in the same order.
        """
        told = chain(languages, repeat(None))
        return [self._read(tokenise(text, given)) for text, given in zip(texts, told, strict=False)]

    def _read(self, tokens: Tokens) -> Reading:
        language, sure, decided = (
            (tokens.given, 1.0, []) if tokens.given else detect(tokens.text, tokens.words)
        )
        words_known = lexicon("en" if language == UNKNOWN else language)
        words = tokens.words
        if is_elongated(tokens.text):
            words = shorten(words, words_known)
        evidence = gather(tokens, words, words_known)
        readable = language in LANGUAGES or language == UNKNOWN
        it = Findings(tokens, evidence, shouting(tokens.raw), readable)
        thanks = only_thanks(it, words, words_known)
        kind, kind_sure, kind_why = kind_of(it, thanks)
        feeling, feeling_sure, feeling_why = _sentiment(it, kind)
        emotion, emotion_sure, emotion_why = _emotion(it, kind, feeling)
        needs, needs_sure, needs_why = needs_answer_of(it, kind, thanks)
        urgency, urgency_sure, urgency_why = urgency_of(it, kind, needs)
        about = topics_in(tokens, language)
        return Reading(
            language, kind, feeling, emotion, urgency, needs, thanks,
            {"kind": kind_sure, "sentiment": feeling_sure, "emotion": emotion_sure, "urgency": urgency_sure,
             "needs_answer": needs_sure, "language": sure},
            {"kind": as_written(tokens, kind_why), "sentiment": as_written(tokens, feeling_why),
             "emotion": as_written(tokens, emotion_why), "urgency": as_written(tokens, urgency_why),
             "needs_answer": as_written(tokens, needs_why),
             "language": as_written(tokens, [(i, i + 1) for i in decided]), "topics": list(about.words)},
            self.name, topics=about.names, weights={"topics": about.weights},
        )  # fmt: skip


def as_written(tokens: Tokens, spans: Iterable[Span]) -> list[str]:
    """The spans as they stand in the text; a phrase broken by other signs is given word by word."""
    shown: list[str] = []
    raw = tokens.raw
    for start, end in spans:
        if end - start == 1:
            said = raw[start:end]
        else:
            phrase = " ".join(raw[start:end])
            said = [phrase] if phrase in tokens.text else raw[start:end]
        for word in said:
            if word[:REASON_LENGTH] not in shown:
                shown.append(word[:REASON_LENGTH])
        if len(shown) >= REASONS_SHOWN:
            break
    return shown


def _sure(margin: float) -> float:
    """Confidence 0.5 to 0.97 from how far the evidence lies from the next label."""
    return round(min(0.97, 0.5 + 0.5 * margin / (margin + 1.5)), 2) if margin > 0 else 0.5


def kind_of(it: Findings, thanks: bool) -> tuple[Kind, float, list[Span]]:
    """The kind, how sure, and the words that decided."""
    kind, sure = _kind(it, thanks)
    if kind is Kind.OTHER:
        return kind, sure, why_other(it, thanks)
    return kind, sure, WHY[kind](it)


def _kind(it: Findings, thanks: bool) -> tuple[Kind, float]:
    if it.tokens.retweet or it.evidence.count("promo") >= 1 + ("problem" in it.evidence.found):
        return Kind.OTHER, 0.85
    complaint, question, praise = complaint_score(it), question_score(it), praise_score(it)
    asks = max(question, request_score(it))
    if thanks:
        return Kind.OTHER, 0.9
    asked = question - QUESTION_BEFORE_COMPLAINT
    if complaint >= max(COMPLAINT_FROM, praise, asked):
        return Kind.COMPLAINT, _sure(complaint - max(COMPLAINT_FROM - 0.5, asked, praise))
    if asks >= QUESTION_FROM and asks >= praise - 1.0:
        sure = _sure(asks - max(QUESTION_FROM - 0.5, complaint, praise - 1.0))
        return Kind.REQUEST if wants_a_deed(it) else Kind.QUESTION, sure
    if praise >= PRAISE_FROM:
        return Kind.PRAISE, _sure(praise - max(PRAISE_FROM - 0.5, complaint))
    nearest = max(complaint - COMPLAINT_FROM, asks - QUESTION_FROM, praise - PRAISE_FROM)
    return Kind.OTHER, _sure(-nearest) if it.readable else 0.3


def _why_complaint(it: Findings) -> list[Span]:
    evidence, found = it.evidence, it.evidence.found
    why = evidence.sarcastic + found.get("problem", []) + found.get("strong_sarcasm", [])
    return why + found.get("rhetorical", []) + evidence.bad + found.get("problem_mild", [])


def _why_question(it: Findings) -> list[Span]:
    evidence, found = it.evidence, it.evidence.found
    return found.get("ask", []) + evidence.openers + evidence.question_marks + found.get("request", [])


def _why_request(it: Findings) -> list[Span]:
    asked = {start: (start, end) for start, end in it.evidence.asked}  # the longest from each beginning
    return [*asked.values(), *it.evidence.found.get("request", ())]


def why_other(it: Findings, thanks: bool) -> list[Span]:
    """The words that make a text mere thanks, or promotion."""
    found = it.evidence.found
    return found.get("thanks", []) + found.get("solved", []) if thanks else found.get("promo", [])


WHY: dict[Kind, Callable[[Findings], list[Span]]] = {
    Kind.COMPLAINT: _why_complaint, Kind.QUESTION: _why_question, Kind.REQUEST: _why_request,
    Kind.PRAISE: lambda it: it.evidence.good,
}  # fmt: skip
"""The words that speak for a kind."""


def _sentiment(it: Findings, kind: Kind) -> tuple[Sentiment, float, list[Span]]:
    evidence = it.evidence
    positive, negative = evidence.positive, evidence.negative + 0.8 * evidence.count("rhetorical")
    negative += 0.3 * min(evidence.count("negator"), 2) + 0.7 * min(evidence.count("problem"), 3)
    if evidence.sarcastic or "strong_sarcasm" in evidence.found:
        negative, positive = negative + positive, 0.0
    balance = positive - negative + (0.2 * min(evidence.exclamations, 3) if positive > negative else 0.0)
    if kind is Kind.COMPLAINT:
        balance -= 1.0
    if balance >= SENTIMENT_FROM:
        return Sentiment.POSITIVE, _sure(balance - SENTIMENT_FROM + 0.3), evidence.good
    if balance <= -SENTIMENT_FROM:
        why = evidence.bad + evidence.sarcastic + evidence.found.get("problem", [])
        return Sentiment.NEGATIVE, _sure(-balance - SENTIMENT_FROM + 0.3), why
    return Sentiment.NEUTRAL, _sure(SENTIMENT_FROM - abs(balance)) if it.readable else 0.3, []


def _emotion(it: Findings, kind: Kind, sentiment: Sentiment) -> tuple[Emotion, float, list[Span]]:
    felt = it.evidence.felt
    if not felt and not it.capitals:
        return Emotion.NONE, 0.5, []
    if kind is Kind.COMPLAINT or sentiment is Sentiment.NEGATIVE:
        among = _BAD_EMOTIONS
    elif sentiment is Sentiment.POSITIVE or kind is Kind.PRAISE:
        among = _GOOD_EMOTIONS
    else:
        among = _BAD_EMOTIONS + _GOOD_EMOTIONS
    points = {emotion: float(len(felt.get(emotion, ()))) for emotion in among}
    if among is _BAD_EMOTIONS and it.capitals:
        points[Emotion.ANGER] += 1.0
    if among is _GOOD_EMOTIONS and points[Emotion.GRATITUDE]:
        points[Emotion.GRATITUDE] += 0.5
    best = max(among, key=points.__getitem__)
    if not points[best]:
        return Emotion.NONE, 0.5, []
    second = max(points[emotion] for emotion in among if emotion is not best)
    return best, _sure(points[best] - second), felt.get(best, [])


def needs_answer_of(it: Findings, kind: Kind, thanks: bool) -> tuple[bool, float, list[Span]]:
    evidence, found = it.evidence, it.evidence.found
    if thanks:
        return False, 0.9, found.get("thanks", []) + found.get("solved", [])
    if not it.readable:  # nobody understood it: a person should look
        return bool(it.tokens.words) and evidence.positive <= evidence.negative, 0.3, []
    if it.tokens.retweet or ("promo" in found and kind is Kind.OTHER):
        return False, 0.8, found.get("promo", [])
    asks = found.get("ask", []) + found.get("request", []) + evidence.question_marks
    if kind is Kind.COMPLAINT:
        sure = 0.9 if it.tokens.handles or asks else 0.75
        return True, sure, found.get("problem", []) + evidence.bad + asks
    if kind is Kind.REQUEST:
        sure = 0.9 if it.tokens.handles else 0.7
        return True, sure, evidence.asked + asks
    if kind is Kind.QUESTION:
        named = it.aimed or "self" in found or "request" in found
        return named, 0.85 if it.tokens.handles else 0.6, asks + evidence.openers
    if asks and it.aimed and "rhetorical_happy" not in found:
        wants = bool(found.get("ask") or found.get("request")) or kind is Kind.OTHER
        return wants, 0.55, asks
    tells = it.addressed and "self" in found and "subject" in found  # "@brand my bill is 171 dollars"
    if kind is Kind.OTHER and tells and evidence.positive <= 1:
        return True, 0.5, found["self"] + found["subject"]
    return False, 0.7, []


def urgency_of(it: Findings, kind: Kind, needs_answer: bool) -> tuple[Urgency, float, list[Span]]:
    evidence, found = it.evidence, it.evidence.found
    if not needs_answer:
        return Urgency.LOW, 0.8, []
    strong, mild = found.get("urgent", []), found.get("urgent_mild", [])
    loud = evidence.exclamations >= 3 or bool(it.capitals)
    points = 2.0 * len(strong) + 0.7 * min(len(mild), 2) + (0.7 if loud else 0.0)
    points += 0.4 if Emotion.DISTRESS in evidence.felt else 0.0
    if points >= 1.8:
        return Urgency.HIGH, _sure(points - 1.3), strong + mild
    if kind in (Kind.COMPLAINT, Kind.QUESTION, Kind.REQUEST):
        return Urgency.NORMAL, _sure(1.8 - points), mild
    return Urgency.LOW, 0.6, []

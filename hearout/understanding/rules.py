"""The first reader: transparent rules over word lists. `docs/understanding.md` says what it can and cannot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hearout.understanding.evidence import Evidence, Span, gather
from hearout.understanding.language import UNKNOWN, detect
from hearout.understanding.lexicon import LANGUAGES, MARK, Lexicon, lexicon
from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment, Urgency
from hearout.understanding.tokens import Tokens, is_elongated, shorten, shouting, tokenise

COMPLAINT_FROM, QUESTION_FROM, PRAISE_FROM, SENTIMENT_FROM = 1.5, 1.4, 1.4, 1.0
REASONS_SHOWN = 4
_THANKS_WORDS = MARK["thanks"] | MARK["filler"] | MARK["solved"]
_BAD_EMOTIONS = (Emotion.ANGER, Emotion.FRUSTRATION, Emotion.DISGUST, Emotion.DISTRESS)
_GOOD_EMOTIONS = (Emotion.JOY, Emotion.GRATITUDE)


@dataclass(slots=True)
class _Text:
    """One text with all that was found in it."""

    tokens: Tokens
    evidence: Evidence
    capitals: list[str]
    readable: bool

    @property
    def aimed(self) -> bool:
        """Whether it speaks to somebody or of something a brand does."""
        found = self.evidence.found
        return bool(self.tokens.handles or "you" in found or "subject" in found)


class RulesReader:
    """Reads by rules: the same text always gives the same reading, and says which words decided."""

    name = "rules-1"

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in order; only the first 5,000 characters count. Never raises for any str."""
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Reading:
        tokens = tokenise(text)
        language, sure, decided = detect(tokens.text, tokens.words)
        words_known = lexicon("en" if language == UNKNOWN else language)
        words = tokens.words
        if is_elongated(tokens.text):
            words = shorten(words, words_known)
        evidence = gather(tokens, words, words_known)
        readable = language in LANGUAGES or language == UNKNOWN
        it = _Text(tokens, evidence, shouting(tokens.raw), readable)
        thanks = _only_thanks(it, words, words_known)
        kind, kind_sure, kind_why = _kind(it, thanks)
        feeling, feeling_sure, feeling_why = _sentiment(it, kind)
        emotion, emotion_sure, emotion_why = _emotion(it, kind, feeling)
        needs, needs_sure, needs_why = _needs_answer(it, kind, thanks)
        urgency, urgency_sure, urgency_why = _urgency(it, kind, needs)
        return Reading(
            language, kind, feeling, emotion, urgency, needs, thanks,
            {"kind": kind_sure, "sentiment": feeling_sure, "emotion": emotion_sure, "urgency": urgency_sure,
             "needs_answer": needs_sure, "language": sure},
            {"kind": _written(tokens, kind_why), "sentiment": _written(tokens, feeling_why),
             "emotion": _written(tokens, emotion_why), "urgency": _written(tokens, urgency_why),
             "needs_answer": _written(tokens, needs_why),
             "language": [tokens.raw[i] for i in decided]},
            self.name,
        )  # fmt: skip


def _written(tokens: Tokens, spans: Iterable[Span]) -> list[str]:
    """The spans as they stand in the text; a phrase broken by other signs is given word by word."""
    shown: list[str] = []
    for start, end in spans:
        phrase = " ".join(tokens.raw[start:end])
        for word in (phrase,) if phrase in tokens.text else tokens.raw[start:end]:
            if word not in shown:
                shown.append(word)
        if len(shown) >= REASONS_SHOWN:
            break
    return shown


def _sure(margin: float) -> float:
    """Confidence 0.5 to 0.97 from how far the evidence lies from the next label."""
    return round(min(0.97, 0.5 + 0.5 * margin / (margin + 1.5)), 2) if margin > 0 else 0.5


def _only_thanks(it: _Text, words: list[str], known: Lexicon) -> bool:
    """Nothing but thanks or "solved": every word is one of theirs, but for one name."""
    found = it.evidence.found
    if not ("thanks" in found or "solved" in found) or len(words) > 30:
        return False
    if it.evidence.question_marks or it.evidence.sarcastic or "strong_sarcasm" in found or "subject" in found:
        return False
    strangers = 0
    in_phrase = {i for name in ("thanks", "solved") for start, end in found.get(name, ()) for i in range(start, end)}
    for i, word in enumerate(words):
        if not word[0].isalpha() or i in in_phrase:
            continue
        entry = known.get(word)
        if entry is None or not entry.cue.marks & _THANKS_WORDS:
            strangers += 1 if it.tokens.raw[i][0].isupper() else 2
    return strangers <= 1


def _question_score(it: _Text) -> float:
    found = it.evidence.found
    asked, marks = it.evidence.count("ask"), len(it.evidence.question_marks)
    score = 1.5 * min(asked, 2) + 0.7 * min(it.evidence.count("request"), 2)
    if marks:
        score += 1.2 + (0.8 if it.evidence.openers else 0.0)
    elif it.evidence.openers and it.evidence.openers[0][0] <= 2:
        score += 0.5
    if "rhetorical" in found or "rhetorical_happy" in found:
        score -= 1.8
    return score


def _complaint_score(it: _Text) -> float:
    evidence = it.evidence
    found = evidence.found
    score = 1.2 * min(evidence.count("problem"), 3) + 0.3 * min(evidence.count("problem_mild"), 4)
    score += 0.35 * evidence.negative - 0.25 * evidence.positive
    score += 1.0 * evidence.count("rhetorical") + 1.5 * bool(evidence.sarcastic) + 1.8 * evidence.count("strong_sarcasm")
    score += 0.5 * evidence.count("eye_roll")
    if it.capitals and score > 0:
        score += 0.5
    if "self" in found and score > 0:
        score += 0.3
    if "solved" in found and "thanks" in found and not evidence.sarcastic:
        score -= 1.5
    return score if it.aimed else score - 1.0


def _praise_score(it: _Text) -> float:
    evidence = it.evidence
    score = 0.5 * evidence.positive - 0.5 * evidence.negative - 0.8 * evidence.count("problem")
    score += 0.7 * min(evidence.count("thanks"), 1)
    if evidence.sarcastic or "strong_sarcasm" in evidence.found:
        score -= 3.0
    return score if it.aimed or "thanks" in evidence.found else score - 1.5


def _kind(it: _Text, thanks: bool) -> tuple[Kind, float, list[Span]]:
    evidence, found = it.evidence, it.evidence.found
    if it.tokens.retweet or evidence.count("promo") >= 1 + ("problem" in found):
        return Kind.OTHER, 0.85, found.get("promo", [])
    complaint, question, praise = _complaint_score(it), _question_score(it), _praise_score(it)
    if thanks:
        return Kind.OTHER, 0.9, found.get("thanks", []) + found.get("solved", [])
    if complaint >= COMPLAINT_FROM and complaint >= praise and complaint >= question - 1.0:
        why = evidence.sarcastic + found.get("problem", []) + found.get("strong_sarcasm", [])
        why += found.get("rhetorical", []) + evidence.bad + found.get("problem_mild", [])
        return Kind.COMPLAINT, _sure(complaint - max(COMPLAINT_FROM - 0.5, question - 1.0, praise)), why
    if question >= QUESTION_FROM and question >= praise - 1.0:
        why = found.get("ask", []) + evidence.openers + evidence.question_marks + found.get("request", [])
        return Kind.QUESTION, _sure(question - max(QUESTION_FROM - 0.5, complaint, praise - 1.0)), why
    if praise >= PRAISE_FROM:
        return Kind.PRAISE, _sure(praise - max(PRAISE_FROM - 0.5, complaint)), evidence.good
    nearest = max(complaint - COMPLAINT_FROM, question - QUESTION_FROM, praise - PRAISE_FROM)
    return Kind.OTHER, _sure(-nearest) if it.readable else 0.3, []


def _sentiment(it: _Text, kind: Kind) -> tuple[Sentiment, float, list[Span]]:
    evidence = it.evidence
    positive, negative = evidence.positive, evidence.negative
    negative += 0.7 * min(evidence.count("problem"), 3) + 0.8 * evidence.count("rhetorical")
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


def _emotion(it: _Text, kind: Kind, sentiment: Sentiment) -> tuple[Emotion, float, list[Span]]:
    felt = it.evidence.felt
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


def _needs_answer(it: _Text, kind: Kind, thanks: bool) -> tuple[bool, float, list[Span]]:
    evidence, found = it.evidence, it.evidence.found
    if thanks:
        return False, 0.9, found.get("thanks", []) + found.get("solved", [])
    if not it.readable:  # nobody understood it: a person should look
        return bool(it.tokens.words) and evidence.positive <= evidence.negative, 0.3, []
    if it.tokens.retweet or "promo" in found and kind is Kind.OTHER:
        return False, 0.8, found.get("promo", [])
    asks = found.get("ask", []) + found.get("request", []) + evidence.question_marks
    if kind is Kind.COMPLAINT:
        return True, 0.9 if it.tokens.handles or asks else 0.75, found.get("problem", []) + evidence.bad + asks
    if kind is Kind.QUESTION:
        named = it.aimed or "self" in found or "request" in found
        return named, 0.85 if it.tokens.handles else 0.6, asks + evidence.openers
    if asks and it.aimed and "rhetorical_happy" not in found:
        wants = bool(found.get("ask") or found.get("request")) or kind is Kind.OTHER
        return wants, 0.55, asks
    return False, 0.7, []


def _urgency(it: _Text, kind: Kind, needs_answer: bool) -> tuple[Urgency, float, list[Span]]:
    evidence, found = it.evidence, it.evidence.found
    if not needs_answer:
        return Urgency.LOW, 0.8, []
    strong, mild = found.get("urgent", []), found.get("urgent_mild", [])
    loud = evidence.exclamations >= 3 or bool(it.capitals)
    points = 2.0 * len(strong) + 0.7 * min(len(mild), 2) + (0.7 if loud else 0.0)
    points += 0.4 if Emotion.DISTRESS in evidence.felt else 0.0
    if points >= 1.8:
        return Urgency.HIGH, _sure(points - 1.3), strong + mild
    if kind in (Kind.COMPLAINT, Kind.QUESTION):
        return Urgency.NORMAL, _sure(1.8 - points), mild
    return Urgency.LOW, 0.6, []

"""How strongly a text speaks for being a complaint, a question, praise or mere thanks."""

from __future__ import annotations

from dataclasses import dataclass, field

from hearout.understanding.evidence import Evidence
from hearout.understanding.lexicon import MARK, Lexicon
from hearout.understanding.tokens import Tokens

_THANKS_WORDS = MARK["thanks"] | MARK["filler"] | MARK["solved"]
_LONGEST_THANKS = 30  # words


@dataclass(slots=True)
class Findings:
    """One text with all that was found in it.

    `aimed`: whether it speaks to somebody or of something a brand does. `addressed`: whether it begins with a
    handle, said to the brand, not of it.
    """

    tokens: Tokens
    evidence: Evidence
    capitals: list[str]
    readable: bool
    aimed: bool = field(init=False)
    addressed: bool = field(init=False)

    def __post_init__(self) -> None:
        found = self.evidence.found
        self.aimed = bool(self.tokens.handles or "you" in found or "subject" in found)
        self.addressed = self.tokens.handles > 0 and self.tokens.text.lstrip(" .\"'").startswith("@")


def only_thanks(it: Findings, words: list[str], known: Lexicon) -> bool:
    """Nothing but thanks or "solved": every word is one of theirs, but for one name."""
    found = it.evidence.found
    if not ("thanks" in found or "solved" in found) or len(words) > _LONGEST_THANKS:
        return False
    if it.evidence.question_marks or it.evidence.sarcastic or "strong_sarcasm" in found or "subject" in found:
        return False
    strangers = 0
    spans = found.get("thanks", []) + found.get("solved", [])
    in_phrase = {i for start, end in spans for i in range(start, end)}
    for i, word in enumerate(words):
        if not word[0].isalpha() or i in in_phrase:
            continue
        entry = known.get(word)
        if entry is None or not entry.cue.marks & _THANKS_WORDS:
            strangers += 1 if it.tokens.raw[i][0].isupper() else 2
    return strangers <= 1


def question_score(it: Findings) -> float:
    found = it.evidence.found
    marks, openers = it.evidence.question_marks, it.evidence.openers
    score = (1.5 if marks or openers else 0.7) * min(it.evidence.count("ask"), 2)
    score += 0.7 * min(it.evidence.count("request"), 2)
    if marks:
        score += 1.4 + (0.6 if openers else 0.0)
    elif openers and openers[0][0] <= 2:
        score += 0.6
    if "rhetorical" in found or "rhetorical_happy" in found:
        score -= 1.8
    return score


def request_score(it: Findings) -> float:
    """How strongly something is asked to be done; "please" alone says little without a deed."""
    return 1.4 * min(len(it.evidence.asked), 2) + 0.35 * min(it.evidence.count("request"), 3)


def wants_a_deed(it: Findings) -> bool:
    """Whether what is asked for is a deed, not an answer in words: "can you rebook me", but not "how do I"."""
    evidence = it.evidence
    if not evidence.asked and ("request" not in evidence.found or evidence.question_marks):
        return False
    to_know = [start for start, _ in [*evidence.found.get("ask", ()), *evidence.openers]]
    return all(any(begin <= start < end for begin, end in evidence.asked) for start in to_know)


def complaint_score(it: Findings) -> float:
    evidence, found = it.evidence, it.evidence.found
    score = 0.4 * evidence.negative - 0.25 * evidence.positive + 1.5 * bool(evidence.sarcastic)
    if found:
        count = evidence.count
        score += 1.2 * min(count("problem"), 3) + 0.35 * min(count("problem_mild"), 4)
        score += 0.3 * min(count("negator"), 2) + 1.3 * count("rhetorical")
        score += 1.8 * count("strong_sarcasm") + 0.5 * count("eye_roll")
    if score > 0:
        score += (0.5 if it.capitals else 0.0) + (0.4 if "self" in found else 0.0)
    if "solved" in found and "thanks" in found and not evidence.sarcastic:
        score -= 1.5
    return score if it.aimed else score - 1.0


def praise_score(it: Findings) -> float:
    evidence = it.evidence
    score = 0.5 * evidence.positive - 0.5 * evidence.negative - 0.8 * evidence.count("problem")
    score += 0.7 * min(evidence.count("thanks"), 1)
    if evidence.sarcastic or "strong_sarcasm" in evidence.found:
        score -= 3.0
    return score if it.aimed or "thanks" in evidence.found else score - 1.5

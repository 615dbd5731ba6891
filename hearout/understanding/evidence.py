"""Collects what speaks for what in one text: words found, negations minded, sums kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from hearout.understanding.lexicon import MARK, Cue, Lexicon
from hearout.understanding.tokens import PUNCTUATION, QUESTION_MARKS, Tokens

NEGATION_REACH = 3  # words: "not a very good flight" still turns "good"
SARCASM_REACH = 8

_PROBLEM, _PROBLEM_MILD, _EXPECTED = MARK["problem"], MARK["problem_mild"], MARK["expected"]
_NEGATOR, _BOOSTER, _CONTRAST = MARK["negator"], MARK["booster"], MARK["contrast"]
_CLAUSE_START, _GREETING, _SARCASM = MARK["clause_start"], MARK["greeting"], MARK["sarcasm"]
_BEG, _ACTION, _INFORM = MARK["beg"], MARK["action"], MARK["inform"]
_WRONG = _PROBLEM | MARK["misdeed"]
_TURNED = ("problem", "problem_mild", "solved")  # what a negator before it takes away

Span = tuple[int, int]
"""First word and one past the last, in `Tokens.raw`."""


@dataclass(slots=True)
class Evidence:
    """Sums of sentiment, and the spans that carry each cue (`found`) and emotion (`felt`).

    `asked` are the deeds somebody is begged for: from "can you" or "please" to "rebook".
    """

    positive: float = 0.0
    negative: float = 0.0
    good: list[Span] = field(default_factory=list)
    bad: list[Span] = field(default_factory=list)
    found: dict[str, list[Span]] = field(default_factory=dict)
    felt: dict[str, list[Span]] = field(default_factory=dict)
    question_marks: list[Span] = field(default_factory=list)
    openers: list[Span] = field(default_factory=list)
    asked: list[Span] = field(default_factory=list)
    exclamations: int = 0
    sarcastic: list[Span] = field(default_factory=list)

    def count(self, cue: str) -> int:
        return len(self.found.get(cue, ()))


@dataclass(slots=True)
class _Clause:
    """Where the scan stands: what came last that bears on the next words."""

    negator: int = -99
    booster: int = -99
    sarcasm: int = -99
    beg: Span = (-99, -99)
    fresh: bool = True
    skip: int = 0
    reach: int = 0


def gather(tokens: Tokens, words: list[str], lexicon: Lexicon) -> Evidence:
    """One walk through the words; everything else the rules decide from the result."""
    evidence, at, last = Evidence(), _Clause(reach=lexicon.action_reach), len(words) - 1
    for i, entry in enumerate(map(lexicon.get, words)):
        if entry is None:
            if words[i][0] in PUNCTUATION:
                _punctuation(evidence, at, words[i], i)
            else:
                at.fresh = False
            continue
        if i < at.skip:
            continue
        known = entry.phrases.get(words[i + 1]) if i < last and entry.phrases else None
        if known and _take_phrases(evidence, at, known, words, i):
            continue
        cue = entry.cue
        if not cue.idle:
            _take(evidence, at, cue, (i, i + 1))
        if at.fresh and not cue.marks & _GREETING:
            at.fresh = False
    return evidence


def _take_phrases(
    evidence: Evidence, at: _Clause, known: list[tuple[list[str], Cue]], words: list[str], i: int
) -> bool:
    """Takes the phrases that stand at `i`. True: one of them speaks for its words, which say nothing more."""
    for rest, cue in known:
        end = i + 1 + len(rest)
        if words[i + 1 : end] == rest:
            _take(evidence, at, cue, (i, end))
            if cue.swallows():
                at.skip, at.fresh = end, False
                return True
    return False


def _punctuation(evidence: Evidence, at: _Clause, word: str, i: int) -> None:
    if not QUESTION_MARKS.isdisjoint(word):
        evidence.question_marks.append((i, i + 1))
    evidence.exclamations += word.count("!")
    at.negator = at.booster = -99
    at.fresh = True
    if word != ",":
        at.sarcasm = -99
        at.beg = (-99, -99)


def _take(evidence: Evidence, at: _Clause, cue: Cue, span: Span) -> None:
    marks, start = cue.marks, span[0]
    negated = start - at.negator <= NEGATION_REACH
    if cue.weight:
        _weigh(evidence, at, cue.weight, span, negated)
    if negated and marks & _EXPECTED:
        evidence.found.setdefault("problem", []).append((at.negator, span[1]))
    if marks:
        if at.fresh and marks & _CLAUSE_START:
            evidence.openers.append(span)
        if marks & _CONTRAST:
            evidence.positive *= 0.6
            evidence.negative *= 0.8
            at.negator = -99
        if marks & _ACTION and not negated and 0 <= start - at.beg[1] <= at.reach:
            evidence.asked.append((at.beg[0], span[1]))
        if marks & _INFORM:
            at.beg = (-99, -99)
        elif marks & _BEG:
            at.beg = (at.beg[0] if start - at.beg[1] <= at.reach else start, span[1])  # "could you please"
        if marks & _SARCASM:
            at.sarcasm = start
        elif marks & _WRONG and not negated and start - at.sarcasm <= SARCASM_REACH:
            evidence.sarcastic.append((at.sarcasm, span[1]))
        for name in cue.listed:
            if not (negated and name in _TURNED and start > at.negator):
                evidence.found.setdefault(name, []).append(span)
        if marks & _NEGATOR:
            at.negator = start
        if marks & _BOOSTER:
            at.booster = start
    if not negated:
        for emotion in cue.emotions:
            evidence.felt.setdefault(emotion, []).append(span)


def _weigh(evidence: Evidence, at: _Clause, weight: float, span: Span, negated: bool) -> None:
    if negated:  # "not good" is rather bad, "not terrible" only a little good
        weight *= -0.7 if weight > 0 else -0.4
        span = (at.negator, span[1])
    if span[0] - at.booster == 1:
        weight *= 1.3
    if weight > 0:
        evidence.positive += weight
        evidence.good.append(span)
    else:
        evidence.negative -= weight
        evidence.bad.append(span)
        if weight <= -2 and span[0] - at.sarcasm <= SARCASM_REACH and at.sarcasm >= 0:
            evidence.sarcastic.append((at.sarcasm, span[1]))

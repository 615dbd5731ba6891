"""The language of a short text: its script first, then what the model learnt, and `und` when unsure."""

from __future__ import annotations

from hearout.understanding.language import UNKNOWN, decisive, detect, script_of
from hearout.understanding.tokens import Tokens

SURE, VERY_SURE = 0.75, 0.9  # of the model's share: alone, and against the word lists
CERTAIN, FEW = 0.92, 4  # the word lists are not asked: of so many words, and so sure
UNLEARNT, UNLEARNT_SURE = "nl", 0.7  # has word lists, but no set to learn from
NOISY = "hi"  # its set holds English tweets about India, and strange languages come out as it


def settle(tokens: Tokens, likeliest: str, share: float, sure: float) -> tuple[str, float, list[int]]:
    """Language, confidence and the words that decided, from the model's likeliest with its share of
    the softmax and its calibrated confidence. A language that was given stands."""
    if tokens.given:
        return tokens.given, 1.0, []
    if not tokens.text.isascii():
        script = script_of(tokens.text)
        if script:
            return script[0], script[1], []
    if share >= CERTAIN and likeliest != NOISY and len(tokens.words) >= FEW:
        return likeliest, sure, decisive(tokens.words, likeliest)
    by_words, sure_by_words, decided = detect(tokens.text, tokens.words)
    if by_words == likeliest:
        return likeliest, max(sure, sure_by_words), decided
    if by_words == UNLEARNT and sure_by_words >= UNLEARNT_SURE:
        return by_words, sure_by_words, decided
    if by_words == "en" and likeliest == NOISY and share < VERY_SURE:
        return by_words, sure_by_words, decided
    enough = SURE if by_words == UNKNOWN and likeliest != NOISY else VERY_SURE
    if share >= enough and tokens.words:
        return likeliest, sure, []
    return UNKNOWN, min(sure, 0.5), []

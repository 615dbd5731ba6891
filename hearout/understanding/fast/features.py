"""What the fast model sees of a text: hashes of words, parts of words and neighbours, and the rules' evidence.

Training and reading both come here, so that the two see the same. Words are hashed, never kept.
"""

from __future__ import annotations

import re
from itertools import pairwise
from math import log1p
from zlib import crc32

from hearout.understanding.evidence import gather
from hearout.understanding.language import UNKNOWN
from hearout.understanding.lexicon import LANGUAGES, LISTED, Lexicon, lexicon
from hearout.understanding.reading import Emotion
from hearout.understanding.scores import Findings, complaint_score, praise_score, question_score, wants_a_deed
from hearout.understanding.tokens import Tokens, is_elongated, shorten, shouting

BEGIN, END, HANDLE = "^", "$", "@"
MARKS = 8  # handles and hashtags that are told apart; a hundred of them say no more
SHORTEST, LONGEST = 3, 5  # characters of a part of a word
WORD_CUT = 30  # characters of a word that are cut into parts
EVIDENCE_LIMIT = 6.0

_EMOTIONS = tuple(emotion.value for emotion in Emotion if emotion is not Emotion.NONE)
EVIDENCE = (
    "positive", "negative", "balance", "good", "bad", "question_marks", "openers", "exclamations", "sarcastic",
    "capitals", "elongated", "handles", "links", "retweet", "complaint", "question", "praise", "aimed",
    "addressed", "hashtags", "length", "listed_language", "asked", "deed", *LISTED,
    *(f"felt_{name}" for name in _EMOTIONS),
)  # fmt: skip
"""The names of `evidence_of`'s figures, in order."""
SHAPE = frozenset((
    "exclamations", "capitals", "elongated", "handles", "links", "retweet", "aimed", "addressed", "hashtags",
    "length", "listed_language",
))  # fmt: skip
"""Those of them that are the shape of a text, not words in it."""
_SPANS = [
    [(i, j) for i in range(size) for j in range(i + SHORTEST, min(i + LONGEST, size) + 1)]
    for size in range(WORD_CUT + 3)
]  # where the parts of a word of so many characters begin and end
_HASHTAG = re.compile(r"#\w+")
_WORD, _PART = crc32(b"w "), crc32(b"c ")  # a word and a part of a word spelt alike must differ
_PLACES = {name: place for place, name in enumerate((*LISTED, *_EMOTIONS))}


def framed(tokens: Tokens) -> list[str]:
    """The words between a begin and an end, then a mark for each handle and hashtag, all of them features:
    no text is without any."""
    marks = [HANDLE] * min(tokens.handles, MARKS)
    if "#" in tokens.text:
        marks += [tag.lower() for tag in _HASHTAG.findall(tokens.text)[:MARKS]]
    return [BEGIN, *tokens.words, END, *marks]


def word_hashes(word: str) -> list[int]:
    """32-bit hashes of a word and of its parts of 3 to 5 characters (`<` and `>` mark its ends)."""
    hashes = [crc32(word.encode("utf-8", "replace"), _WORD)]
    if word[0].isalpha():
        edged = f"<{word[:WORD_CUT]}>"
        spans = _SPANS[len(edged)]
        if edged.isascii():  # slices of bytes need no encoding each
            spelt = edged.encode()
            parts = dict.fromkeys([spelt[start:end] for start, end in spans])
        else:
            parts = dict.fromkeys([edged[start:end].encode("utf-8", "replace") for start, end in spans])
        hashes += [crc32(part, _PART) for part in parts]
    return hashes


def pair_hashes(words: list[str]) -> list[int]:
    """A hash for each two neighbours."""
    return [crc32(pair) for pair in map(str.encode, map(" ".join, pairwise(words)))]


def find(tokens: Tokens, language: str) -> tuple[Findings, list[str], Lexicon]:
    """All that the word lists of a language find in a text, its words as the lists spell them, and the lists."""
    known = lexicon("en" if language == UNKNOWN else language)
    words = tokens.words
    if is_elongated(tokens.text):
        words = shorten(words, known)
    readable = language in LANGUAGES or language == UNKNOWN
    return Findings(tokens, gather(tokens, words, known), shouting(tokens.raw), readable), words, known


def evidence_of(it: Findings, words: list[str]) -> list[float]:
    """The figures named in `EVIDENCE`, each from -6 to 6."""
    evidence, tokens, text = it.evidence, it.tokens, it.tokens.text
    figures: list[float] = [
        evidence.positive, evidence.negative, evidence.positive - evidence.negative, len(evidence.good),
        len(evidence.bad), len(evidence.question_marks), len(evidence.openers), evidence.exclamations,
        len(evidence.sarcastic), bool(it.capitals), words is not tokens.words, tokens.handles,
        bool(tokens.links), tokens.retweet, complaint_score(it), question_score(it), praise_score(it),
        it.aimed, it.addressed, text.count("#"), log1p(len(words)), it.readable, len(evidence.asked),
        wants_a_deed(it),
    ]  # fmt: skip
    counts = [0.0] * len(_PLACES)
    for spans in (evidence.found, evidence.felt):
        for name, places in spans.items():
            counts[_PLACES[name]] = len(places)
    return figures + counts

"""The word lists behind the rules, loaded from `lexicon/*.toml`."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hearout.understanding.reading import Emotion

LANGUAGES = ("en", "es", "de", "fr", "pt", "it", "nl")
WEIGHTS = {
    "very_positive": 3.0, "positive": 2.0, "mildly_positive": 1.0,
    "very_negative": -3.0, "negative": -2.0, "mildly_negative": -1.0,
}  # fmt: skip
EMOTIONS = tuple(emotion for emotion in Emotion if emotion is not Emotion.NONE)
CUES = (
    "problem", "problem_mild", "expected", "ask", "request", "rhetorical", "rhetorical_happy", "solved",
    "thanks", "filler", "promo", "urgent", "urgent_mild", "subject", "self", "you", "negator", "booster",
    "contrast", "sarcasm", "strong_sarcasm", "eye_roll", "clause_start", "greeting", "misdeed",
    "plain",
)  # fmt: skip
MARK = {name: 1 << position for position, name in enumerate(CUES)}
# A phrase of these speaks for its words ("no problem" holds no problem); other phrases add to them.
_SPEAKS_FOR_ITS_WORDS = sum(
    MARK[cue] for cue in ("plain", "solved", "thanks", "rhetorical", "strong_sarcasm")
)


@dataclass(slots=True)
class Cue:
    """What a word or phrase stands for: sentiment from -3 to 3, `MARK` bits, bits of `EMOTIONS`."""

    weight: float = 0.0
    marks: int = 0
    emotions: int = 0

    def swallows(self) -> bool:
        return bool(self.weight or self.marks & _SPEAKS_FOR_ITS_WORDS)


@dataclass(slots=True)
class Entry:
    """A word: what it stands for alone, and the phrases it begins (their further words, their cue)."""

    cue: Cue = field(default_factory=Cue)
    phrases: list[tuple[list[str], Cue]] = field(default_factory=list)


class Lexicon(dict[str, Entry]):
    """One language's words by their first (or only) word in lower case."""

    def cue_of(self, term: str) -> Cue:
        """The cue of a word or of a phrase, made when it is new."""
        first, *rest = re.split("[_-]", term) if term[0].isalnum() else [term]
        entry = self.setdefault(first, Entry())
        if not rest:
            return entry.cue
        for words, cue in entry.phrases:
            if words == rest:
                return cue
        entry.phrases.append((rest, Cue()))
        entry.phrases.sort(key=lambda phrase: -len(phrase[0]))
        return self.cue_of(term)

    def add(self, section: str, name: str, terms: Iterable[str]) -> None:
        for cue in map(self.cue_of, terms):
            if section == "sentiment":
                cue.weight = cue.weight or WEIGHTS[name]
            elif section == "emotion":
                cue.emotions |= 1 << EMOTIONS.index(Emotion(name))
            else:
                cue.marks |= MARK[name]
                if name == "thanks":
                    cue.weight = cue.weight or WEIGHTS["mildly_positive"]
                    cue.emotions |= 1 << EMOTIONS.index(Emotion.GRATITUDE)


def terms(text: str) -> Iterator[str]:
    """The terms of a list: `delay|s|ed` is three; each comes without its accents as well."""
    for item in text.lower().split():
        stem, *endings = item.split("|") if item[0].isalpha() else [item]
        stems = () if stem.endswith("_") else (stem,)  # `lost_my_|bag|case`: the stem alone says nothing
        for word in (*stems, *(stem + ending for ending in endings)):
            yield word
            plain = _without_accents(word)
            if plain != word:
                yield plain
            if "n't" in word:
                yield word.replace("'", "")


def _without_accents(word: str) -> str:
    if word.isascii() or not word[0].isalpha():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language of `LANGUAGES`, with the emojis; of any other, the emojis alone."""
    words = Lexicon()
    for name in ("emoji", language) if language in LANGUAGES else ("emoji",):
        for section in ("sentiment", "emotion", "cue"):
            for key, text in _file(name)[section].items():
                words.add(section, key, terms(text))
    return words


@cache
def stop_words(language: str) -> frozenset[str]:
    return frozenset(terms(_file(language)["language"]["stop"]))


@cache
def _file(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "lexicon" / f"{name}.toml").read_text("utf-8"))

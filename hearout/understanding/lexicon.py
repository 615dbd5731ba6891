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
CUES = (
    "problem", "problem_mild", "expected", "ask", "request", "rhetorical", "rhetorical_happy", "solved",
    "thanks", "filler", "promo", "urgent", "urgent_mild", "subject", "self", "you", "negator", "booster",
    "contrast", "sarcasm", "strong_sarcasm", "eye_roll", "clause_start", "greeting", "misdeed",
    "plain", "beg", "action", "inform",
)  # fmt: skip
MARK = {name: 1 << position for position, name in enumerate(CUES)}
LISTED = (
    "problem", "problem_mild", "ask", "request", "rhetorical", "rhetorical_happy", "solved", "thanks", "promo",
    "urgent", "urgent_mild", "subject", "self", "you", "strong_sarcasm", "eye_roll", "negator",
)  # fmt: skip
ACTION_REACH, VERB_LAST_REACH = 3, 8
VERB_LAST = ("de", "nl")  # "können Sie mir bitte einen Ersatz schicken"
_SILENT = MARK["filler"] | MARK["greeting"] | MARK["plain"]  # asked for elsewhere, no evidence by themselves
# A phrase of these speaks for its words ("no problem" holds no problem); other phrases add to them.
_SPEAKS_FOR_ITS_WORDS = sum(
    MARK[cue] for cue in ("plain", "solved", "thanks", "rhetorical", "strong_sarcasm")
)


@dataclass(slots=True)
class Cue:
    """What a word or phrase stands for: sentiment from -3 to 3, `MARK` bits, emotions felt.

    `listed` names those of its marks that are kept as evidence; a cue with nothing is `idle`.
    """

    weight: float = 0.0
    marks: int = 0
    emotions: tuple[Emotion, ...] = ()
    listed: tuple[str, ...] = ()
    idle: bool = True

    def settle(self) -> None:
        """Work out what follows from the marks, once all lists are read: it is asked for every word."""
        self.listed = tuple(name for name in LISTED if self.marks & MARK[name])
        self.idle = not (self.weight or self.emotions or self.marks & ~_SILENT)

    def feel(self, emotion: Emotion) -> None:
        if emotion not in self.emotions:
            self.emotions += (emotion,)

    def swallows(self) -> bool:
        return bool(self.weight or self.marks & _SPEAKS_FOR_ITS_WORDS)


@dataclass(slots=True)
class Entry:
    """A word: what it stands for alone, and the phrases it begins, by their second word.

    Each phrase is its further words and its cue, longest first.
    """

    cue: Cue = field(default_factory=Cue)
    phrases: dict[str, list[tuple[list[str], Cue]]] = field(default_factory=dict)


class Lexicon(dict[str, Entry]):
    """One language's words by their first (or only) word in lower case.

    `action_reach` is how many words may stand between "can you" and "rebook".
    """

    action_reach: int = ACTION_REACH

    def cue_of(self, term: str) -> Cue:
        """The cue of a word or of a phrase, made when it is new."""
        first, *rest = re.split("[_-]", term) if term[0].isalnum() else [term]
        entry = self.setdefault(first, Entry())
        if not rest:
            return entry.cue
        phrases = entry.phrases.setdefault(rest[0], [])
        for words, cue in phrases:
            if words == rest:
                return cue
        phrases.append((rest, Cue()))
        phrases.sort(key=lambda phrase: -len(phrase[0]))
        return self.cue_of(term)

    def add(self, section: str, name: str, terms: Iterable[str]) -> None:
        for cue in map(self.cue_of, terms):
            if section == "sentiment":
                cue.weight = cue.weight or WEIGHTS[name]
            elif section == "emotion":
                cue.feel(Emotion(name))
            else:
                cue.marks |= MARK[name]
                if name == "thanks":
                    cue.weight = cue.weight or WEIGHTS["mildly_positive"]
                    cue.feel(Emotion.GRATITUDE)


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
    words.action_reach = VERB_LAST_REACH if language in VERB_LAST else ACTION_REACH
    for name in ("emoji", language) if language in LANGUAGES else ("emoji",):
        for section in ("sentiment", "emotion", "cue"):
            for key, text in _file(name)[section].items():
                words.add(section, key, terms(text))
    for entry in words.values():
        for cue in (entry.cue, *(cue for phrases in entry.phrases.values() for _, cue in phrases)):
            cue.settle()
    return words


@cache
def stop_words(language: str) -> frozenset[str]:
    return frozenset(terms(_file(language)["language"]["stop"]))


@cache
def _file(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "lexicon" / f"{name}.toml").read_text("utf-8"))

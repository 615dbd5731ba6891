"""Which language a text is in, by its script and its commonest words."""

from __future__ import annotations

from collections import Counter
from functools import cache

from hearout.understanding.lexicon import LANGUAGES, MARK, lexicon, stop_words

UNKNOWN = "und"
_BITS = 16  # one counter a language inside one integer: 5,000 characters cannot overflow 65,535
_STOP_WORD, _KNOWN_WORD, _LETTER = 4, 2, 3
_ENOUGH, _CLEAR = 4, 1.15
_ASKING = MARK["beg"] | MARK["action"] | MARK["inform"]  # "stop", "help", "download": said in every language

_SCRIPTS = (  # first and last character, language most often written so
    ("\u0370", "\u03ff", "el"), ("\u0400", "\u052f", "ru"), ("\u0530", "\u058f", "hy"),
    ("\u0590", "\u05ff", "he"), ("\u0600", "\u06ff", "ar"), ("\u0750", "\u077f", "ar"),
    ("\u0900", "\u097f", "hi"), ("\u0980", "\u09ff", "bn"), ("\u0a80", "\u0aff", "gu"),
    ("\u0b80", "\u0bff", "ta"), ("\u0c00", "\u0c7f", "te"), ("\u0e00", "\u0e7f", "th"),
    ("\u10a0", "\u10ff", "ka"), ("\u1100", "\u11ff", "ko"), ("\u3040", "\u30ff", "ja"),
    ("\u3400", "\u4dbf", "zh"), ("\u4e00", "\u9fff", "zh"), ("\uac00", "\ud7a3", "ko"),
)  # fmt: skip
_GIVEAWAYS = (("ru", "іїєґ", "uk"), ("ar", "ٹڈڑےں", "ur"), ("ar", "پچژگ", "fa"))
_LETTERS = {"ñ": "es", "¿": "es", "¡": "es", "ß": "de", "ä": "de", "ö": "de", "ü": "de", "ã": "pt", "õ": "pt",
            "œ": "fr", "ê": "fr", "è": "fr", "ò": "it", "ù": "it"}  # fmt: skip


def detect(text: str, words: list[str]) -> tuple[str, float, list[int]]:
    """Language, confidence 0..1 and the places in `words` that decided (none for a script)."""
    if not text.isascii():
        script = script_of(text)
        if script:
            return script[0], script[1], []
    counters = _counters()
    total = sum(filter(None, map(counters.get, words)))
    if not text.isascii():
        total += sum(_letter_bonus(letter) for letter in _LETTERS.keys() & set(text.lower()))
    scores = [(total >> shift) & 0xFFFF for shift in _SHIFTS]
    best = max(scores)
    place = scores.index(best)
    scores[place] = 0
    second = max(scores)
    if best < _ENOUGH or best < second * _CLEAR:
        return UNKNOWN, 0.3, []
    margin = (best - second) / (best + 4)
    sure = round(min(0.99, 0.5 + 0.6 * margin), 2)
    return LANGUAGES[place], sure, decisive(words, LANGUAGES[place])


def decisive(words: list[str], language: str) -> list[int]:
    """The places of the first few words that count for a language, near the beginning."""
    if language not in LANGUAGES:
        return []
    counter = 0xFFFF << _SHIFTS[LANGUAGES.index(language)]
    counters = _counters()
    decided = []
    for i, word in enumerate(words[:24]):
        if counters.get(word, 0) & counter:
            decided.append(i)
            if len(decided) == 4:
                break
    return decided


_SHIFTS = tuple(_BITS * position for position in range(len(LANGUAGES)))


def _letter_bonus(letter: str) -> int:
    return _LETTER << _SHIFTS[LANGUAGES.index(_LETTERS[letter])]


@cache
def _counters() -> dict[str, int]:
    """Each known word's points for each language, packed into one integer."""
    points: dict[str, int] = {}
    for language, shift in zip(LANGUAGES, _SHIFTS, strict=True):
        stops = stop_words(language)
        cues = {
            word: entry.cue
            for word, entry in lexicon(language).items()
            if len(word) > 2 and word[0].isalpha()
        }
        known = {word for word, cue in cues.items() if cue.weight or cue.marks & ~_ASKING}
        for word in stops | known:
            points[word] = points.get(word, 0) + ((_STOP_WORD if word in stops else _KNOWN_WORD) << shift)
    return points


def script_of(text: str) -> tuple[str, float] | None:
    """The language of the script most of the letters are in, or none for Latin letters."""
    foreign = [char for char in text if char > "\u036f" and char.isalpha()]
    if not foreign:
        return None
    letters = sum(map(str.isalpha, text))
    seen = Counter(filter(None, map(_script_language, foreign)))
    if not seen or len(foreign) * 3 < letters:
        return None
    language, count = seen.most_common(1)[0]
    if language == "zh" and seen["ja"]:  # kana decide: Chinese has none
        language, count = "ja", count + seen["ja"]
    for base, chars, other in _GIVEAWAYS:
        if language == base and any(char in text for char in chars):
            language = other
            break
    return language, round(min(0.95, 0.5 + 0.45 * count / letters), 2)


def _script_language(char: str) -> str | None:
    return next((language for first, last, language in _SCRIPTS if first <= char <= last), None)

"""The words of a text as topics are looked up, and the ways in which a listed word may be written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from hearout.understanding.lexicon import terms
from hearout.understanding.tokens import MAX_CHARS, Tokens, tokenise

BY_SPACES = frozenset(("hi", "ar"))
"""Written with signs that the tokeniser takes for no letters: these are split at spaces and punctuation."""

_RUNS = re.compile(r"[^\s\x00-/:-@\[-`{-~\u060c\u061b\u061f\u0964\u0965\u2010-\u2027\u3002]+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_ARABIC = str.maketrans("أإآٱىةؤئ", "اااايهوي", "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_BEFORE = {
    "fr": ("l'", "d'"),
    "it": ("l'", "un'", "dell'", "all'", "nell'", "dall'", "sull'"),
    "ar": ("ال", "و", "وال", "ب", "بال", "ل", "لل", "ف"),
}
_VOWELS = frozenset("aeiouhàâéèêëîïôûùœ")


@dataclass(slots=True)
class Spoken:
    """`raw` as written and `words` as they are looked up, of one length."""

    text: str
    raw: list[str]
    words: list[str]


def spoken(said: str | Tokens, language: str) -> Tokens | Spoken:
    """The words of the first 5,000 characters; invisible characters and broken-up accents do not hide any."""
    text = said[:MAX_CHARS] if isinstance(said, str) else said.text
    clean = text if text.isascii() else _clean(text)
    if language in BY_SPACES:
        raw = _RUNS.findall(clean)
        return Spoken(clean, raw, [word.translate(_ARABIC).lower() for word in raw])
    return said if isinstance(said, Tokens) and clean is text else tokenise(clean)


def _clean(text: str) -> str:
    """The very same object when there is nothing to do, which is nearly always."""
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFC", text)


def listed(item: str, language: str) -> Iterator[list[str]]:
    """The ways to write one item of a list such as `delay|s|ed`: each is a word, or the words of a phrase."""
    for term in terms(item):
        for first in (term, term.translate(_UMLAUTS)) if language == "de" else (term,):
            words = spoken(first.replace("_", " "), language).words
            if words:
                yield words
                for prefix in _BEFORE.get(language, ()):
                    if language == "ar" or words[0][0] in _VOWELS:
                        yield [prefix + words[0], *words[1:]]

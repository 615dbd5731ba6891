"""Splits a post into words, punctuation, emojis, links and handles in one pass."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

MAX_CHARS = 5_000
"""Longest text that is read; the rest of a longer one is ignored."""

PUNCTUATION = frozenset("?!.,;¿¡…？！。؟、")
QUESTION_MARKS = frozenset("?？؟")

_TOKEN = re.compile(
    r"(?:https?://|www\.)\S+"  # links, dropped
    r"|@\w+"  # handles, dropped but counted
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*"  # words, with their apostrophes
    r"|\d[\d.,:]*\w*"  # numbers, times, ordinals
    r"|<3|[:;=][-'o]?[)(\]DpP/\\|*]+|\)+:"  # emoticons
    r"|[?!.,;¿¡…？！。؟、]+"
    "|[\u2600-\u27bf\u2b50\U0001f300-\U0001faff]"  # emojis, one by one
)
_ELONGATED = re.compile(r"([^\W\d_])\1\1+")
_ELONGATED_ASCII = re.compile(r"([A-Za-z])\1\1")  # finds the same in half the time


@dataclass(slots=True)
class Tokens:
    """`raw` as written and `words` in lower case, of one length; links and handles left out.

    `given` is the language that whoever asks knows the text to be in, "" when nobody does.
    """

    text: str
    raw: list[str]
    words: list[str]
    handles: int
    links: int
    retweet: bool
    given: str = ""


def tokenise(text: str, given: str | None = None) -> Tokens:
    """The tokens of the first `MAX_CHARS` characters of any str."""
    text = text[:MAX_CHARS]
    raw: list[str] = _TOKEN.findall(text)
    handles = links = 0
    retweet = len(raw) > 1 and raw[0] == "RT" and raw[1][0] == "@"
    if "@" in text:
        spoken = [token for token in raw if token[0] != "@"]
        handles, raw = len(raw) - len(spoken), spoken
    if "://" in text or "www." in text:
        spoken = [token for token in raw if not token.startswith(("http://", "https://", "www."))]
        links, raw = len(raw) - len(spoken), spoken
    words = list(map(str.lower, raw))
    if "’" in text:
        words = [word.replace("’", "'") for word in words]
    return Tokens(text, raw, words, handles, links, retweet, given or "")


def shorten(words: list[str], known: Container[str]) -> list[str]:
    """Words with drawn-out letters (soooo, helppp) in the spelling that `known` contains."""
    return [_shortened(word, known) if _ELONGATED.search(word) else word for word in words]


def is_elongated(text: str) -> bool:
    """Whether any letter comes three times or more in a row."""
    return (_ELONGATED_ASCII if text.isascii() else _ELONGATED).search(text) is not None


def _shortened(word: str, known: Container[str]) -> str:
    twice, once = _ELONGATED.sub(r"\1\1", word), _ELONGATED.sub(r"\1", word)
    if word in known:
        return word
    return twice if twice in known else once


def shouting(raw: list[str]) -> list[str]:
    """The words in capitals, when there are enough of them to be shouting (codes such as LHR are not)."""
    if not any(map(str.isupper, raw)):
        return []
    capitals = [token for token in raw if len(token) > 3 and token.isupper() and token.isalpha()]
    long_words = sum(1 for token in raw if len(token) > 3 and token.isalpha())
    return capitals if len(capitals) >= 3 or (len(capitals) == 2 and long_words <= 5) else []

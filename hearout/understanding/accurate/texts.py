"""A text as the encoder reads it: plainly written, cut to a bounded length, in pieces of words.

Training and reading both come here, so that the two see the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import NamedTuple
from unicodedata import category, normalize

BEGIN, PADDING, END, UNKNOWN = 0, 1, 2, 3
"""The places of `<s>`, `<pad>`, `</s>` and `<unk>` among the pieces."""
SPACE = "▁"  # begins a word, in pieces
MOST_CHARACTERS = 1_000
MOST_PIECES = 128  # begin and end included; 280 characters are rarely more than 100
CACHED_WORDS = 50_000
UNLIKELY = 10.0  # how much less likely an unknown character is than the rarest piece, in logs

_HANDLE = re.compile(r"(?<!\w)@\w+")
_LINK = re.compile(r"https?:?/?/?\S*|www\.\S+")
_HANDLES = re.compile(r"(?:@user\s+){3,}")
_REPEATED = re.compile(r"(.)\1{3,}", re.DOTALL)
_JOINER, _SELECTOR = "\u200d", "\ufe0f"


def plain(text: str) -> str:
    """Handles as `@user` (two in a row at most) and links as `http`, as TweetEval has them; no markup codes, no
    invisible characters, no letter more than three times, single spaces. Never raises for any str."""
    text = unescape(text[:MOST_CHARACTERS]) if "&" in text[:MOST_CHARACTERS] else text[:MOST_CHARACTERS]
    text = _LINK.sub("http", _HANDLE.sub("@user", text))
    text = normalize("NFKC", _HANDLES.sub("@user @user ", text))
    if not text.isascii() or not text.isprintable():
        text = "".join([_seen(character) for character in text])
    return " ".join(_REPEATED.sub(r"\1\1\1", text).split())


def _seen(character: str) -> str:
    if character == _SELECTOR:
        return ""
    kind = category(character)
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    return "" if kind in ("Cf", "Cs", "Co", "Cn") and character != _JOINER else character


class Numbered(NamedTuple):
    """A text in numbers of pieces, begin and end included, and of each piece the place of its word among the
    text's words (-1 for begin and end)."""

    pieces: list[int]
    words: list[int]


class Pieces:
    """Cuts words into the likeliest pieces of a unigram vocabulary (SentencePiece's way, Kudo 2018).

    Safe to share between threads: the cache of words only ever gains what would come out anyway.
    """

    def __init__(self, pieces: Sequence[tuple[str, float]]) -> None:
        """The pieces in order with the logarithm of how likely each is."""
        self._known = {
            piece: (score, number) for number, (piece, score) in enumerate(pieces) if number > UNKNOWN
        }
        self._longest = max(map(len, self._known))
        self._unknown = min(score for score, _ in self._known.values()) - UNLIKELY
        self._cache: dict[str, list[int]] = {}

    def numbered(self, text: str) -> Numbered:
        """A text that `plain` gave; of a long one its beginning and its last quarter, where people say
        what they want."""
        pieces: list[int] = []
        words: list[int] = []
        for place, word in enumerate(text.split(" ") if text else ()):
            found = self._cache.get(word)
            if found is None:
                found = self._learnt(word)
            pieces += found
            words += [place] * len(found)
        room = MOST_PIECES - 2
        if len(pieces) > room:
            head, tail = room - room // 4, len(pieces) - room // 4
            pieces, words = pieces[:head] + pieces[tail:], words[:head] + words[tail:]
        return Numbered([BEGIN, *pieces, END], [-1, *words, -1])

    def _learnt(self, word: str) -> list[int]:
        found = self._cut(SPACE + word)
        if len(self._cache) >= CACHED_WORDS:
            self._cache.clear()
        self._cache[word] = found
        return found

    def _cut(self, word: str) -> list[int]:
        """The pieces whose logarithms add up to most (Viterbi)."""
        best = [0.0] + [-1e30] * len(word)
        last: list[tuple[int, int]] = [(0, 0)] * (len(word) + 1)
        for begin in range(len(word)):
            so_far = best[begin]
            if so_far + self._unknown > best[begin + 1]:
                best[begin + 1], last[begin + 1] = so_far + self._unknown, (begin, UNKNOWN)
            for end in range(begin + 1, min(begin + self._longest, len(word)) + 1):
                found = self._known.get(word[begin:end])
                if found and so_far + found[0] > best[end]:
                    best[end], last[end] = so_far + found[0], (begin, found[1])
        numbers, at = list[int](), len(word)
        while at:
            at, number = last[at]
            if number != UNKNOWN or numbers[-1:] != [UNKNOWN]:  # unknown characters in a row are one piece
                numbers.append(number)
        return numbers[::-1]

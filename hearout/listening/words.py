"""Words, @handles and #tags of a text, and names found among them: whole words, in any script.

One compiled expression cuts a text into tokens, and each token is looked up in a dictionary, so the
time does not grow with the number of names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from hearout.lib.clean import fold


def _marks() -> str:
    """Ranges of combining marks, which `\\w` leaves out: without them words of Hindi or Thai fall apart."""
    points = [p for p in range(0x300, 0xFFFE) if unicodedata.category(chr(p)).startswith("M")]
    ranges = []
    for _, run in groupby(enumerate(points), lambda pair: pair[1] - pair[0]):
        group = [point for _, point in run]
        ranges.append(f"{chr(group[0])}-{chr(group[-1])}")
    return "".join(ranges) + "\u200c\u200d"


WORD = rf"[\w{_marks()}]"
TOKEN = re.compile(
    rf"""
      (?P<url> (?: https?:// | www\. ) \S++ )
    | [@＠] (?P<handle> {WORD}++ (?: [.\-] {WORD}++ ){{0,8}}+ (?: @ [\w.\-]++ )? )
    | [#＃] (?P<tag> {WORD}++ )
    | (?P<word> {WORD}++ )
      (?: (?= [.+\-@] )  # which few words meet: the rest of the expression is not tried for the others
          (?: (?P<mail> (?: [.+\-] {WORD}++ ){{0,8}} (?<= [A-Za-z0-9_.+\-] ) @ [\w.\-]++ )
            | (?P<domain> (?: \. [\w\-]++ ){{0,4}}? \. [a-z]{{2,6}}+ (?! {WORD} ) (?: / \S*+ )? ) ) )?
    """,
    re.VERBOSE,
)
"""Linear in the text: repeats are possessive or bounded, so no hostile text makes it slow."""

BETWEEN = re.compile(r"[\s\-–'’_&+/]{0,3}")
BETWEEN_DOTTED = re.compile(r"[\s\-–'’_&+/.]{0,3}")
"""What may stand between the words of one name: a full stop only where the name itself has one."""

Further = tuple[tuple[str, ...], re.Pattern[str]]
"""A name's words after the first, and what may stand between them."""

UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that write no spaces: a name in them is looked for anywhere."""

_UNADDRESSED = re.compile(r"(?<![@\w])\w++", re.ASCII)
_ASCII_START = re.compile(r"[A-Za-z0-9_]+")
_WORDS = re.compile(rf"{WORD}+")
_fold = lru_cache(maxsize=65536)(fold)


def key_of(word: str) -> str:
    """The same for all spellings of a word: case, width and style do not count."""
    return word.lower() if word.isascii() else _fold(word)


def words_of(name: str) -> tuple[str, ...]:
    """The keys of a name's words."""
    return tuple(key_of(word) for word in _WORDS.findall(name))


def handle_keys(written: str) -> Iterator[str]:
    """What `@written` may name, longest first: `@tidewing.` ends a sentence, `@tidewingさん` adds a title."""
    yield key_of(written)
    if "@" in written:
        return
    for place in range(len(written) - 1, 0, -1):
        if written[place] in ".-":
            yield key_of(written[:place])
    start = _ASCII_START.match(written)
    if start and start.end() < len(written):
        yield key_of(start[0])


class Names:
    """Names to find in texts, each with what it stands for (ids of brands).

    `by_first` maps the key of a name's first word to its further words, longest first, and its meaning.
    """

    def __init__(self, names: Iterable[tuple[str, int]]) -> None:
        self.by_first: dict[str, list[tuple[Further, int]]] = {}
        self._dotted: dict[str, list[int]] = {}
        self._unspaced: dict[str, list[int]] = {}
        for name, meaning in names:
            words = words_of(name)
            if not words:
                continue
            further = (words[1:], BETWEEN_DOTTED if "." in name else BETWEEN)
            self.by_first.setdefault(words[0], []).append((further, meaning))
            if "." in name:
                self._dotted.setdefault(key_of(name), []).append(meaning)
            if UNSPACED.search(name):
                self._unspaced.setdefault(key_of(name), []).append(meaning)
        for found in self.by_first.values():
            found.sort(key=lambda entry: -len(entry[0][0]))
        unspaced = sorted(self._unspaced, key=len, reverse=True)
        self._anywhere = re.compile("|".join(map(re.escape, unspaced))) if unspaced else None

    def absent(self, text: str) -> bool:
        """Whether surely no name is in an ASCII text: no word outside of handles begins one."""
        return self.by_first.keys().isdisjoint(_UNADDRESSED.findall(text.lower()))

    def dotted(self, written: str) -> list[int]:
        """What a name with a dot stands for, where a text wrote it like a web address (`Booking.com`)."""
        return self._dotted.get(key_of(written), []) if self._dotted else []

    def unspaced(self, text: str) -> Iterator[tuple[str, int]]:
        if self._anywhere and not text.isascii():
            for found in self._anywhere.finditer(text.lower()):
                for meaning in self._unspaced[found[0]]:
                    yield found[0], meaning

    @staticmethod
    def reaches(text: str, end: int, further: Further) -> int:
        """Where the name ends whose further words must follow at `end`, or -1 when they do not."""
        words, between = further
        for word in words:
            gap = between.match(text, end)
            following = _WORDS.match(text, gap.end() if gap else end)
            if following is None or key_of(following[0]) != word:
                return -1
            end = following.end()
        return end

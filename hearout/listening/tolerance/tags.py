"""Names inside hashtags that join them to other words: `#acmehelp`, `#ThanksAcme`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hearout.listening.tolerance.entries import Found, Name, plain
from hearout.listening.tolerance.segmentation import segment

ORDINARY = 3.0
"""Zipf frequency from which a name is an ordinary word too, which tags join to anything: #targetpractice."""

SHORTEST = 4

_COMPANY = """
app bad care cares customer customers fail fails failed go help helps love my our service services official shop
store stores sucks support team thank thanks the us uk vs why worst best never again online air airline airlines
airways bank mobile tv
"""
COMPANY = frozenset(_COMPANY.split())
"""Words that stand beside a brand's name in a tag."""


class Tags:
    """The names of one word or several, looked for among the words that a tag joins."""

    def __init__(self, names: Sequence[Name], dictionary: Mapping[str, float]) -> None:
        self._names: dict[str, list[Name]] = {}
        for name in names:
            if name.most and len(name.compact) >= SHORTEST:
                self._names.setdefault(name.compact, []).append(name)
        self._dictionary = dictionary
        self._lengths: dict[str, list[int]] = {}
        for compact in self._names:
            lengths = self._lengths.setdefault(compact[:SHORTEST], [])
            if len(compact) not in lengths:
                lengths.append(len(compact))

    def within(self, written: str) -> tuple[Found, ...]:
        """What a tag names that names more than that, as written or folded."""
        if not self.may_name(written):
            return ()
        words = segment(written, names=self._names)
        found: dict[object, Found] = {}
        for start in range(len(words)):
            for stop in range(start + 1, min(len(words), start + 5) + 1):
                for name in self._names.get("".join(words[start:stop]), ()):
                    if self._is_named(name, words[:start] + words[stop:]):
                        found[name.key] = Found(name.key, 0, "joined")
        return tuple(found.values())

    def may_name(self, written: str) -> bool:
        """Whether a tag has the letters of a name in it."""
        letters = plain(written).replace("_", "")
        for start in range(len(letters) - SHORTEST + 1):
            for length in self._lengths.get(letters[start : start + SHORTEST], ()):
                if letters[start : start + length] in self._names:
                    return True
        return False

    def _is_named(self, name: Name, others: Sequence[str]) -> bool:
        if name.coined or len(name.words) > 1 or self._dictionary.get(name.compact, 0.0) < ORDINARY:
            return True
        return all(word in COMPANY or word.isdigit() for word in others)

"""Names among several words: word by word with edits, or spaced otherwise (`jet blue`, `acmecare line`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from hearout.listening.tolerance.entries import Hit, Name, Variant, allowed

_RARE = 1.0
_CHANCE = -7.0
"""Logarithm of the share of all rows of words that these are by chance: `can on` is no misspelt Canon."""

CONTRACTED = frozenset(("ll", "re", "ve", "d", "m", "t"))
"""What `she'll` ends in, which is no hyphenated Shell."""


def _bears(word: str) -> int:
    """Edits that one word of several bears: more than alone, for the others must stand beside it."""
    return 0 if allowed(word + "." * 8) == 0 or len(word) < 3 else 1 if len(word) < 5 else 2


class _Node:
    __slots__ = ("ends", "further")

    def __init__(self) -> None:
        self.further: dict[str, _Node] = {}
        self.ends: list[Name] = []


class Opening(NamedTuple):
    """What a word may have to do with names of several words, or with names spaced otherwise.

    `prefix`: one of the latter may begin with it. `further`: the words that may follow it in the former.
    `follows`: the words of names that it may itself be as a further one.
    """

    word: str
    prefix: bool
    further: frozenset[str]
    follows: tuple[str, ...]


class Phrases:
    """Names of several words, and the other spacings of all names that bear an edit."""

    def __init__(
        self,
        names: Sequence[Name],
        dictionary: Mapping[str, float],
        readings: Callable[[str], Sequence[tuple[str, int]]],
    ) -> None:
        """`readings`: words within their distance of one that is no word, each with how far it is."""
        self._dictionary = dictionary
        self._near = readings
        self._root = _Node()
        self._spaced: dict[str, list[Name]] = {}
        self._vocabulary: set[str] = set()
        for name in names:
            if name.most:
                self._spaced.setdefault(name.compact, []).append(name)
            if len(name.words) < 2:
                continue
            node = self._root
            for word in name.words:
                node = node.further.setdefault(word, _Node())
                self._vocabulary.add(word)
            node.ends.append(name)
        self.spelt = self._vocabulary | {word[:-1] for word in self._vocabulary if word.endswith("s")}
        self.spaced = self._spaced.keys()
        self.prefixes = {name[:end] for name in self._spaced for end in range(1, len(name) + 1)}

    @staticmethod
    def words(names: Iterable[Name]) -> dict[str, int]:
        """The words of names of several, and the edits that each bears there."""
        found: dict[str, int] = {}
        for name in names:
            for word in name.words if len(name.words) > 1 else ():
                found[word] = max(found.get(word, 0), min(name.most, _bears(word)))
        return found

    def opening(self, word: str) -> Opening | None:
        """What a name may have to do with this folded word; None: nothing, as with nearly all words."""
        readings = [one for one, _ in self._readings(word)]
        others = [one for one in (word.removesuffix("s"), word + "s") if one in self._vocabulary]
        prefix = word in self.prefixes
        if not (readings or others or prefix):
            return None
        further = self._root.further
        return Opening(
            word,
            prefix,
            frozenset(after for one in readings if one in further for after in further[one].further),
            tuple(dict.fromkeys((*readings, *others))),
        )

    def goes_on(self, first: Opening, word: str, second: Opening) -> bool:
        """Whether a word and the next may be the beginning of a name. `second`: the next one's opening."""
        return (first.prefix and first.word + (second.word or word) in self.prefixes) or not (
            first.further.isdisjoint(second.follows)
        )

    def at(self, words: Sequence[str], place: int, tight: Collection[int] = ()) -> Iterator[Hit]:
        """Names that begin at the first of these folded words; `place` is its place among all words, of
        which those at `tight` follow the one before without a space."""
        yield from self._worded(self._root, words, place, 0, 0)
        if words[0] in self.prefixes:
            yield from self._respaced(words, place, tight)

    def _readings(self, word: str) -> Sequence[tuple[str, int]]:
        """The words of names that this may stand for, each with its distance."""
        if word in self._vocabulary:
            return ((word, 0),)
        near = self._near(word)
        return near and [one for one in near if one[0] in self._vocabulary and one[1] <= _bears(one[0])]

    def _worded(
        self, node: _Node, words: Sequence[str], start: int, used: int, distance: int
    ) -> Iterator[Hit]:
        if used >= len(words):
            return
        for reading, edits in self._readings(words[used]):
            following = node.further.get(reading)
            if following is not None and distance + edits <= 2:
                yield from self._ended(following, start, start + used + 1, distance + edits, "misspelt")
                yield from self._worded(following, words, start, used + 1, distance + edits)
        if used and (following := node.further.get(words[used].removesuffix("s"))):
            yield from self._ended(following, start, start + used + 1, distance, "plural")
        if (
            used
            and (following := node.further.get(words[used] + "s"))
            and self._is_no_chance(words[: used + 1])
        ):
            yield from self._ended(following, start, start + used + 1, distance + 1, "misspelt")

    @staticmethod
    def _ended(node: _Node, start: int, stop: int, distance: int, variant: Variant) -> Iterator[Hit]:
        for name in node.ends:
            if distance <= name.most and (variant != "plural" or name.most):
                shown: Variant = "exact" if variant == "misspelt" and not distance else variant
                yield Hit(name.key, start, stop, distance, shown)

    def _respaced(self, words: Sequence[str], start: int, tight: Collection[int]) -> Iterator[Hit]:
        letters, ends = words[0], [len(words[0])]
        for used in range(1, len(words)):
            letters += words[used]
            if letters not in self.prefixes:
                return
            ends.append(len(letters))
            inner = range(start + 1, start + used + 1)
            for name in self._spaced.get(letters, ()):
                spaces = len(_inner_ends(name) ^ set(ends[:-1]))
                if 0 < spaces <= name.most and (
                    name.coined
                    or self._is_no_chance(words[: used + 1])
                    or (words[used] not in CONTRACTED and all(one in tight for one in inner))
                ):
                    joined = len(name.words) > used + 1
                    yield Hit(name.key, start, start + used + 1, spaces, "joined" if joined else "split")

    def _is_no_chance(self, words: Sequence[str]) -> bool:
        return sum(self._dictionary.get(word, _RARE) - 9 for word in words) <= _CHANCE


def _inner_ends(name: Name) -> set[int]:
    ends, total = set(), 0
    for word in name.words[:-1]:
        total += len(word)
        ends.add(total)
    return ends

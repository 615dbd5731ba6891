"""Names whose letters stand in a buffer with spaces between them that they do not have: `jet blue`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hearout.listening.engine.scan import scanner

_SPACE, _PARTING = ord(" "), ord("\n")


class Spaced:
    """Finds names in a buffer from which all spaces are taken out. `names`: folded, their words in one."""

    def __init__(self, names: Iterable[str]) -> None:
        strings = [name.encode() for name in names]
        self._scan = scanner(strings)
        self._sizes = np.array([len(string) for string in strings], np.intp)

    def posts(self, data: bytes) -> set[int]:
        """The numbers of the posts that have a name of at least two words of the buffer, joined."""
        data = data.replace(b"_", b" ")  # a bar parts words as a space does
        hits = self._scan(data.translate(None, b" "))
        if not hits:
            return set()
        letters = np.frombuffer(data, np.uint8)
        places = np.flatnonzero(letters != _SPACE)
        which, ends = np.array(hits, np.intp).T
        sizes = self._sizes[which]
        first, last = places[ends - sizes], places[ends - 1]
        words = (letters[first - 1] == _SPACE) & (letters[last + 1] == _SPACE) & (last - first >= sizes)
        return set(np.searchsorted(np.flatnonzero(letters == _PARTING), first[words]).tolist())

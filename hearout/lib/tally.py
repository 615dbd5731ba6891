"""Many equal numbers, kept once each with how often they came."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, repeat, starmap
from typing import overload


class Tally(Sequence[float]):
    """Numbers in order, as if each were written down as often as it came: `Tally([(5, 2), (1, 1)])` is 1, 5, 5.

    A million waits are a few thousand different ones, so statistics work on those.
    """

    def __init__(self, counted: Iterable[tuple[float, int]]) -> None:
        times: defaultdict[float, int] = defaultdict(int)
        for value, count in counted:
            times[value] += count
        self._items = sorted((value, count) for value, count in times.items() if count > 0)
        self._values = [value for value, _ in self._items]
        self._ends = list(accumulate(count for _, count in self._items))

    def items(self) -> Sequence[tuple[float, int]]:
        """Each number with how often it came, in order."""
        return self._items

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> float: ...
    @overload
    def __getitem__(self, place: slice) -> list[float]: ...
    def __getitem__(self, place: int | slice) -> float | list[float]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        at = place + len(self) if place < 0 else place
        if not 0 <= at < len(self):
            raise IndexError(place)
        return self._values[bisect_right(self._ends, at)]

    def __iter__(self) -> Iterator[float]:
        return chain.from_iterable(starmap(repeat, self._items))

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Tally({self._items!r})"

"""Whether a query holds for one post, by which words and within how many edits.

The same definition as `query.reference`, but that a leaf may also occur with tolerance, and is looked for
once, however many queries have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from hearout.listening.engine.leaves import occurrences
from hearout.listening.query.reference import Hit, near, stands
from hearout.listening.query.text import Seen, Text
from hearout.listening.query.tree import And, At, Leaf, Near, Node, Not, Or, Tag, Term, Where


class Reason(NamedTuple):
    """Words of a post that made a query match. `start` and `end` lie in its text.

    `kind` is how the post wrote them (word, tag or handle), `leaf` what was looked for. `distance` in
    edits; `variant` says how they differ ("plural", "joined", ...), "" when not at all.
    """

    start: int
    end: int
    kind: str
    words: str
    leaf: Leaf
    distance: int = 0
    variant: str = ""


class Alike(NamedTuple):
    """An occurrence of a leaf in another spelling."""

    hit: Hit
    distance: int
    variant: str


EXACT = -1
"""Not even spellings of no distance, such as a plural."""


class Judge:
    """One post. `alike` tells what of it is taken for a leaf; asked only when a query does not hold as it is."""

    def __init__(self, post: Text, view: Seen, alike: Callable[[Seen], Mapping[Leaf, list[Alike]]]) -> None:
        self._post, self._view, self._find_alike = post, view, alike
        self._exact: dict[Leaf, list[Hit]] = {}
        self._reasons: dict[Hit, Reason] = {}

    def verdict(self, node: Node, most: int) -> tuple[int, tuple[Reason, ...]] | None:
        """The fewest edits (at most `most`) within which the query holds, and by what; None where it does not.

        `most` may be 0 (no tolerance), 1 or 2.
        """
        for edits in self._steps(most):
            self._reasons = {}
            hits = self._found(node, edits)
            if hits is not None:
                return max(edits, 0), tuple(self._reasons[hit] for hit in sorted(set(hits)))
        return None

    def _steps(self, most: int) -> Iterator[int]:
        yield EXACT
        if most:
            near = {one.distance for found in self._alike.values() for one in found}
            yield from sorted(distance for distance in near if distance <= most)

    @cached_property
    def _alike(self) -> Mapping[Leaf, list[Alike]]:
        return self._find_alike(self._view)

    def _found(self, node: Node, edits: int) -> list[Hit] | None:
        if isinstance(node, Term | Tag | At):
            return self._of_leaf(node, edits) or None
        if isinstance(node, Where):
            return [] if stands(node, self._post) else None
        if isinstance(node, Not):  # what is excluded is excluded as it is spelt
            return [] if self._found(node.part, EXACT) is None else None
        if isinstance(node, Near):
            left, right = self._either(node.left, edits), self._either(node.right, edits)
            return near(left, right, node.within, self._view) or None
        parts = [self._found(part, edits) for part in node.parts]
        held = [part for part in parts if part is not None]
        if not held or (isinstance(node, And) and len(held) < len(parts)):
            return None
        return [hit for part in held for hit in part]

    def _either(self, side: Leaf | Or, edits: int) -> list[Hit]:
        parts: Iterable[Node] = side.parts if isinstance(side, Or) else (side,)
        return [
            hit for part in parts if isinstance(part, Term | Tag | At) for hit in self._of_leaf(part, edits)
        ]

    def _of_leaf(self, leaf: Leaf, edits: int) -> list[Hit]:
        hits = self._exact.get(leaf)
        if hits is None:
            hits = self._exact[leaf] = occurrences(leaf, self._view)
        for hit in hits:
            self._note(hit, leaf, 0, "")
        if edits == EXACT or leaf not in self._alike:
            return hits
        further = [one for one in self._alike[leaf] if one.distance <= edits and one.hit not in hits]
        for one in further:
            self._note(one.hit, leaf, one.distance, one.variant)
        return hits + [one.hit for one in further]

    def _note(self, hit: Hit, leaf: Leaf, distance: int, variant: str) -> None:
        """Of several reasons for the same words the nearest counts, of these the first."""
        known = self._reasons.get(hit)
        if known is None or distance < known.distance:
            self._reasons[hit] = Reason(hit.start, hit.end, hit.kind, hit.written, leaf, distance, variant)

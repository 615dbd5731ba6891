"""Which leaves of a query give a post away: where none of them occurs, the query cannot hold.

Also the quick look: whether a query may hold, by the words of a post's part of the buffer alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain

from hearout.listening.engine.strings import clues
from hearout.listening.query.reference import stands
from hearout.listening.query.text import Text
from hearout.listening.query.tree import And, At, Leaf, Near, Node, Not, Or, Tag, Term, Where, leaves

Uses = Mapping[Leaf, int]
"""In how many queries each leaf is looked for: names are in few, words such as `late` in many."""


@dataclass(frozen=True)
class Glance:
    """What a quick look sees: the post, its part of the buffer, and leaves found with tolerance."""

    post: Text
    part: bytes
    near: frozenset[Leaf]

    @cached_property
    def words(self) -> frozenset[bytes]:
        return frozenset(self.part.split())


Look = Callable[[Glance], bool]
"""False only where a query (or a part of one) surely does not hold."""


def rarest_anchors(nodes: Sequence[Node]) -> Iterator[tuple[Leaf, ...] | None]:
    """The anchors of each of these queries, which are compiled together."""
    uses = Counter(leaf for node in nodes for leaf in set(leaves(node)))
    return (anchors(node, uses) for node in nodes)


def anchors(node: Node, uses: Uses) -> tuple[Leaf, ...] | None:
    """The leaves that are rarest together; None where the query may hold for a post without any of its words."""
    if isinstance(node, Term | Tag | At):
        return None if clues(node) is None else (node,)
    if isinstance(node, Where | Not):
        return None
    parts = [anchors(part, uses) for part in _parts(node)]
    known = [part for part in parts if part is not None]
    if isinstance(node, Or):
        return tuple(dict.fromkeys(chain(*known))) if len(known) == len(parts) else None
    return min(known, key=lambda leaves: _cost(leaves, uses), default=None)


def is_plain(node: Node) -> bool:
    """Whether any one leaf is enough."""
    return isinstance(node, Term | Tag | At) or (isinstance(node, Or) and all(map(is_plain, node.parts)))


def look(node: Node) -> Look:
    """The quick look for a query."""
    if isinstance(node, Term | Tag | At):
        return _look_for(node)
    if isinstance(node, Where):
        return _condition(node)
    if isinstance(node, Not):
        return _excluded(node.part)
    looks = [look(part) for part in _parts(node)]
    return partial(_any, looks) if isinstance(node, Or) else partial(_all, looks)


def _parts(node: And | Or | Near) -> tuple[Node, ...]:
    return (node.left, node.right) if isinstance(node, Near) else node.parts


def _cost(leaves: Iterable[Leaf], uses: Uses) -> tuple[int, int]:
    """The uses of the leaves, then how short the shortest is."""
    known = tuple(leaves)
    return sum(uses.get(leaf, 1) for leaf in known), -min(map(_length, known))


def _length(leaf: Leaf) -> int:
    return sum(map(len, leaf.words)) if isinstance(leaf, Term) else len(leaf.name)


def _look_for(leaf: Leaf) -> Look:
    found = clues(leaf)
    if found is None:
        return lambda _: True
    strings = {clue.string for clue in found}
    whole = {one for one in strings if one[:1] == one[-1:] == b" " and b" " not in one[1:-1]}
    words, other = frozenset(one[1:-1] for one in whole), tuple(strings - whole)

    def may_occur(glance: Glance) -> bool:
        return (
            leaf in glance.near
            or not words.isdisjoint(glance.words)
            or any(string in glance.part for string in other)
        )

    return may_occur


def _condition(where: Where) -> Look:
    kept: dict[str, bool] = {}

    def may_stand(glance: Glance) -> bool:
        told = str(getattr(glance.post, where.field))
        answer = kept.get(told)
        if answer is None:
            if len(kept) > 10_000:
                kept.clear()
            answer = kept[told] = stands(where, glance.post)
        return answer

    return may_stand


def _excluded(node: Node) -> Look:
    if isinstance(node, Where):
        stands = _condition(node)
        return lambda glance: not stands(glance)
    return lambda _: True


def _any(looks: list[Look], glance: Glance) -> bool:
    return any(one(glance) for one in looks)


def _all(looks: list[Look], glance: Glance) -> bool:
    return all(one(glance) for one in looks)

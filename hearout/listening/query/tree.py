"""A query as a tree. Plain frozen values: two queries that say the same in the same words are equal.

Words are kept as written, for people to read; `text.folded` makes the key that is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

FIELDS = ("language", "network", "author", "place")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a phrase of several in order. `exact`: no tolerance.

    A word may hold `*` (any letters, also none), `?` (one letter) and full stops inside (`booking.com`).
    One that is not the last may end in one of `. , ; : !` (`("Dr.", "Oetker")`): only there
    may such a mark stand between the words of the post.
    """

    words: tuple[str, ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """`#name`, without its sign; may hold `*` and `?`."""

    name: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class At:
    """`@name`, without its sign (`tidewing`, `tidewing.example`, `tidewing@example.social`)."""

    name: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Or:
    """At least one holds. Two parts or more, none of them an `Or`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class And:
    """All hold. Two parts or more, none of them an `And`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


@dataclass(frozen=True, slots=True)
class Near:
    """Both occur, in either order, with at most `within` words between them. Sides: leaves or an `Or` of leaves."""

    left: Leaf | Or
    right: Leaf | Or
    within: int


@dataclass(frozen=True, slots=True)
class Where:
    """The post's `field` (one of FIELDS) is one of `values`. A post that does not tell has none.

    Languages and networks are lower case; authors are without their @ and may hold `*` and `?`.
    """

    field: str
    values: tuple[str, ...]


Leaf: TypeAlias = Term | Tag | At
Node: TypeAlias = Leaf | Or | And | Not | Near | Where


def all_of(parts: Iterable[Node]) -> Node:
    """The parts joined by AND; an `And` among them gives its own parts, a single part stays itself."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(parts: Iterable[Node]) -> Node:
    """The parts joined by OR, as `all_of` does for AND."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat)


def leaves(node: Node, *, excluded: bool = False) -> Iterator[Leaf]:
    """Words, tags and handles in reading order: those looked for, and with `excluded` those under NOT too."""
    if isinstance(node, Term | Tag | At):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part, excluded=excluded)
    elif isinstance(node, Near):
        yield from leaves(node.left, excluded=excluded)
        yield from leaves(node.right, excluded=excluded)
    elif isinstance(node, Not) and excluded:
        yield from leaves(node.part, excluded=excluded)


def open_ended(node: Node) -> bool:
    """Whether it holds for a post without a word: then it only excludes, and nearly everything matches."""
    if isinstance(node, Not):
        return not open_ended(node.part)
    if isinstance(node, And):
        return all(open_ended(part) for part in node.parts)
    return isinstance(node, Or) and any(open_ended(part) for part in node.parts)

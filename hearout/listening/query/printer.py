"""Writes a tree as a query again: `parse(printed(node)) == node`."""

from __future__ import annotations

from hearout.listening.query.phrases import phrase
from hearout.listening.query.scanner import KEYWORDS
from hearout.listening.query.tree import And, At, Near, Node, Not, Or, Tag, Term, Where

_FIELDS = {"language": "lang", "network": "network", "author": "author", "place": "place"}


def printed(node: Node) -> str:
    """The query of a tree, every AND written out, brackets around every mixed group."""
    if isinstance(node, Term | Tag | At):
        return "=" * node.exact + _leaf(node)
    if isinstance(node, And):
        return " AND ".join(_inside(part) for part in node.parts)
    if isinstance(node, Or):
        return " OR ".join(_inside(part) for part in node.parts)
    if isinstance(node, Not):
        return f"NOT {_inside(node.part)}"
    if isinstance(node, Near):
        return f"{_inside(node.left)} NEAR/{node.within} {_inside(node.right)}"
    return _where(node)


def _inside(node: Node) -> str:
    return f"({printed(node)})" if isinstance(node, And | Or) else printed(node)


def _leaf(leaf: Term | Tag | At) -> str:
    if isinstance(leaf, Tag):
        return f"#{leaf.name}"
    if isinstance(leaf, At):
        return f"@{leaf.name}"
    written = " ".join(leaf.words)
    bare = len(leaf.words) == 1 and written not in (*KEYWORDS, "NEAR") and phrase(written) == leaf.words
    return written if bare else f'"{written}"'


def _where(where: Where) -> str:
    values = [_value(where.field, value) for value in where.values]
    told = values[0] if len(values) == 1 else f"({' OR '.join(values)})"
    return f"{_FIELDS[where.field]}:{told}"


def _value(field: str, value: str) -> str:
    if field == "author":
        return f"@{value}"
    return f'"{value}"' if field == "place" else value

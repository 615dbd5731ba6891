"""A query in plain English, so that whoever wrote it sees what it really says."""

from __future__ import annotations

from collections.abc import Sequence

from hearout.listening.query.tree import And, At, Leaf, Near, Node, Not, Or, Tag, Term, Where

LANGUAGES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
_PREPOSITIONS = {"language": "in", "network": "on", "author": "by", "place": "from"}


def in_words(node: Node) -> str:
    """One sentence, such as: Posts with “acme care” or #acmecare, but without “roadrunner”."""
    return f"Posts {_clause(node)}."


def _clause(node: Node) -> str:
    if isinstance(node, And):
        return _all(node)
    if isinstance(node, Or) and not _is_plain(node):
        return " or ".join(_wrapped(part) for part in node.parts)
    if isinstance(node, Not):
        return _without(node.part)
    if isinstance(node, Where):
        return _where(node)
    return f"with {_noun(node)}"


def _all(node: And) -> str:
    """Words that must all be there share one "with"; everything else has a clause of its own."""
    leaves = [_noun(part) for part in node.parts if isinstance(part, Term | Tag | At)]
    others = [part for part in node.parts if not isinstance(part, Term | Tag | At | Not)]
    clauses = [f"with {_listed(leaves, 'and')}"] if leaves else []
    clauses += [_wrapped(part) for part in others]
    refused = [_clause(part) for part in node.parts if isinstance(part, Not)]
    if clauses and refused:
        refused[0] = f"but {refused[0]}"
    return ", ".join(clauses + refused)


def _without(part: Node) -> str:
    if isinstance(part, Term | Tag | At | Near) or _is_plain(part):
        return f"without {_noun(part)}"
    return f"not {_where(part) if isinstance(part, Where) else f'({_clause(part)})'}"


def _wrapped(part: Node) -> str:
    """In brackets where "or" or a comma would otherwise reach too far."""
    several = isinstance(part, And | Or) and not _is_plain(part)
    return f"({_clause(part)})" if several else _clause(part)


def _is_plain(node: Node) -> bool:
    return isinstance(node, Or) and all(isinstance(part, Term | Tag | At) for part in node.parts)


def _noun(node: Node) -> str:
    if isinstance(node, Near):
        left, right = _noun(node.left), _noun(node.right)
        words = f"{node.within} word{'' if node.within == 1 else 's'}"
        return (
            f"{left} near {right} (at most {words} between)"
            if node.within
            else f"{left} right beside {right}"
        )
    if isinstance(node, Or):
        return _listed([_noun(part) for part in node.parts], "or")
    return _leaf(node) if isinstance(node, Term | Tag | At) else _clause(node)


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, Term):
        said = f"“{' '.join(leaf.words)}”"
    else:
        said = f"#{leaf.name}" if isinstance(leaf, Tag) else f"@{leaf.name}"
    return f"exactly {said}" if leaf.exact else said


def _listed(items: Sequence[str], joint: str) -> str:
    return f" {joint} ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def _where(where: Where) -> str:
    values = [_value(where.field, value) for value in where.values]
    return f"{_PREPOSITIONS[where.field]} {_listed(values, 'or')}"


def _value(field: str, value: str) -> str:
    if field == "language":
        return LANGUAGES.get(value, f"the language {value}")
    return f"@{value}" if field == "author" else value

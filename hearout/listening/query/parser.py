"""Reads a query into its tree. From loosest to tightest:

query  = either { NOT either }              everything before, but without
either = both { OR both }
both   = one { [AND] one }
one    = NOT one | "-" atom | near
near   = atom [ NEAR/n atom ]
atom   = word | "phrase" | #tag | @handle | condition | ( query )
"""

from __future__ import annotations

from dataclasses import dataclass

from hearout.listening.query.errors import QueryError
from hearout.listening.query.scanner import Lexeme, scan
from hearout.listening.query.tree import (
    And,
    At,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Tag,
    Term,
    all_of,
    any_of,
    open_ended,
)

LONGEST = 50_000
"""Characters of a query."""

DEEPEST = 50
"""Brackets and NOTs inside of each other."""

_STARTS = ("leaf", "where", "(", "-")
_OPERAND = "a word, a phrase, a #tag, a @handle, a condition or ("


@dataclass(frozen=True, slots=True)
class Hint:
    """A query that can be read, but perhaps says something else than was meant."""

    message: str
    position: int


def parse(query: str) -> Node:
    """The tree of a query. Raises QueryError and nothing else, whatever the text."""
    try:
        return _checked(query)
    except QueryError as error:
        error.query = query
        raise


def hints(query: str) -> list[Hint]:
    """What an admin may not have meant: `and` in small letters is a word like others. [] for a faulty query."""
    try:
        lexemes = scan(query)
    except QueryError:
        return []
    return [
        Hint(f"“{word}” is looked for as a word; write {word.upper()} if you mean the keyword", lexeme.start)
        for lexeme in lexemes
        if lexeme.bare and isinstance(lexeme.leaf, Term)
        for word in ["/".join(lexeme.leaf.words)]
        if word.lower().partition("/")[0] in ("and", "or", "not", "near")
    ]


def _checked(query: str) -> Node:
    if len(query) > LONGEST:
        raise QueryError("this query is too long", LONGEST, f"at most {LONGEST:,} characters")
    lexemes = scan(query)
    if len(lexemes) == 1:
        raise QueryError("there is no query", 0, _OPERAND)
    reader = _Reader(lexemes)
    node = reader.query(0)
    if reader.kind != "end":
        raise QueryError("this bracket was never opened", reader.now.start, "the end, or ( before")
    if open_ended(node):
        first = next(lexeme for lexeme in lexemes if lexeme.kind in ("NOT", "-"))
        raise QueryError(
            "this query only excludes: it matches nearly everything",
            first.start,
            "something to look for beside it",
        )
    return node


class _Reader:
    def __init__(self, lexemes: list[Lexeme]) -> None:
        self._lexemes = lexemes
        self._at = 0

    @property
    def now(self) -> Lexeme:
        return self._lexemes[self._at]

    @property
    def kind(self) -> str:
        return self.now.kind

    def _take(self) -> Lexeme:
        taken = self.now
        self._at += 1
        return taken

    def query(self, depth: int) -> Node:
        node = self._either(depth)
        while self.kind == "NOT":
            self._take()
            node = all_of([node, Not(self._either(depth))])
        return node

    def _either(self, depth: int) -> Node:
        parts = [self._both(depth)]
        while self.kind == "OR":
            self._take()
            parts.append(self._both(depth))
        return any_of(parts)

    def _both(self, depth: int) -> Node:
        parts = [self._one(depth)]
        while self.kind in (*_STARTS, "AND", "NEAR"):
            if self.kind == "NEAR":
                raise QueryError(
                    "NEAR joins two words, not three", self.now.start, "AND, or the first two in brackets"
                )
            if self.kind == "AND":
                self._take()
            parts.append(self._one(depth))
        return all_of(parts)

    def _one(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise QueryError("this query is nested too deeply", self.now.start, f"at most {DEEPEST} levels")
        if self.kind == "NOT":
            self._take()
            return Not(self._one(depth + 1))
        if self.kind == "-":
            self._take()
            return Not(self._atom(depth + 1))
        start = self.now.start
        left = self._atom(depth)
        if self.kind != "NEAR":
            return left
        within = self._take().within
        first = _side(left, start)
        start = self.now.start
        return Near(first, _side(self._atom(depth), start), within)

    def _atom(self, depth: int) -> Node:
        lexeme = self.now
        if lexeme.leaf is not None:
            return self._take().leaf or lexeme.leaf
        if lexeme.where is not None:
            self._take()
            return lexeme.where
        if lexeme.kind != "(":
            raise QueryError(_unexpected(lexeme), lexeme.start, _OPERAND)
        self._take()
        inner = self.query(depth + 1)
        if self.kind != ")":
            raise QueryError(
                "this bracket is never closed", lexeme.start, ") at the end of what belongs together"
            )
        self._take()
        return inner


def _unexpected(lexeme: Lexeme) -> str:
    if lexeme.kind == "end":
        return "the query ends too early"
    if lexeme.kind == ")":
        return "there is nothing before this bracket"
    if lexeme.kind == "-":
        return "- twice says nothing"
    return f"{lexeme.kind} cannot stand here"


def _side(node: Node, at: int) -> Leaf | Or:
    if isinstance(node, Term | Tag | At):
        return node
    if isinstance(node, Or) and all(isinstance(part, Term | Tag | At) for part in node.parts):
        return node
    what = "AND" if isinstance(node, And) else "NOT, NEAR or a condition"
    raise QueryError(
        f"NEAR cannot measure to {what}",
        at,
        "a word, a phrase, a #tag, a @handle or several of them joined by OR",
    )

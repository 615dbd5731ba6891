"""The slow reference: whether a query holds for a post, and by which words. No index, no cleverness.

The compiled engine must say the same for every query and post; its tests hold the two together.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from hearout.listening.query import patterns
from hearout.listening.query.phrases import phrase
from hearout.listening.query.text import Seen, Text, folded, handle_names, seen
from hearout.listening.query.tree import And, At, Leaf, Near, Node, Not, Or, Tag, Term, Where

MOST_OCCURRENCES = 1_000
"""Of one word in one post: no post of a person has more, and one that is a single word repeated stays quick."""


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """Where a part of a query occurs. `kind` is how the post wrote it: word, tag or handle.

    `start` and `end` lie in the text, `first` and `last` (not included) in the line of `Seen`.
    """

    start: int
    end: int
    first: int
    last: int
    kind: str
    written: str


def holds(node: Node, post: Text) -> bool:
    """Whether the query matches the post."""
    return found(node, post, seen(post.text)) is not None


def hits(node: Node, post: Text) -> tuple[Hit, ...]:
    """What in the post made the query match, by place, each once; () where it does not match.

    Of an OR only the sides that hold, of a NEAR only words that have a partner, of a NOT nothing.
    A query may also match without: `author:@mira_k`.
    """
    return found(node, post, seen(post.text)) or ()


def directness(hits: Iterable[Hit]) -> str:
    """direct: an @handle is among the hits; hashtag: nothing but tags; else indirect."""
    kinds = {hit.kind for hit in hits}
    if "handle" in kinds:
        return "direct"
    return "hashtag" if kinds == {"tag"} else "indirect"


def words(hits: Iterable[Hit]) -> tuple[str, ...]:
    """The hits as written, in their order, each once."""
    return tuple(dict.fromkeys(hit.written for hit in hits))


def found(node: Node, post: Text, view: Seen) -> tuple[Hit, ...] | None:
    """As `hits`, or None where the query does not match. `view` is what is `seen` of the post's text."""
    held = _found(node, post, view)
    return None if held is None else tuple(sorted(set(held)))


def _found(node: Node, post: Text, view: Seen) -> list[Hit] | None:
    if isinstance(node, Term | Tag | At):
        return list(occurrences(node, view)) or None
    if isinstance(node, Where):
        return [] if stands(node, post) else None
    if isinstance(node, Not):
        return [] if _found(node.part, post, view) is None else None
    if isinstance(node, Near):
        return near(_either(node.left, view), _either(node.right, view), node.within, view) or None
    parts = [_found(part, post, view) for part in node.parts]
    held = [part for part in parts if part is not None]
    if not held or (isinstance(node, And) and len(held) < len(parts)):
        return None
    return [hit for part in held for hit in part]


def occurrences(leaf: Leaf, view: Seen) -> Iterator[Hit]:
    """The places of a word, phrase, tag or handle, overlapping ones too: the first MOST_OCCURRENCES."""
    return islice(_occurrences(leaf, view), MOST_OCCURRENCES)


def _occurrences(leaf: Leaf, view: Seen) -> Iterator[Hit]:
    if isinstance(leaf, Term):
        yield from _in_line(leaf, view)
        yield from _in_tags(leaf, view)
        return
    kind = "tag" if isinstance(leaf, Tag) else "handle"
    pattern = patterns.whole(leaf.name)
    for token in view.tokens:
        if token.kind != kind:
            continue
        written = view.text[token.start : token.end]
        names = (token.key,) if kind == "tag" else handle_names(written[1:])
        if any(pattern.fullmatch(name) for name in names):
            yield Hit(token.start, token.end, token.place, token.place + 1, kind, written)


def _in_line(term: Term, view: Seen) -> Iterator[Hit]:
    pattern, at = patterns.in_line(term), 0
    while match := pattern.search(view.line, at):
        first, last = match.span()
        start, end = view.span(first, last)
        yield Hit(start, end, first, last, "word", view.text[start:end])
        at = first + 1


def _in_tags(term: Term, view: Seen) -> Iterator[Hit]:
    pattern = patterns.in_tag(term)
    for token in view.tokens:
        if token.kind == "tag" and pattern.search(patterns.without_bars(token.key)):
            written = view.text[token.start : token.end]
            yield Hit(token.start, token.end, token.place, token.place + 1, "tag", written)


def _either(side: Leaf | Or, view: Seen) -> list[Hit]:
    if isinstance(side, Or):
        return [
            hit
            for part in side.parts
            if isinstance(part, Term | Tag | At | Or)
            for hit in _either(part, view)
        ]
    return list(occurrences(side, view))


def near(left: Sequence[Hit], right: Sequence[Hit], within: int, view: Seen) -> list[Hit]:
    """The hits of both sides that have one of the other side at most `within` words away, not overlapping."""
    return _partnered(left, right, within, view) + _partnered(right, left, within, view)


def _partnered(ones: Sequence[Hit], others: Sequence[Hit], within: int, view: Seen) -> list[Hit]:
    starts, ends = sorted(hit.first for hit in others), sorted(hit.last for hit in others)
    kept = []
    for hit in ones:
        after, before = bisect_left(starts, hit.last), bisect_right(ends, hit.first) - 1
        if (after < len(starts) and _between(hit.last, starts[after], view) <= within) or (
            before >= 0 and _between(ends[before], hit.first, view) <= within
        ):
            kept.append(hit)
    return kept


def _between(end: int, start: int, view: Seen) -> int:
    """Words, tags, handles and links between a hit that ends before `end` and one from `start`."""
    return max(0, view.token_at(start) - view.token_at(end - 1) - 1)


def stands(where: Where, post: Text) -> bool:
    """Whether a condition on the post itself holds. `lang:pt` takes `pt-BR` too, `place:` whole words."""
    if where.field == "place":
        place = seen(post.place)
        return any(patterns.in_line(Term(phrase(value))).search(place.line) for value in where.values)
    if where.field == "author":
        author = folded(post.author.lstrip("@"))
        return any(patterns.whole(value).fullmatch(author) for value in where.values)
    if where.field == "network":
        return post.network.lower() in where.values
    language = post.language.lower().replace("_", "-")
    return language in where.values or language.partition("-")[0] in where.values

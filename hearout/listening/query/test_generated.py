"""Made-up trees, queries and posts for the tests of everything that reads or matches queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.listening.query.parser import parse
from hearout.listening.query.printer import printed
from hearout.listening.query.reference import hits, holds
from hearout.listening.query.text import Text
from hearout.listening.query.tree import (
    And,
    At,
    Near,
    Not,
    Or,
    Tag,
    Term,
    Where,
    all_of,
    any_of,
    open_ended,
)

WORDS = ["tide", "wing", "tidewing", "late", "bag", "refund", "Delta", "river", "flight"]
ODD_WORDS = [
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "café",
    "全日空",
    "ß",
    "x_1",
    "booking.com",
    "тайд",
    "हिन्दी",
    "42",
    "ﬁn",
]
PATTERNS = ["tid*", "*wing", "b?g", "t*wing", "la?e"]
AUTHORS, PLACES = ["mira_k", "tom*"], ["Berlin", "New York"]
PIECES = [
    *WORDS,
    *ODD_WORDS,
    *(
        "#tidewing",
        "#tide_wing",
        "#BagRefund",
        "@tidewing",
        "@late.",
        "@x_1",
        "https://tidewing.com/a",
        "a@b.com",
    ),
    *(
        "昨日",
        "Café",
        "ＴＩＤＥ",
        "bag.please",
        "tide-wing",
        "\0",
        "\ud800",
        "\u202e",
        "½",
        "🛫",
        "#",
        "@",
        "\u0301",
    ),
]
SEPARATORS = [" "] * 6 + ["-", ", ", ". ", "", "\n", "  ", "'", "_"]


@dataclass
class Maker:
    """Makes trees as the parser does, and posts that they may hold for. Chance, not hypothesis, chooses
    each part: that is fifty times as fast, so that many more are tried; hypothesis gives the seeds."""

    random: Random
    words: Sequence[str] = (*WORDS, *ODD_WORDS, *PATTERNS)

    def some(self, make, fewest, most):
        return [make() for _ in range(self.random.randint(fewest, most))]

    def word(self):
        return self.random.choice(self.words)

    def name(self):
        return self.word().replace(".", "")

    def leaf(self):
        exact = self.random.random() < 0.2
        kind = self.random.randrange(6)
        if kind == 0:
            return Tag(self.name(), exact)
        if kind == 1:
            return At(self.name(), exact)
        if kind == 2:
            return Term((self.word() + self.random.choice(".,:;!"), self.word()), exact)
        return Term(tuple(self.some(self.word, 1, 1 if kind < 5 else 3)), exact)

    def side(self):
        return self.leaf() if self.random.random() < 0.6 else any_of(self.some(self.leaf, 2, 3))

    def condition(self):
        field, values = self.random.choice(
            [
                ("language", ["de", "pt-br", "en"]),
                ("network", ["bluesky", "x"]),
                ("author", AUTHORS),
                ("place", PLACES),
            ]
        )
        return Where(field, tuple(self.some(lambda: self.random.choice(values), 1, 2)))

    def node(self, depth):
        kind = self.random.randrange(8 if depth else 4)
        if kind == 3:
            return (
                self.condition()
                if self.random.random() < 0.4
                else Near(self.side(), self.side(), self.random.randint(0, 9))
            )
        if kind < 3:
            return self.leaf()
        if kind == 4:
            return Not(self.node(depth - 1))
        return (all_of if kind < 6 else any_of)(self.some(lambda: self.node(depth - 1), 2, 4))

    def tree(self):
        node = self.node(self.random.randint(0, 4))
        return self.tree() if open_ended(node) else node

    def text(self):
        parts = self.some(lambda: self.random.choice(PIECES) + self.random.choice(SEPARATORS), 0, 14)
        return "".join(parts)

    def post(self):
        choice = self.random.choice
        return Text(
            self.random.randrange(1000),
            self.text(),
            choice(["", "mira_k", "@Tom_on_tour"]),
            choice(["", "bluesky", "X"]),
            choice(["", "de", "pt-BR", "en_GB"]),
            choice(["", "Berlin, Germany", "New York", "Yorkshire"]),
        )

    def plain_tokens(self):
        known = [*(word.lower() for word in WORDS), "the", "#tidewing", "#bag", "@tide", "@wing"]
        return self.some(lambda: self.random.choice(known), 0, 12)


makers = st.integers(0, 2**32).map(lambda seed: Maker(Random(seed)))
trees = makers.map(Maker.tree)
posts = makers.map(Maker.post)
plain_makers = st.integers(0, 2**32).map(lambda seed: Maker(Random(seed), (*WORDS, *PATTERNS)))


def styled(node, draw):
    """A query for the tree in any of the ways in which people may write it."""
    if isinstance(node, And):
        text = (
            styled(node.parts[0], draw)
            if not isinstance(node.parts[0], Or)
            else f"({styled(node.parts[0], draw)})"
        )
        for part in node.parts[1:]:
            negated = isinstance(part, Not) and not isinstance(part.part, Not)
            inner = _atom(part.part if negated else part, draw)
            text += draw([" -", " AND -", " AND NOT "] if negated else [" ", " AND ", "\n"]) + inner
        return text
    if isinstance(node, Or):
        return " OR ".join(styled(part, draw) for part in node.parts)
    if isinstance(node, Not):
        return f"NOT {_atom(node.part, draw)}"
    if isinstance(node, Near):
        return f"{_atom(node.left, draw)} NEAR/{node.within}  {_atom(node.right, draw)}"
    return printed(node)


def _atom(node, draw):
    text = styled(node, draw)
    bracketed = isinstance(node, And | Or | Not | Near) or draw([True, False])
    return f"( {text})" if bracketed else text


def naively(node, tokens, post):
    """Whether a query holds for the words of a post in small letters, by looking at them one by one."""
    if isinstance(node, And):
        return all(naively(part, tokens, post) for part in node.parts)
    if isinstance(node, Or):
        return any(naively(part, tokens, post) for part in node.parts)
    if isinstance(node, Not):
        return not naively(node.part, tokens, post)
    if isinstance(node, Near):
        return any(
            max(a[0], b[0]) - min(a[1], b[1]) <= node.within and (a[1] <= b[0] or b[1] <= a[0])
            for a in _spans(node.left, tokens)
            for b in _spans(node.right, tokens)
        )
    if isinstance(node, Where):
        return any(value in _told(node.field, post) for value in node.values)
    return bool(_spans(node, tokens))


def _told(field, post):
    """All values of a condition (those that trees are made of) that a post fulfils."""
    if field == "language":
        return {"de": ["de"], "pt-BR": ["pt-br"], "en_GB": ["en"]}.get(post.language, [])
    if field == "author":
        return {"mira_k": ["mira_k"], "tom_on_tour": ["tom*"]}.get(post.author, [])
    if field == "place":
        return {"Berlin, Germany": ["Berlin"], "New York": ["New York"]}.get(post.place, [])
    return [post.network.lower()]


def _spans(node, tokens):
    """Where it stands among the tokens, as (first, behind the last)."""
    if isinstance(node, Or):
        return [span for part in node.parts for span in _spans(part, tokens)]
    if not isinstance(node, Term):
        name = ("#" if isinstance(node, Tag) else "@") + node.name.lower()
        return [(n, n + 1) for n, token in enumerate(tokens) if fnmatchcase(token, name)]
    said = [word.lower().rstrip(".,;:!") for word in node.words]
    starts = range(len(tokens) - len(said) + 1)
    phrases = [(n, n + len(said)) for n in starts if all(map(_is_word, tokens[n:], said))]
    return phrases + _spans(Tag("".join(said)), tokens)


def _is_word(token, word):
    return token[0] not in "#@" and fnmatchcase(token, word)


@given(trees)
@settings(max_examples=300)
def test_a_printed_query_reads_as_the_same_tree(tree):
    assert parse(printed(tree)) == tree


@given(makers)
@settings(max_examples=300)
def test_a_query_means_the_same_in_whatever_style_it_is_written(maker):
    tree = maker.tree()
    assert parse(styled(tree, maker.random.choice)) == tree


@given(plain_makers)
@settings(max_examples=1000)
def test_a_query_holds_where_a_look_at_each_word_says_so(maker):
    tree, tokens, post = maker.tree(), maker.plain_tokens(), maker.post()
    post = replace(post, text=" ".join(tokens), author=post.author.lower().lstrip("@"))
    assert holds(tree, post) == naively(tree, tokens, post)


@given(trees, posts)
@settings(max_examples=300)
def test_what_is_hit_is_what_the_post_wrote(tree, post):
    found = hits(tree, post)
    assert not found or holds(tree, post)
    assert all(hit.written == post.text[hit.start : hit.end] and hit.written for hit in found)
    assert list(found) == sorted(set(found))

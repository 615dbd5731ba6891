from __future__ import annotations

from random import Random

import pytest

from hearout.listening.query.in_words import in_words
from hearout.listening.query.parser import parse
from hearout.listening.query.test_generated import Maker
from hearout.listening.query.tree import And, Not, Or


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("tidewing", "Posts with “tidewing”."),
        ('="tide wing" OR =#tide', "Posts with exactly “tide wing” or exactly #tide."),
        (
            '"acme care" OR #acmecare NOT roadrunner',
            "Posts with “acme care” or #acmecare, but without “roadrunner”.",
        ),
        (
            "a b c (d OR e) -f -lang:en",
            "Posts with “a”, “b” and “c”, with “d” or “e”, but without “f”, not in English.",
        ),
        ("a OR b c", "Posts with “a” or (with “b” and “c”)."),
        ("a (b OR c d)", "Posts with “a”, (with “b” or (with “c” and “d”))."),
        ("a -(b c)", "Posts with “a”, but not (with “b” and “c”)."),
        ("a NEAR/5 (b OR c)", "Posts with “a” near “b” or “c” (at most 5 words between)."),
        ("a NEAR/1 b", "Posts with “a” near “b” (at most 1 word between)."),
        ("a NEAR/0 b", "Posts with “a” right beside “b”."),
        ("@a lang:(de OR xx) network:x", "Posts with @a, in German or the language xx, on x."),
        ('from:@mira_k place:"New York"', "Posts by @mira_k, from New York."),
    ],
)
def test_a_query_is_told_in_plain_english(query, said):
    assert in_words(parse(query)) == said


def sorted_out(node):
    """The tree without the order of what is joined: words need not tell that."""
    if isinstance(node, And | Or):
        return type(node).__name__, tuple(sorted(map(repr, map(sorted_out, node.parts))))
    return ("Not", repr(sorted_out(node.part))) if isinstance(node, Not) else node


def test_two_queries_that_differ_are_told_differently():
    told = {}
    for seed in range(3000):
        tree = Maker(Random(seed), ("ab", "cd")).tree()
        assert sorted_out(told.setdefault(in_words(tree), tree)) == sorted_out(tree)
    assert len(told) > 1000

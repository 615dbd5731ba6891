"""The compiled engine says what the slow reference says, for every query and post."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.listening.engine import compile
from hearout.listening.engine.judging import Judge
from hearout.listening.query.parser import parse
from hearout.listening.query.reference import directness, found, words
from hearout.listening.query.test_generated import posts, trees
from hearout.listening.query.text import Text, seen
from hearout.listening.query.toml import Query

# what buffers are made of: signs without spaces, letters that fold to several, marks, what nobody sees
PIECES = [
    "acme", "care", "Acme", "ACME", "café", "cafe", "#acme", "#acme_care", "#acmecare", "#日本acme",
    "@acme", "@acmecare", "https://x.io/acme", "@acme.care", "@acme@care.social", "@acméx", "@acme日", "a@acme.com",
    "https://acme.com/care", "acme.com", "acme.care", "＃acme", "＠acme", "ac\u200dme", "ac\u200bme",
    "ac\xadme", "e\u0301", "acme\u0301", "@a@b\u0301acme", "❤️", "\u202e", "\0", "\ud800", "…", "’s",
    "acme's", "\x1f", "日本", "acme日本", "ＡＣＭＥ", "𝐚𝐜𝐦𝐞", "½", "⑴_", "ß", "İ", "acme#care", "acme@care",
    "@acme@acme", "(acme", "“acme”", "acme - care", "acme, care", "dr. acme",
]  # fmt: skip
SEPARATORS = [" "] * 6 + [
    "",
    "-",
    ", ",
    ". ",
    "   ",
    "    ",
    "'",
    "_",
    "\n",
    "/",
    "&",
    " \u200b\u200b\u200b ",
    "(",
]
hostile = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(SEPARATORS)), max_size=8).map(
    lambda pairs: Text(1, "".join(a + b for a, b in pairs))
)
QUERIES = [
    "acme", "acme*", "*care", '"acme care"', '"dr. acme" OR cafe', "#acme OR #acme_care", "@acme",
    "@acme.care OR @acme@care.social", "日本 OR acme日本", "acme NEAR/1 (care OR #acme)",
    "(acme OR #acmecare) care NOT #acme", "acme -@acme", "½ OR ß OR i",
    '"ac me" OR "acme care s"', "acme.com OR x_1", "c?fe (acme OR 日本*)", '"acme 日本" OR "日本 acme"',
    "=acme author:mira_k OR #*care",
]  # fmt: skip


def query(expression, tolerance=False, **more):
    return Query(expression, expression, parse(expression), tolerance=tolerance, **more)


def of_tree(tree):
    return Query("", "", tree, tolerance=False)


def told(queries, texts):
    """Per post: (query, directness, words) of each match."""
    matches = compile(queries).match(texts)
    return [[(one.query, one.directness, one.words) for one in of_post] for of_post in matches]


def expected(queries, texts):
    return [
        [
            (number, directness(hits), words(hits))
            for number, one in enumerate(queries)
            if (hits := found(one.condition, post, seen(post.text))) is not None
        ]
        for post in texts
    ]


def matched(expression, text, **more):
    """(words, distance) of the one query's match, or None."""
    [[*matches]] = compile([query(expression, True, **more)]).match([Text(1, text)])
    return (matches[0].words, matches[0].distance) if matches else None


@given(st.lists(trees.map(of_tree), min_size=1, max_size=5), st.lists(posts, min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_the_engine_matches_what_the_slow_reference_matches(queries, texts):
    assert told(queries, texts) == expected(queries, texts)


@given(st.lists(hostile, min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_no_text_however_odd_hides_a_match_or_makes_one_up(texts):
    queries = [query(one) for one in QUERIES]
    assert told(queries, texts) == expected(queries, texts)


MISSPELT = [
    "Tidewing", "tidewnig", "on-to", "tidewings", "tide-wing", "tide", "wing's", "#tidewing", "#tidewnig",
    "#thankstidewing", "@tidewing", "@tidewnig", "go", "Goo", "late", "lates", "laet", ".", ",", "the",
    "jetblue", "jet", "blue", "refund",
]  # fmt: skip
misspelt = st.lists(
    st.sampled_from(MISSPELT),
    max_size=8,
).map(lambda words: Text(1, " ".join(words)))
TOLERANT = [
    "tidewing", '"tidewing go"', "#tidewing OR @tidewing", "tidewing (late OR refund)",
    "tidewing NEAR/2 late", "jetblue NOT late", "=tidewing OR jetblu*", "onto", "network:x OR tidewing",
    '"jet blue" lang:de OR late',
]  # fmt: skip


@given(st.lists(misspelt, min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_with_tolerance_the_index_loses_nothing(texts):
    """Each post and query judged alone, without any index, gives the same."""
    queries = [query(one, True) for one in TOLERANT]
    compiled = compile(queries)
    for post, matches in zip(texts, compiled.match(texts), strict=True):
        judge = Judge(post, seen(post.text), compiled._tolerance.found)
        verdicts = {number: judge.verdict(one.condition, 2) for number, one in enumerate(queries)}
        alone = {number: verdict for number, verdict in verdicts.items() if verdict is not None}
        assert {one.query: (one.distance, one.reasons) for one in matches} == alone


@given(st.lists(hostile | misspelt, min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_with_tolerance_all_matches_without_stay_as_they_are(texts):
    strict = compile([query(one) for one in TOLERANT]).match(texts)
    tolerant = compile([query(one, True) for one in TOLERANT]).match(texts)
    for without, within in zip(strict, tolerant, strict=True):
        assert set(without) <= set(within)


@pytest.mark.parametrize(
    ("expression", "text", "answer"),
    [
        ("tidewing", "my tidewing flight", (("tidewing",), 0)),
        ("tidewing", "my Tidewnig flight", (("Tidewnig",), 1)),
        ("tidewing", "the Tidewings are late", (("Tidewings",), 0)),
        ("tidewing", "the tide wing lounge", (("tide wing",), 1)),
        ("#tidewing", "so late #TidewingFails", (("#TidewingFails",), 0)),
        ("=tidewing", "my Tidewnig flight", None),
        ("tidewing late", "Tidewnig is late", (("Tidewnig", "late"), 1)),
        ("tidewing NOT flight", "my Tidewnig flight", None),
        ("tidewing NOT surfboard", "my Tidewnig surfbord", (("Tidewnig",), 1)),
        ("tidewing OR refund", "refund me, Tidewnig", (("refund",), 0)),
    ],
)
def test_a_match_tells_the_fewest_edits_within_which_it_holds(expression, text, answer):
    assert matched(expression, text) == answer


def test_each_query_keeps_its_own_tolerance():
    queries = [query("tidewing", tolerance) for tolerance in (False, 1, True)]
    texts = [Text(1, "Tidewing"), Text(2, "Tidewnig"), Text(3, "Tidwnig")]
    found = [[(one.query, one.distance) for one in of_post] for of_post in compile(queries).match(texts)]
    assert found == [[(0, 0), (1, 0), (2, 0)], [(1, 1), (2, 1)], [(2, 2)]]


def test_a_known_other_name_is_not_taken_for_ours():
    assert matched("tidewing", "flew Sidewing today") == (("Sidewing",), 1)
    compiled = compile([query("tidewing", True)], known=["Sidewing"])
    assert compiled.match([Text(1, "flew Sidewing today")]) == [()]


def test_a_match_says_what_was_looked_for_and_how_it_was_written():
    [[match]] = compile([query('"tidewing go" OR #tidewing', True)]).match(
        [Text(1, "tidewing-go! #TideWing")]
    )
    assert match.directness == "indirect"
    assert [(one.words, one.kind, one.distance) for one in match.reasons] == [
        ("tidewing-go", "word", 0),
        ("#TideWing", "tag", 0),
    ]


def test_languages_and_networks_of_a_query_limit_it():
    compiled = compile([query("bag", languages=("de",), networks=("x",))])
    told = [
        Text(1, "bag", language="de-AT", network="X"),
        Text(2, "bag", language="de"),
        Text(3, "bag", network="x"),
    ]
    assert [len(matches) for matches in compiled.match(told)] == [1, 0, 0]


def test_queries_without_a_word_are_asked_of_every_post():
    compiled = compile([query("author:mira_k"), query("lang:de -bag OR late")])
    told = [
        Text(1, "hello", author="@Mira_K"),
        Text(2, "hallo", language="de"),
        Text(3, "bag late"),
        Text(4, ""),
    ]
    assert [[one.query for one in matches] for matches in compiled.match(told)] == [[0], [1], [1], []]


def test_threads_may_share_a_matcher():
    compiled = compile([query(one, True) for one in TOLERANT])
    told = [Text(n, f"Tidewnig {n} is late #tidewing, refund") for n in range(2_000)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(compiled.match, [told] * 8))
    assert all(answer == answers[0] for answer in answers)


def test_no_queries_and_no_posts_are_no_trouble():
    assert compile([]).match([Text(1, "hello")]) == [()]
    assert compile([query("bag")]).match([]) == []

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.listening.query.errors import QueryError
from hearout.listening.query.parser import DEEPEST, LONGEST, hints, parse
from hearout.listening.query.printer import printed
from hearout.listening.query.reference import hits
from hearout.listening.query.test_generated import makers
from hearout.listening.query.text import Text
from hearout.listening.query.tree import And, At, Near, Not, Or, Tag, Term, Where

A, B, C, D = (Term((letter,)) for letter in "abcd")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("Tidewing", Term(("Tidewing",))),
        ('"tidewing care"', Term(("tidewing", "care"))),
        ("“tidewing care”", Term(("tidewing", "care"))),
        ("„tidewing care“", Term(("tidewing", "care"))),
        ("AT&T", Term(("AT", "T"))),
        ("L’Oréal", Term(("L", "Oréal"))),
        ("Disney+", Term(("Disney",))),
        ("booking.com", Term(("booking.com",))),
        ('"Dr. Oetker"', Term(("Dr.", "Oetker"))),
        ('"Yahoo! Japan!"', Term(("Yahoo!", "Japan"))),
        ("tid*w?ng", Term(("tid*w?ng",))),
        ("=tidewing", Term(("tidewing",), exact=True)),
        ('="tidewing go"', Term(("tidewing", "go"), exact=True)),
        ("#Tidewing", Tag("Tidewing")),
        ("=#tidewing", Tag("tidewing", exact=True)),
        ("@tide.wing-air@example.social", At("tide.wing-air@example.social")),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a and b", And((A, Term(("and",)), B))),
        ('"AND"', Term(("AND",))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("(a b) (c d)", And((A, B, C, D))),
        ("a OR (b OR c)", Or((A, B, C))),
        ("a OR b NOT c", And((Or((A, B)), Not(C)))),
        ("a NOT b OR c", And((A, Not(Or((B, C)))))),
        ("a NOT b NOT c", And((A, Not(B), Not(C)))),
        ("a OR b AND NOT c", Or((A, And((B, Not(C)))))),
        ("a OR b -c", Or((A, And((B, Not(C)))))),
        ("-a b", And((Not(A), B))),
        ("NOT a b", And((Not(A), B))),
        ("a -(b c)", And((A, Not(And((B, C)))))),
        ("NOT NOT a", Not(Not(A))),
        ("a (b OR c NOT d)", And((A, Or((B, C)), Not(D)))),
        ("a NEAR/5 b c", And((Near(A, B, 5), C))),
        ("a NEAR/0 (b OR #c)", Near(A, Or((B, Tag("c"))), 0)),
        ("d NOT a NEAR/3 b", And((D, Not(Near(A, B, 3))))),
        ("a lang:de", And((A, Where("language", ("de",))))),
        ("language:(DE OR pt_BR)", Where("language", ("de", "pt-br"))),
        ("network: Bluesky", Where("network", ("bluesky",))),
        ("from:@Mira_K", Where("author", ("Mira_K",))),
        (
            'author:tom* place:("New  York" OR Berlin)',
            And((Where("author", ("tom*",)), Where("place", ("New York", "Berlin")))),
        ),
        ("全日空 航空", And((Term(("全日空",)), Term(("航空",))))),
    ],
)
def test_a_query_is_read(query, tree):
    assert parse(query) == tree
    assert parse(printed(tree)) == tree


@pytest.mark.parametrize(
    ("query", "caret", "said"),
    [
        ("", "^", "there is no query at character 1; expected a word"),
        ("   ", "^", "there is no query"),
        ("a AND", "     ^", "the query ends too early"),
        ("a OR OR b", "     ^", "OR cannot stand here"),
        ("AND a", "^", "AND cannot stand here"),
        ("(a b", "^", "this bracket is never closed"),
        ("a) b", " ^", "this bracket was never opened"),
        ("a ()", "   ^", "there is nothing before this bracket"),
        ('a "b c', "  ^", 'this quote is never closed at character 3; expected a closing "'),
        ('a "?!"', "   ^", "“?” would match nearly every word"),
        ('a "!"', "   ^", "there is no word between these quotes"),
        ("a,b", " ^", "a comma joins nothing at character 2; expected OR"),
        ("a, b", " ^", "a comma joins nothing"),
        ("a || b", "  ^", "| is not understood at character 3; expected OR"),
        ("a && b", "  ^", "& is not understood at character 3; expected AND"),
        ("!a", "^", "! is not understood at character 1; expected NOT"),
        ("'a b'", "^", 'expected double quotes "…"'),
        ("a 🛫", "  ^", "'🛫' is no word"),
        ("a🛫b", " ^", "'🛫' cannot stand in a word"),
        ("🛫b", "^", "'🛫' cannot begin a word"),
        ("a \0", "  ^", "is no word"),
        ("#", " ^", "# without a name"),
        ("# a", " ^", "# without a name"),
        ("#tide-wing", "     ^", "'-' cannot stand in the tag"),
        ("@", " ^", "@ without a name"),
        ("@a!", "  ^", "! is not understood"),
        ("a - b", "  ^", "a lone - says nothing"),
        ("a --b", "   ^", "- twice says nothing"),
        ("a =", "  ^", "= stands for nothing here"),
        ("==a", "^", "= stands for nothing here"),
        ("=lang:de", "^", "= cannot stand before this"),
        ("a*", "^", "expected at least 2 letters beside * and ?"),
        ('"tidewing * care"', "          ^", "would match nearly every word"),
        ("#*", " ^", "would match nearly every word"),
        ("from:@*", "     ^", "would match nearly every word"),
        ("a NEAR b", "      ^", "NEAR does not say how near at character 7; expected how many words"),
        ("a NEAR/x b", "       ^", "NEAR does not say how near"),
        (
            "a NEAR/101 b",
            "       ^",
            "101 words are not near at character 8; expected a number from 0 to 100",
        ),
        ("a NEAR/3 b NEAR/3 c", "           ^", "NEAR joins two words, not three"),
        ("a NEAR/3 (b c)", "         ^", "NEAR cannot measure to AND"),
        ("lang:de NEAR/3 a", "^", "NEAR cannot measure to NOT, NEAR or a condition"),
        ("foo:bar", "^", "there is no condition “foo:” at character 1; expected one of lang:, "),
        ("https://tidewing.example", "^", "there is no condition “https:”"),
        ("lang:german", "     ^", "“german” is no language at character 6; expected a code such as de"),
        ("lang: OR a", "      ^", "language of what?"),
        ("lang:", "     ^", "language of what? at character 6; expected a code"),
        ("lang:(de fr)", "         ^", "this does not follow a value at character 10; expected OR or )"),
        ("lang:(de OR", "           ^", "language of what?"),
        ("lang:(de", "     ^", "this bracket is never closed"),
        ("from:a/b", "     ^", "“a/b” is no author"),
        ('place:"?!"', "       ^", "would match nearly every word"),
        ("NOT a", "^", "this query only excludes: it matches nearly everything"),
        ("-a -b", "^", "this query only excludes"),
        ("a OR -b", "     ^", "this query only excludes"),
    ],
)
def test_an_error_points_at_the_character_and_says_what_was_expected(query, caret, said):
    with pytest.raises(QueryError) as raised:
        parse(query)
    line, pointer, message = raised.value.pointed().split("\n")
    assert (line, pointer) == ("".join(c if c.isprintable() else " " for c in query), caret)
    assert said in message


def test_an_error_shows_its_own_line_and_what_is_around_it():
    with pytest.raises(QueryError) as raised:
        parse("a OR\n" + "b " * 100 + ", c " * 50 + "\nOR d")
    line, pointer, _ = raised.value.pointed().split("\n")
    assert line[pointer.index("^")] == ","
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) < 130


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("(" * (DEEPEST + 2) + "a" + ")" * (DEEPEST + 2), "nested too deeply"),
        ("NOT " * 12_500 + "a", "too long"),
        ("NOT " * 4_000 + "a", "nested too deeply"),
        ("-(" * 4_000 + "a", "nested too deeply"),
        ("a" * (LONGEST + 1), "too long"),
        ('"' + "a " * 21 + '"', "at most 20 words"),
    ],
)
def test_a_query_has_its_limits(query, said):
    with pytest.raises(QueryError, match=said):
        parse(query)


def test_a_query_of_thousands_of_names_is_read():
    names = " OR ".join(f"n{n}" for n in range(5_000))
    assert len(parse(names).parts) == 5_000


def test_small_letters_make_no_keyword_but_a_hint():
    [hint] = hints('a or b "or" #or')
    assert (hint.position, hint.message) == (
        2,
        "“or” is looked for as a word; write OR if you mean the keyword",
    )
    assert "write NEAR/5" in hints("a near/5 b")[0].message
    assert hints("a OR b ,") == []


signs = st.text(st.sampled_from('ab*?#@"“”=-()/.,: \n\0\ud800é') | st.characters(), max_size=30)
known = [
    "a",
    "b",
    "AND",
    "OR",
    "NOT",
    "NEAR/2",
    "NEAR/",
    "(",
    ")",
    "-",
    "=",
    "lang:",
    "from:",
    '"',
    "#",
    "@",
    ",",
    "*",
]
several = st.lists(st.sampled_from([*known, "全日空"]), max_size=20)


def tree_or_error(query):
    try:
        return parse(query)
    except QueryError as error:
        return error


@given(signs | several.map(" ".join) | several.map("".join))
@settings(max_examples=1000)
def test_whatever_the_text_there_is_a_tree_or_an_error_that_points_into_it(query):
    found = tree_or_error(query)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= len(query)
        assert found.pointed().count("\n") == 2
        assert found.message
    else:
        assert parse(printed(found)) == found
        hits(found, Text(1, query))
    hints(query)


@given(makers)
@settings(max_examples=300)
def test_a_query_with_a_fault_in_it_is_refused_with_a_place(maker):
    query = printed(maker.tree())
    place = maker.random.randrange(len(query) + 1)
    fault = maker.random.choice(["(", ")", '"', " AND OR ", " * ", " | "])
    found = tree_or_error(query[:place] + fault + query[place:])
    # in a phrase, signs that are no words do nothing
    assert '"' in query or (isinstance(found, QueryError) and found.position <= len(query) + len(fault))

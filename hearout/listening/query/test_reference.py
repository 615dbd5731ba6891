from __future__ import annotations

import pytest

from hearout.listening.query.parser import parse
from hearout.listening.query.reference import directness, hits, holds, words
from hearout.listening.query.text import Text


def found(query, text, **more):
    post = Text(1, text, **more)
    return words(hits(parse(query), post)) if holds(parse(query), post) else None


@pytest.mark.parametrize(
    ("query", "text", "said"),
    [
        ("tidewing", "Why, TIDEWING?", ("TIDEWING",)),
        ("tidewing", "Tidewing's bags and #TideWing", ("Tidewing", "#TideWing")),
        ("tidewing", "tidewings tide-wing tide wing", None),
        (
            "tidewing",
            "@tidewing tidewing@example.com https://tidewing.com www.tidewing.com tidewing.com/a",
            None,
        ),
        ("tidewing", "I use tidewing.com", None),
        ("tidewing.com", "I use Tidewing.com!", ("Tidewing.com",)),
        ("tidewing", "I hate tidewing.please help", ("tidewing",)),
        ("café", "CAFE Café ＣＡＦＥ cafe\u0301", ("CAFE", "Café", "ＣＡＦＥ", "cafe\u0301")),
        ("strasse", "Straße", ("Straße",)),
        (
            '"tidewing care"',
            "Tidewing-Care, tidewing  care; tidewing\ncare",
            ("Tidewing-Care", "tidewing  care", "tidewing\ncare"),
        ),
        ('"tidewing care"', "tidewing. Care! tidewing, care", None),
        ('"tidewing care"', "tidewing    care", None),
        ('"tidewing care"', "care tidewing tidewingcare", None),
        (
            '"tidewing care"',
            "#TidewingCare #tidewing_care #tidewing care",
            ("#TidewingCare", "#tidewing_care"),
        ),
        ('"Dr. Oetker"', "Dr. Oetker Dr Oetker dr.oetker", ("Dr. Oetker", "Dr Oetker", "dr.oetker")),
        ("AT&T", "AT&T at-t #ATT", ("AT&T", "at-t", "#ATT")),
        ("tide*", "tide tidewings tidewing.com untide #tides", ("tide", "tidewings", "#tides")),
        ("*wing", "tidewing wings", ("tidewing",)),
        ("t?de", "tide tde tiide tøde", ("tide", "tøde")),
        ("全日空", "昨日は全日空に乗った", ("全日空",)),
        ("全日空", "全日空ANA", ("全日空",)),
        ("tidewing", "昨日Tidewingに乗った", ("Tidewing",)),
        ("全日空", "#全日空最高", ("#全日空最高",)),
        ('"全日空 航空"', "x全日空航空 全日空 航空", ("全日空航空", "全日空 航空")),
        ("इंडिगो", "इंडिगो की उड़ान", ("इंडिगो",)),
        ("#tidewing", "＃TideWing tidewing #tidewings", ("＃TideWing",)),
        ("#tide*", "#tidewings", ("#tidewings",)),
        ("@tidewing", "hey @TideWing. @tidewings", ("@TideWing",)),
        ("@tidewing", "@tidewingさん", ("@tidewingさん",)),
        ("@tidewing", "@tidewing@example.social", None),
        ("@tidewing@example.social", "@tidewing@example.social", ("@tidewing@example.social",)),
        ("a OR b", "b", ("b",)),
        ("(a c) OR b", "a b", ("b",)),
        ("a -b", "a B", None),
        ("a -b", "a", ("a",)),
        ("delta NEAR/1 flight", "flight was delta; delta delta x y flight", ("flight", "delta")),
        ("delta NEAR/1 flight", "delta one two flight", None),
        ("delta NEAR/1 flight", "delta #one flight", ("delta", "flight")),
        ("delta NEAR/0 delta", "a delta", None),
        ("delta NEAR/0 delta", "delta delta", ("delta",)),
        ("delta NEAR/0 #delta", "#delta", None),
        ("delta NEAR/2 (@tidewing OR late)", "@tidewing: your delta", ("@tidewing", "delta")),
    ],
)
def test_a_post_is_matched_by_the_words_it_wrote(query, text, said):
    assert found(query, text) == said


@pytest.mark.parametrize(
    ("query", "post", "yes"),
    [
        ("a lang:de", {"language": "de"}, True),
        ("a lang:de", {"language": "de-AT"}, True),
        ("a lang:pt-br", {"language": "pt_BR"}, True),
        ("a lang:pt-br", {"language": "pt"}, False),
        ("a lang:de", {}, False),
        ("a -lang:de", {}, True),
        ("a network:(x OR bluesky)", {"network": "Bluesky"}, True),
        ("a network:x", {}, False),
        ("from:@mira_k", {"author": "@Mira_K"}, True),
        ("from:mira*", {"author": "mira_k"}, True),
        ("from:mira", {"author": "mira_k"}, False),
        ("from:mira_k", {}, False),
        ("a place:Berlin", {"place": "Berlin, Germany"}, True),
        ("a place:York", {"place": "Yorkshire"}, False),
        ('a place:"New York"', {"place": "new york NY"}, True),
        ("a place:Berlin", {}, False),
    ],
)
def test_a_condition_looks_at_what_the_network_told(query, post, yes):
    assert holds(parse(query), Text(1, "a", **post)) is yes


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("tidewing", "indirect"),
        ("#tidewing", "hashtag"),
        ("#tidewing tidewing", "indirect"),
        ("#tidewing @tidewing", "direct"),
    ],
)
def test_a_match_is_as_direct_as_its_most_direct_word(text, how):
    assert directness(hits(parse("tidewing OR @tidewing"), Text(1, text))) == how


@pytest.mark.parametrize(
    "text",
    [
        "東" * 30_000,
        "a" * 30_000,
        "a " * 20_000,
        "a-" * 20_000,
        "\u0301" * 20_000,
        "@a." * 30_000,
        "\ud800#\0" * 9_999,
    ],
)
@pytest.mark.parametrize(
    "query",
    [
        "東*京*東",
        "aa*ab*ba*c",
        "*aa?",
        '"a a a a a a a a b"',
        "a NEAR/0 b",
        "#a OR @a.b",
        "a NEAR/100 a NOT aaa*",
    ],
)
def test_no_text_makes_matching_slow_or_fail(query, text):
    hits(parse(query), Text(1, text, place=text))

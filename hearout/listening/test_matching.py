"""Which brands a post concerns: whole words in any script, the strongest reason, and no false friends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearout.channels.base import IncomingAuthor, IncomingPost, Visibility
from hearout.listening.found import MentionFound
from hearout.listening.matching import Matcher, OurHandle, matcher, merged
from hearout.listening.models import Watchword

MAIN = OurHandle(1, 1, "sim", "tidewing", "u1")
CARE = OurHandle(2, 1, "sim", "TidewingCare")
MATCHER = Matcher(
    [MAIN, CARE, OurHandle(3, 2, "sim", "orchard.rail", "u3")],
    [
        (1, "name", "Tidewing"),
        (1, "product", "Tidewing Go"),
        (1, "hashtag", "#TidewingFail"),
        (2, "name", "Orchard Rail"),
        (2, "name", "Booking.com"),
        (2, "name", "AT&T"),
        (2, "name", "タイドウィング"),
        (2, "name", "टाइडविंग"),
        (2, "product", "Über Jet"),
        (3, "name", "!!!"),
    ],
)


def post(text: str = "", author: str = "u9", handle: str = "mira_k", **more: Any) -> IncomingPost:
    return IncomingPost(
        "sim", "p1", datetime(2026, 3, 2, tzinfo=UTC), IncomingAuthor(author, handle), text, **more
    )


def found(text: str, **more: Any) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(one.brand_id, one.how, one.words) for one in MATCHER.match(post(text, **more))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@TideWing help", (1, "direct", ("@tidewing",))),
        ("thanks @tidewing.", (1, "direct", ("@tidewing",))),
        ("(@tidewingcare)", (1, "direct", ("@TidewingCare",))),
        ("＠tidewing", (1, "direct", ("@tidewing",))),
        ("こんにちは@tidewingさん", (1, "direct", ("@tidewing",))),
        ("@orchard.rail: late", (2, "direct", ("@orchard.rail",))),
        ("#TIDEWINGFAIL!", (1, "hashtag", ("#TIDEWINGFAIL",))),
        ("#tidewing", (1, "hashtag", ("#tidewing",))),
        ("#TidewingGo", (1, "hashtag", ("#TidewingGo",))),
        ("Tidewing's food", (1, "indirect", ("Tidewing",))),
        ("ＴＩＤＥＷＩＮＧ", (1, "indirect", ("ＴＩＤＥＷＩＮＧ",))),
        ("on ORCHARD  RAIL today", (2, "indirect", ("ORCHARD  RAIL",))),
        ("orchard-rail", (2, "indirect", ("orchard-rail",))),
        ("I like Booking.com.", (2, "indirect", ("Booking.com",))),
        ("with at&t", (2, "indirect", ("at&t",))),
        ("最悪タイドウィングだ", (2, "indirect", ("タイドウィング",))),
        ("टाइडविंग खराब", (2, "indirect", ("टाइडविंग",))),
        ("u\u0308BER JET", (2, "indirect", ("u\u0308BER JET",))),
        ("\x00\ud800tidewing\udfff", (1, "indirect", ("tidewing",))),
    ],
)
def test_a_brand_is_found(text: str, expected: tuple[int, str, tuple[str, ...]]) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "@tidewingfan",
        "@tide_wing",
        "me@tidewing.com",
        "@tidewing@other.example",
        "https://tidewing.com/go",
        "www.tidewing.com",
        "tidewing.com/sale",
        "antitidewing tidewings",
        "#tidewings",
        "orchard. Rail is late",
        "an orchard by the rail",
        "!!!",
        "",
    ],
)
def test_a_lookalike_is_not_found(text: str) -> None:
    assert found(text) == []


def test_the_strongest_reason_counts_and_all_words_are_kept() -> None:
    assert found("Tidewing Go #tidewing @tidewing") == [
        (1, "direct", ("Tidewing Go", "Tidewing", "#tidewing", "@tidewing"))
    ]


def test_two_brands_have_a_mention_each() -> None:
    assert {(brand, how) for brand, how, _ in found("@tidewing or Orchard Rail?")} == {
        (1, "direct"),
        (2, "indirect"),
    }


def test_what_the_network_resolved_counts_and_not_the_text() -> None:
    assert found("@tidewing", mentions=()) == []
    assert found("hello", mentions=("TideWing",)) == [(1, "direct", ("@tidewing",))]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("@someone is Tidewing late?", "Tidewing"),
        ("@someone-tidewing", ""),
        ("me@tidewing", ""),
        ("@someone:tidewing", "tidewing"),
        ("@someone I flew by booking.com", "booking.com"),
        ("@someone #tidewingfail", "#tidewingfail"),
    ],
)
def test_names_count_outside_of_handles_when_the_network_resolved_those(text: str, word: str) -> None:
    found = MATCHER.match(post(text, mentions=("someone",)))

    assert [one.words for one in found] == ([(word,)] if word else [])


def test_ours_is_known_by_its_id_and_by_name_only_until_the_id_is_known() -> None:
    assert MATCHER.match(post("hi", "u1", "renamed"))[0].how == "ours"
    assert MATCHER.match(post("hi", "u77", "tidewingcare"))[0].how == "ours"
    assert MATCHER.match(post("hi", "u77", "tidewing")) == []
    assert MATCHER.match(post("hi", "u1", "tidewing", by_brand=False)) == []


def test_an_answer_a_message_and_our_page_are_direct() -> None:
    assert MATCHER.match(post("hm"), parent=MAIN) == [MentionFound(1, "direct", 1)]
    assert MATCHER.match(post("hm", recipient_id="u1", visibility=Visibility.PRIVATE)) == [
        MentionFound(1, "direct", 1)
    ]
    assert MATCHER.match(post("hm", page_id="u1")) == [MentionFound(1, "direct", 1, own_page=True)]


def test_merging_does_not_depend_on_the_order() -> None:
    several = [
        MentionFound(1, "indirect", None, False, ("Tidewing",)),
        MentionFound(1, "direct", 2, False, ("@tidewingcare",)),
        MentionFound(1, "direct", 1, True, ("@tidewing",)),
    ]
    expected = MentionFound(1, "direct", 1, True, ("@tidewing", "@tidewingcare", "Tidewing"))
    assert merged(several) == merged(several[::-1]) == expected


@given(st.text() | st.text(alphabet="@#.a-b/:+t ", max_size=300))
def test_no_text_breaks_matching(text: str) -> None:
    MATCHER.match(post(text))


@pytest.mark.parametrize(
    "piece", ["a.", "@a.b-", "a", "a-a+", "#", "@", "tidewing ", "a.b/", "http://", "orchard "]
)
def test_every_character_is_looked_at_a_bounded_number_of_times(piece: str) -> None:
    """Tokens never overlap, whatever the text, so there are no more of them than characters."""
    from hearout.listening.words import TOKEN

    text = (piece * 20_000)[:20_000]
    end = 0
    for token in TOKEN.finditer(text):
        assert token.start() >= end
        end = token.end()
    MATCHER.match(post(text))


def test_a_new_watchword_counts_from_the_next_batch_on(network: Any) -> None:
    network.told(network.post("p1", "TideMiles expired"))
    word = Watchword.objects.create(brand=network.cast.brand, kind="product", text="TideMiles")
    network.told(network.post("p2", "TideMiles expired"))
    word.delete()
    network.told(network.post("p3", "TideMiles expired"))
    from hearout.listening.models import Mention

    assert list(Mention.objects.values_list("post__external_id", flat=True)) == ["p2"]


def test_the_matcher_is_kept_while_nothing_changes(cast: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        first = matcher(cursor, archive=False)
        assert matcher(cursor, archive=False) is first
        cast.main_handle.handle = "tidewing_air"
        cast.main_handle.save()
        assert matcher(cursor, archive=False) is not first

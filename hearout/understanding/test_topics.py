from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hearout.understanding import topics
from hearout.understanding.lexicon import terms
from hearout.understanding.tokens import tokenise
from hearout.understanding.topics import LANGUAGES, MOST, NAMES, NOTHING, Finder, find

WORDS = Path(topics.__file__).parent / "topic_words"


def names(text: str, language: str = "en") -> tuple[str, ...]:
    return find(text, language).names


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("Delivery", "Three parcels are out for delivery since Monday"),
        ("Delivery", "my order still has not arrived"),
        ("Delay or cancellation", "TW12 was cancelled, we missed our connection"),
        ("Lost or damaged", "you lost my suitcase"),
        ("Lost or damaged", "the stroller came back broken"),
        ("Billing and refund", "charged twice, I want my money back"),
        ("Price and offers", "why are fares so expensive in May?"),
        ("Rewards", "my TideMiles are gone, can I still redeem points?"),
        ("Product quality", "headphones stopped working after a week"),
        ("Staff and service", "the crew was lovely"),
        ("Waiting and no answer", "two emails and nobody answers"),
        ("App and website", "the app keeps crashing"),
        ("Account and login", "I forgot my password and cannot log in"),
        ("Store and branch", "is your branch in Porto open today?"),
        ("Booking and seats", "can I change my seat?"),
        ("Food and drink", "no vegan meal again"),
        ("Cleanliness", "filthy floor, and the bathroom smells"),
        ("Safety", "a seatbelt that does not close is dangerous"),
        ("Privacy and fraud", "somebody hacked me with a phishing mail in your name"),
        ("Jobs", "are you hiring mechanics?"),
        ("Outage and connection", "no internet for six hours"),
    ],
)
def test_a_post_has_the_topic_it_speaks_of(topic: str, text: str) -> None:
    assert topic in names(text)


@pytest.mark.parametrize(
    ("language", "topic", "text"),
    [
        ("de", "Delivery", "Wo bleibt mein Paket?"),
        ("de", "Billing and refund", "ich warte auf die Rueckerstattung"),
        ("es", "Lost or damaged", "perdieron mi maleta"),
        ("es", "Cleanliness", "los asientos estaban sucias"),
        ("pt", "Waiting and no answer", "ninguém responde há dias"),
        ("it", "Food and drink", "la colazione era fredda"),
        ("it", "App and website", "dell’app non funziona niente"),
        ("fr", "App and website", "l’appli plante"),
        ("fr", "Delay or cancellation", "vol annule sans explication"),
        ("hi", "Billing and refund", "मेरा रिफंड कब मिलेगा"),
        ("hi", "Booking and seats", "टिकट नहीं मिली"),
        ("hi", "Account and login", "password काम नहीं कर रहा"),
        ("und", "Billing and refund", "paise wapas karo"),
        ("ar", "Delay or cancellation", "الرحلة متأخره والتأخير كبير"),
        ("ar", "Billing and refund", "أريد الفاتورة"),
    ],
)
def test_each_language_has_its_words_with_or_without_accents_and_articles(
    language: str, topic: str, text: str
) -> None:
    assert topic in names(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "", "good job everyone!", "thanks for checking in", "we deal with it in order to win", "Ⓐ 🎉🎉", "ok",
        "lost my mind over this song", "I read a good book", "http://example.org/refund @refund", "the order of things",
    ],
)  # fmt: skip
def test_words_that_only_look_like_a_topic_are_left_alone(text: str) -> None:
    assert names(text) == ()


def test_one_hint_is_not_enough_and_neither_are_two_of_a_kind() -> None:
    assert names("my order") == ()
    assert names("my order, an item") == ()
    assert "Delivery" in names("my order has not arrived")


def test_a_topic_tells_the_words_as_written_and_what_each_added() -> None:
    found = find("CHARGED me for a Check-in, then no Re­fund", "en")
    assert found.names == ("Billing and refund", "Booking and seats")
    assert [hit.words for hit in found.hits] == [["CHARGED me", "Refund"], ["Check-in"]]
    assert found.words == ("CHARGED me", "Refund", "Check-in")
    assert found.weights == (1.0, 1.0, 1.0)
    assert [hit.weight for hit in found.hits] == [2.0, 1.0]


def test_a_phrase_broken_by_a_link_is_told_by_its_longest_word() -> None:
    assert find("lost https://example.org my suitcase", "en").words[0] == "suitcase"


def test_forms_of_one_word_count_once_and_the_weightiest_topic_comes_first() -> None:
    found = find("refund refunds refunded, and a seat on the website: a booking", "en")
    assert found.names == ("Booking and seats", "Billing and refund", "App and website")
    assert found.hits[1].weight == 1.0


def test_no_post_has_more_than_three_topics() -> None:
    assert len(names("refund parcel seat password wifi staff website delay meal")) == MOST


def test_a_language_without_lists_has_no_topics_and_an_unknown_one_is_tried_as_english() -> None:
    assert names("refund", "ja") == ()
    assert names("refund", "und") == ("Billing and refund",)


def test_words_that_were_split_already_give_the_same() -> None:
    text = "@tidewing l’appli est en panne, j’ai payé deux fois"
    assert find(tokenise(text), "fr") == find(text, "fr")


def test_invisible_characters_and_broken_accents_hide_no_word() -> None:
    assert names("re\u200bfund") == names("re\u00adfund") == ("Billing and refund",)
    assert names("annule\u0301 en arrive\u0301e", "fr") == ("Delay or cancellation",)


@pytest.mark.parametrize("language", [*LANGUAGES, "und", "ja", "", "\x00"])
@pytest.mark.parametrize(
    "text",
    [
        "\x00", "\ud800 refund \udfff", "\u200b" * 5000, "e\u0301" * 50_000, "refund " * 20_000, "a" * 100_000,
        "lost my " * 12_500, "\u202erefund\u202c", "ﷺ" * 100_000, "क्" * 50_000, "\U000e0001" * 500, "'" * 9_999,
    ],
)  # fmt: skip
def test_hostile_texts_are_read_or_ignored_but_never_raise(text: str, language: str) -> None:
    found = find(text, language)
    assert len(found.names) <= MOST
    assert all(len(word) <= 80 for word in found.words)


@given(st.text(st.characters(), max_size=300), st.sampled_from((*LANGUAGES, "und", "nl")))
@example("lost my", "en")
def test_whatever_is_posted_the_answer_is_whole(text: str, language: str) -> None:
    found = find(text, language)
    assert set(found.names) <= set(NAMES)
    assert len(set(found.names)) == len(found.names) == len(found.hits) <= MOST
    assert len(found.words) == len(found.weights)
    assert [hit.weight for hit in found.hits] == sorted((hit.weight for hit in found.hits), reverse=True)
    assert find(tokenise(text), language) == found


@given(
    st.sampled_from(("the refund", "no parcel", "hidden fees")),
    st.sampled_from(("", "!", " ??", " 😡", "\u200b")),
)
def test_what_stands_around_a_word_does_not_hide_it(said: str, around: str) -> None:
    assert names(f"{around} {said}{around}")


def test_a_brand_takes_topics_out_adds_words_and_adds_its_own() -> None:
    finder = Finder({"Lounge": ["lounge", "Sky Club"], "Delivery": ["drone"]}, without=["Billing and refund"])
    assert finder.find("The sky-club has no refund and no drone", "en").names == ("Lounge", "Delivery")
    assert finder.find("ラウンジ lounge", "ja").names == ("Lounge",)
    assert finder.find("parcel", "en").names == ("Delivery",)
    assert names("the sky-club") == ()
    assert Finder({"Dots": ["...", ".*", "!?"]}).find("a. b! c? ...", "en").names == ()


@given(
    st.dictionaries(st.text(min_size=1, max_size=20), st.lists(st.text(max_size=30), max_size=4), max_size=4)
)
def test_a_brand_may_type_anything_for_words(own: dict[str, list[str]]) -> None:
    finder = Finder(own)
    for language in ("en", "ar", "xx"):
        for typed in own.values():
            for word in typed:
                assert set(finder.find(f"so {word} it is", language).names) <= {*NAMES, *own}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_list_names_known_topics_and_every_item_can_be_found(language: str) -> None:
    lists = tomllib.loads((WORDS / f"{language}.toml").read_text("utf-8"))
    assert set(lists) <= {*NAMES, "nothing"}
    assert set(NAMES) <= set(lists)
    for topic, kinds in lists.items():
        assert set(kinds) <= ({"words"} if topic == "nothing" else {"sure", "thing", "sign"})
        assert kinds.get("thing", "") == "" or kinds["sign"]
        for item in kinds.get("sure", "").split():
            for term in terms(item):
                said = term.replace("_", " ")
                assert topic in [hit.topic for hit in find(said, language).hits], (topic, term)


def test_nothing_found_is_one_and_the_same_answer() -> None:
    assert find("hello", "en") is NOTHING

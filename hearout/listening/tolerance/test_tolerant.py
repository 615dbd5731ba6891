"""Names as people write them: found within their distance, and nothing else taken for them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.listening.tolerance import Entry, Tolerant

NAMES = ("Tidewing", "Acme Care", "JetBlue", "Canon", "Delta", "Nike", "KLM", "Target")


@pytest.fixture(scope="module")
def tolerant() -> Tolerant:
    names = [Entry(name, "name", name) for name in NAMES]
    return Tolerant(
        [*names, Entry("#acmecare", "hashtag", "#acmecare"), Entry("@tidewing", "handle", "@tidewing")]
    )


def named(tolerant: Tolerant, text: str) -> set[tuple[object, int, str]]:
    return {(hit.key, hit.distance, hit.variant) for hit in tolerant.of_words(text.split())}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tidewing", ("Tidewing", 0, "exact")),
        ("Tidewing", ("Tidewing", 0, "exact")),
        ("tidewng", ("Tidewing", 1, "misspelt")),
        ("tidweing", ("Tidewing", 1, "swapped")),
        ("tiddewinng", ("Tidewing", 2, "misspelt")),
        ("tidewings", ("Tidewing", 0, "plural")),
        ("t1dew1ng", ("Tidewing", 1, "look-alike")),
        ("тidewіng", ("Tidewing", 1, "look-alike")),
        ("acrnecare", ("Acme Care", 2, "look-alike")),
        ("nikeeeee", ("Nike", 1, "stretched")),
        ("níké", ("Nike", 0, "exact")),
        ("acme care", ("Acme Care", 0, "exact")),
        ("acme_care", ("Acme Care", 0, "joined")),
        ("acmecare", ("Acme Care", 1, "joined")),
        ("a cme care", ("Acme Care", 1, "split")),
        ("akme care", ("Acme Care", 1, "misspelt")),
        ("acmee caree", ("Acme Care", 2, "misspelt")),
        ("acme cares", ("Acme Care", 0, "plural")),
        ("jet blue", ("JetBlue", 1, "split")),
        ("tide wing", ("Tidewing", 1, "split")),
    ],
)
def test_a_name_is_found_as_people_write_it(
    tolerant: Tolerant, text: str, expected: tuple[str, int, str]
) -> None:
    assert named(tolerant, text) == {expected}


@pytest.mark.parametrize(
    "text",
    [
        "like",
        "dealt",
        "can on",
        "Canton",
        "targets",
        "klms",
        "tidal",
        "nine",
        "acme dare",
        "liiike",
        "acnecaree",
        "x" * 5000,
        "\ud800",
        "\0",
    ],
)
def test_another_word_is_no_name(tolerant: Tolerant, text: str) -> None:
    assert named(tolerant, text) == set()


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("acmecare", ("#acmecare", 0, "exact")),
        ("AcmeCares", ("#acmecare", 0, "plural")),
        ("acmecaer", ("#acmecare", 1, "swapped")),
        ("tidewinghelp", ("Tidewing", 0, "joined")),
        ("ThanksTidewing", ("Tidewing", 0, "joined")),
        ("targetfail", ("Target", 0, "joined")),
    ],
)
def test_a_tag_is_found_as_people_write_it(
    tolerant: Tolerant, tag: str, expected: tuple[str, int, str]
) -> None:
    assert expected in tolerant.of_token(tag, "hashtag")


@pytest.mark.parametrize("tag", ["targetpractice", "riverdelta", "like", "", "_"])
def test_a_tag_of_other_words_is_no_name(tolerant: Tolerant, tag: str) -> None:
    assert tolerant.of_token(tag, "hashtag") == ()


def test_a_possessive_is_the_name(tolerant: Tolerant) -> None:
    assert tolerant.of_token("Tidewing’s", "name") == (("Tidewing", 0, "possessive"),)


def test_words_and_handles_are_apart(tolerant: Tolerant) -> None:
    assert [found.key for found in tolerant.of_token("tidewing", "handle")] == ["@tidewing"]
    assert [found.key for found in tolerant.of_token("tidewing", "name")] == ["Tidewing"]
    assert tolerant.of_token("nike", "handle") == ()


def test_a_known_other_brand_is_never_ours() -> None:
    entries = [Entry(1, "name", "Zalando")]
    assert Tolerant(entries).of_token("zalande", "name")
    assert not Tolerant(entries, known=["Zalande"]).of_token("zalande", "name")
    assert not Tolerant(entries, known=["Zalander"]).of_token("zalande", "name")


def test_the_distance_that_is_asked_for_bounds_the_one_found() -> None:
    strict = Tolerant([Entry(1, "name", "Tidewing", most=0)])
    one = Tolerant([Entry(1, "name", "Tidewing", most=1)])
    assert strict.of_token("tidewing", "name") == ((1, 0, "exact"),)
    assert not strict.of_token("tidewng", "name")
    assert not strict.of_words(["tide", "wing"])
    assert one.of_token("tidewng", "name")
    assert not one.of_token("tidewn", "name")


def test_a_hit_tells_which_words_name_it(tolerant: Tolerant) -> None:
    hits = tolerant.of_words(["my", "jet", "blue", "flight", "with", "acme", "care", "was", "late"])
    assert [(hit.key, hit.start, hit.stop) for hit in hits] == [("JetBlue", 1, 3), ("Acme Care", 5, 7)]


@settings(max_examples=50)
@given(
    st.lists(
        st.text(max_size=20) | st.sampled_from(["acme", "care", "Jet", "blue", "TIDEWING", "s"]), max_size=8
    )
)
def test_no_text_breaks_it_and_what_was_seen_before_changes_nothing(
    tolerant: Tolerant, words: list[str]
) -> None:
    fresh = Tolerant([Entry(name, "name", name) for name in NAMES])
    hits = tolerant.of_words(words)
    assert hits == tolerant.of_words(words) == fresh.of_words(words)
    for word in words:
        for kind in ("name", "hashtag", "handle"):
            assert tolerant.of_token(word, kind) == tolerant.of_token(word, kind)  # type: ignore[arg-type]
    assert all(0 <= hit.start < hit.stop <= len(words) and hit.distance <= 2 for hit in hits)


def test_more_words_than_are_kept_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hearout.listening.tolerance.tolerant.KEPT", 3)
    small = Tolerant([Entry("Tidewing", "name", "Tidewing")])
    for text in ("my tidewng flight", "a tidewing bag", "some other words here", "my tidewng flight"):
        assert bool(small.of_words(text.split())) == ("tide" in text)

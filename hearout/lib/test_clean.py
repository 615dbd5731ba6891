"""Whatever strangers write can be stored, matched and seen through."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hearout.lib.clean import INVISIBLE, Disguise, clean_text, fold, look_alike, skeleton

anything = st.text(st.characters(codec=None, categories=None), max_size=200)


@given(anything, st.integers(0, 300))
@example("\ud83d\0\ude00", 5)
def test_cleaned_text_can_be_stored_and_is_clean_for_good(text: str, limit: int) -> None:
    cleaned = clean_text(text, limit)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert len(cleaned) <= limit
    assert clean_text(cleaned, limit) == cleaned


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_honest_text_is_left_alone(text: str) -> None:
    assert clean_text(text, len(text)) == text


@pytest.mark.parametrize(
    ("hostile", "cleaned"),
    [
        ("lost\0 bag", "lost bag"),
        ("\ud800bag", "\ufffdbag"),
        ("bag\ud83d", "bag\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("été", "été"),
    ],
)
def test_nul_goes_and_lone_surrogates_show(hostile: str, cleaned: str) -> None:
    assert clean_text(hostile, 50) == cleaned


def test_the_limit_counts_what_is_stored() -> None:
    assert clean_text("\0\0abc", 2) == "ab"
    assert clean_text("😀😀😀", 2) == "😀😀"
    assert clean_text("abc", 0) == ""


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("TIDEWING", "tidewing"),
        ("Tide\u200bwing", "tidewing"),
        ("\u202eTide\u2069wing\ufeff", "tidewing"),
        ("tide\u00adwing", "tidewing"),
        ("Ｔｉｄｅｗｉｎｇ", "tidewing"),
        ("𝐓𝐢𝐝𝐞𝐰𝐢𝐧𝐠", "tidewing"),
        ("Straße", "strasse"),
        ("CAFE\u0301", "café"),
        ("a\tb\nc", "a\tb\nc"),
        ("nul\0\ud800", "nul"),
    ],
)
def test_spellings_of_one_word_fold_to_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("Café", "cafe"),
        ("ŁÓDŹ", "lodz"),
        ("Ærø", "aero"),
        ("İstanbul", "istanbul"),
        ("ё", "е"),
        ("हिन्दी", "हिन्दी"),
        ("가", "가"),
    ],
)
def test_accents_come_off_when_asked_and_vowels_of_other_scripts_stay(written: str, bare: str) -> None:
    assert fold(written, accents=False) == bare


@given(anything, st.booleans())
def test_folding_twice_changes_nothing_and_is_storable(text: str, accents: bool) -> None:
    folded = fold(text, accents=accents)
    assert fold(folded, accents=accents) == folded
    assert clean_text(folded, len(folded)) == folded


def test_every_single_character_folds_for_good() -> None:
    assigned = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cn", "Co")]
    for accents in (True, False):
        folded = [fold(character, accents=accents) for character in assigned]
        assert folded == [fold(character, accents=accents) for character in folded]


def test_every_format_character_counts_as_invisible_and_no_white_space_does() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(character) in ("Cf", "Cs"):
            assert INVISIBLE.match(character), hex(ord(character))
        elif character.isspace():
            assert not INVISIBLE.match(character), hex(ord(character))


@pytest.mark.parametrize(
    ("handle", "disguises"),
    [
        ("tidewing", set()),
        ("tіdewing", {Disguise.MIXED_SCRIPTS}),
        ("tid\u0435w\u03b9ng", {Disguise.MIXED_SCRIPTS}),
        ("tide\u200dwing", {Disguise.INVISIBLE}),
        ("\u202etidewing", {Disguise.INVISIBLE}),
        ("tide\u3164wing", {Disguise.INVISIBLE}),
        ("ｔidewing", {Disguise.STYLED}),
        ("т\u200bidewing", {Disguise.INVISIBLE, Disguise.MIXED_SCRIPTS}),
        ("Мира Иванова", set()),
        ("Mira Иванова", set()),
        ("Ελένη_9", set()),
        ("Priya 👩🏽\u200d✈️ 1️⃣", set()),
        ("❤️\u200d🔥 Tom", set()),
        ("می\u200cخواهم", set()),
        ("東京タワー_tokyo", set()),
        ("José Núñez", set()),
        ("Jose\u0301", set()),
        ("", set()),
    ],
)
def test_disguises_are_seen_and_honest_names_are_not_suspected(handle: str, disguises: set[Disguise]) -> None:
    assert look_alike(handle) == disguises


@pytest.mark.parametrize(
    "impostor", ["tіdеwing", "Tide\u200bWing", "ｔidewing", "tidewıng", "TIDEWÍNG", "тidewing", "tїdewing"]
)
def test_impostors_share_the_skeleton_of_the_brand(impostor: str) -> None:
    assert skeleton(impostor) == skeleton("tidewing")


@given(anything)
def test_no_text_at_all_raises(text: str) -> None:
    look_alike(text)
    assert skeleton(skeleton(text)) == skeleton(text)

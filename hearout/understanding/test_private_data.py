"""Private data is found, and order numbers are let be. Numbers are published test numbers or invented."""

from __future__ import annotations

import doctest
import random
import re
import string
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.understanding.own_numbers import MaskError, own_numbers
from hearout.understanding.private_data import (
    PrivateKind,
    find_private_data,
    hide_from_model,
    mask,
)
from hearout.understanding.private_numbers import iban_valid, luhn


def found(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], kind.value) for start, end, kind in find_private_data(text)]


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("my card is 4111 1111 1111 1111, exp 12/27", [("4111 1111 1111 1111", "card")]),
        ("4111111111111111", [("4111111111111111", "card")]),
        ("4111-1111-1111-1111 123", [("4111-1111-1111-1111", "card")]),
        ("amex 3782 822463 10005", [("3782 822463 10005", "card")]),
        ("5555\u00a05555\u00a05555\u00a04444", [("5555\u00a05555\u00a05555\u00a04444", "card")]),
        ("IBAN DE89 3704 0044 0532 0130 00 thanks", [("DE89 3704 0044 0532 0130 00", "iban")]),
        ("gb82west12345698765432", [("gb82west12345698765432", "iban")]),
        ("write to mira.k+trip@example.co.uk.", [("mira.k+trip@example.co.uk", "email")]),
        ("call me on +49 30 901820, please", [("+49 30 901820", "phone")]),
        ("0044 20 7946 0958", [("0044 20 7946 0958", "phone")]),
        ("(415) 555-0132", [("(415) 555-0132", "phone")]),
        ("ring me 07700 900123", [("07700 900123", "phone")]),
        ("mein Handy: 0151 23456789", [("0151 23456789", "phone")]),
        ("4111 1111 1111 1111 +49 30 901820", [("4111 1111 1111 1111", "card"), ("+49 30 901820", "phone")]),
        ("+49 30 901820 4111 1111 1111 1111", [("+49 30 901820", "phone"), ("4111 1111 1111 1111", "card")]),
        ("1234567812345670", [("1234567812345670", "card")]),  # no issuer's, but unbroken
        ("card4111111111111111x", [("4111111111111111", "card")]),
        ("４１１１ １１１１ １１１１ １１１１", [("４１１１ １１１１ １１１１ １１１１", "card")]),
        ("4111\u200b1111\u200b1111\u200b1111", [("4111\u200b1111\u200b1111\u200b1111", "card")]),
        ("schreibt an mira@müller.example!", [("mira@müller.example", "email")]),
        ("06 12 34 56 78", [("06 12 34 56 78", "phone")]),
        ("0151-23456789", [("0151-23456789", "phone")]),
        ("07700 900123", [("07700 900123", "phone")]),
        ("my passport number is X1234567.", [("X1234567", "passport")]),
        ("Reisepass C01X00T47", [("C01X00T47", "passport")]),
        ("a@example.com and +351 912 345 678", [("a@example.com", "email"), ("+351 912 345 678", "phone")]),
    ],
)
def test_private_data_is_found_where_it_stands(text: str, private: list[tuple[str, str]]) -> None:
    assert found(text) == private


@pytest.mark.parametrize(
    "text",
    [
        "my order number is 1234567890",
        "booking 4155550132",
        "ref 0012345678",
        "0049301234567",
        "4111 1111 1111 1112",  # fails the Luhn check
        "0000 0000 0000 0000",
        "1234 5678 1234 5670",  # passes Luhn, no issuer: in groups it may be anything
        "DE89 3704 0044 0532 0130 01",  # fails mod 97
        "flight TW2044 on 2026-11-21 at 14:30, seats 12A 12B",
        "@tidewing @tidewingcare",
        "1,000,000 TideMiles for 99.95",
        "192.168.100.200",
        "2026-11-21T19:33:35",
        "phone order 12",
        "my case is PP-006-234-348-863",
        "@tidewing@mastodon.example has my bag",
        "passport control took 45 minutes",
        "5 Star Way to treat us, 24 hour drive, 3 times at the High Street desk",
        "auf Sitzplatz 12 und Platz 3, Onderweg 2 uur",
        "flying via Frankfurt 14 hours",
        "",
    ],
)
def test_order_numbers_dates_and_handles_are_let_be(text: str) -> None:
    assert found(text) == []


def test_a_masked_text_says_what_was_hidden() -> None:
    assert mask("card 4111 1111 1111 1111, mail a@example.com") == "card _card hidden_, mail _email hidden_"


def card_of(prefix: str, length: int, dice: random.Random) -> str:
    body = prefix + "".join(dice.choices(string.digits, k=length - len(prefix) - 1))
    return next(body + check for check in string.digits if luhn(body + check))


@given(
    st.sampled_from([("4", 16), ("51", 16), ("37", 15), ("36", 14), ("6011", 16)]),
    st.randoms(),
    st.booleans(),
)
def test_every_well_formed_card_is_found_and_any_one_wrong_digit_is_not(
    issuer: tuple[str, int], dice: random.Random, grouped: bool
) -> None:
    card = card_of(*issuer, dice)
    written = " ".join(card[i : i + 4] for i in range(0, len(card), 4)) if grouped else card
    assert (written, "card") in found(f"it is {written}.")
    place = dice.randrange(len(card))
    wrong = card[:place] + str((int(card[place]) + dice.randrange(1, 10)) % 10) + card[place + 1 :]
    assert not luhn(wrong)
    assert found(f"it is {wrong}.") == []


@given(st.text(string.digits, min_size=18, max_size=18), st.integers(1, 9))
def test_german_accounts_are_found_by_their_check_digits(body: str, off: int) -> None:
    check = 98 - int(body + "131400") % 97
    account = f"DE{check:02}{body}"
    assert iban_valid(account)
    assert (account, "iban") in found(f"to {account} please")
    assert not iban_valid(account[:-1] + str((int(account[-1]) + off) % 10))


ADDRESSES = {
    "en": ["12 Acacia Avenue, London N1 9GU", "742 Evergreen Terrace", "12 long close, leeds ls1 4ap",
           "1600 Example Ave, Washington, DC 20500"],
    "de": ["Musterstraße 12a, 12345 Berlin", "Berliner Straße 5", "Hauptstr. 7", "Marktplatz 3, 1010 Wien"],
    "fr": ["12 bis rue de la Paix, 75002 Paris", "4 avenue des Champs-Élysées", "3 rue haute, 1000 bruxelles"],
    "es": ["Calle Mayor 5, 28013 Madrid", "c/ Gran Vía, nº 12", "paseo de la Castellana 100"],
    "it": ["via Roma 12, 00184 Roma", "Via Garibaldi, 3", "Piazza San Marco 1"],
    "nl": ["Keizersgracht 12, 1015 CJ Amsterdam", "Kerkstraat 7a"],
    "pt": ["Avenida da Liberdade, 110, 1250-146 Lisboa", "Rua Augusta 24"],
}  # fmt: skip


@pytest.mark.parametrize("address", [pytest.param(a, id=a) for some in ADDRESSES.values() for a in some])
def test_a_street_with_its_number_is_an_address_with_the_town_that_follows(address: str) -> None:
    assert found(f"({address})") == [(address, "address")]


@pytest.mark.parametrize(
    ("masks", "text", "numbers"),
    [
        (["TW-######"], "TW-123456, tw 123456 or TW123456; not TW-12345 or XTW-123456",
         ["TW-123456", "tw 123456", "TW123456"]),
        (["??####"], "bookings AB1234 and ab1235, not ABC123", ["AB1234", "ab1235"]),
        (["******"], "booking X4K9QZ on my ticket, please", ["X4K9QZ"]),
        (["####", "########"], "order 12345678", ["12345678"]),
    ],
)  # fmt: skip
def test_the_numbers_of_a_brand_are_found_by_its_masks(
    masks: list[str], text: str, numbers: list[str]
) -> None:
    spans = find_private_data(text, own_numbers(masks))
    assert [text[start:end] for start, end, _ in spans] == numbers
    assert {kind for _, _, kind in spans} == {PrivateKind.ORDER}


@pytest.mark.parametrize("bad", ["(a+)+####", "##", "????????", "TW-??", "#" * 41, "TW\n####"])
def test_a_mask_that_is_no_mask_or_fits_everything_is_refused(bad: str) -> None:
    with pytest.raises(MaskError, match=r"fits too many words|is longer|take # for a digit"):
        own_numbers([bad])


def test_no_masks_are_no_numbers() -> None:
    assert own_numbers(["", " "]) is None


def test_a_language_model_gets_marks_and_its_draft_gets_the_values_back() -> None:
    hidden = hide_from_model("TW-123456: mail a@example.com or b@example.com, not a@example.com", TIDEWING)
    assert hidden.text == "_order 1_: mail _email 1_ or _email 2_, not _email 1_"
    assert hidden.shown("We wrote to _email 2_ about _order 1_ and _order 9_.") == (
        "We wrote to b@example.com about TW-123456 and _order 9_."
    )


def test_the_examples_in_the_docs_are_true() -> None:
    page = Path(__file__).parents[2] / "docs/understanding.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert (result.failed, result.attempted > 3) == (0, True)


TIDEWING = own_numbers(["TW-######", "??####", "******", "#-#-#-#"])
PIECES = [
    "4111 1111 1111 1111", "DE89370400440532013000", "a@example.com", "+49 30 901820", "call", "phone", " ", "-", ",",
    "1", "00", "+", "@", ".", "[", "x", "\ud800", "\x00", "٣", "\u200b", "\ua66e", "_card hidden_", "_", "passport ",
    "X1234567", "TW-123456", "4111111111111111", "1234567812345670", "12 Acacia Avenue", ", ", "N1 9GU", "Hauptstr. 7",
    "rue de la Paix", "via Roma", "12345", "Berlin", "415-555-0132", "é", "P<D<<A", "０",
]  # fmt: skip
hostile = st.text(st.characters(codec=None, categories=None)) | st.lists(st.sampled_from(PIECES)).map("".join)


@settings(max_examples=1_000, deadline=None)
@given(hostile)
def test_spans_of_any_text_are_ordered_and_apart(text: str) -> None:
    spans = find_private_data(text, TIDEWING)
    assert all(0 <= start < end <= len(text) for start, end, _ in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))


@settings(max_examples=1_000, deadline=None)
@given(hostile)
def test_to_mask_again_changes_nothing(text: str) -> None:
    masked = mask(text, TIDEWING)
    assert mask(masked, TIDEWING) == masked


@settings(max_examples=1_000, deadline=None)
@given(hostile)
def test_masking_leaves_all_that_is_not_private_as_it_was(text: str) -> None:
    rest, last = [], 0
    for start, end, kind in find_private_data(text):
        rest += [text[last:start], f"_{kind} hidden_"]
        last = end
    assert mask(text) == "".join([*rest, text[last:]])


long_runs = st.text("0123456789", min_size=12, max_size=20) | st.randoms().map(
    lambda dice: card_of("", dice.randrange(13, 20), dice)
)


@settings(max_examples=1_000, deadline=None)
@given(st.lists(hostile | long_runs).map("".join))
def test_masking_leaves_no_run_of_digits_that_could_be_a_card(text: str) -> None:
    runs = re.findall(r"(?<!\d)\d{13,19}(?!\d)", mask(text))
    assert [run for run in runs if luhn(run)] == []


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1",
        "1 ",
        "a@",
        "+1",
        "DE89 ",
        "call 0",
        "a.",
        "(415) ",
        "A ",
        "1 Ab ",
        "Musterstraße 1, ",
        "calle A ",
        "passport ",
        "P<",
        "\u200b1",
        "_card hidden_",
        "TW-",
    ],
)
def test_a_long_text_is_searched_to_the_end(piece: str) -> None:
    text = piece * (200_000 // len(piece)) + " ; mira@example.com"
    assert find_private_data(text, TIDEWING)[-1].kind is PrivateKind.EMAIL

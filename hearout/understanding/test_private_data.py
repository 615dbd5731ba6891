"""Private data is found, and order numbers are let be. Numbers are published test numbers or invented."""

from __future__ import annotations

import random
import string
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearout.understanding.private_data import PrivateKind, find_private_data, iban_valid, luhn, mask


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
        "1234567812345670",  # passes Luhn, no issuer
        "DE89 3704 0044 0532 0130 01",  # fails mod 97
        "flight TW2044 on 2026-11-21 at 14:30, seats 12A 12B",
        "@tidewing @tidewingcare",
        "1,000,000 TideMiles for 99.95",
        "192.168.100.200",
        "2026-11-21T19:33:35",
        "phone order 12",
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


pieces = st.sampled_from(
    ["4111 1111 1111 1111", "DE89370400440532013000", "a@example.com", "+49 30 901820", "call", "phone", " ", "-",
     "1", "00", "+", "@", ".", "[", "x", "\ud800", "\x00", "٣"]
)  # fmt: skip
hostile = st.text(st.characters(codec=None, categories=None)) | st.lists(pieces).map("".join)


@settings(max_examples=400, deadline=None)
@given(hostile)
def test_spans_of_any_text_are_ordered_and_apart_and_none_is_left_by_masking(text: str) -> None:
    spans = find_private_data(text)
    assert all(0 <= start < end <= len(text) for start, end, _ in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    masked = mask(text)
    assert all("hidden_" in masked[start:end] for start, end, _ in find_private_data(masked))


@pytest.mark.parametrize("piece", ["a", "1", "1 ", "a@", "+1", "DE89 ", "call 0", "a.", "(415) "])
def test_a_long_text_is_searched_to_the_end(piece: str) -> None:
    text = piece * (200_000 // len(piece)) + " ; mira@example.com"
    assert find_private_data(text)[-1].kind is PrivateKind.EMAIL

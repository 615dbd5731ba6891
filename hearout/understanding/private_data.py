"""Finds cards, bank accounts, e-mail addresses and phone numbers in a text, sparing order numbers.

Cards must have an issuer's prefix and length and pass the Luhn check (ISO/IEC 7812-1); accounts
must have their country's length and pass the mod-97 check (ISO 13616); phone numbers must be
written internationally (+ or 00), in the North American shape, or follow a word such as "call".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple


class PrivateKind(StrEnum):
    CARD = "card"
    IBAN = "iban"
    EMAIL = "email"
    PHONE = "phone"


class PrivateSpan(NamedTuple):
    """`text[start:end]` is private data of this kind."""

    start: int
    end: int
    kind: PrivateKind


_GAP = "[ \u00a0\u202f-]"
_DIGIT_GROUPS = re.compile(rf"(?<![\w+])[0-9]+(?:{_GAP}[0-9]+)*(?!\w)")
_IBAN_START = re.compile(r"(?<!\w)[A-Za-z]{2}[0-9]{2}(?=[ \u00a0]?[A-Za-z0-9])")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
_INTERNATIONAL = re.compile(
    r"(?<![\w+])(?:\+[1-9]|(?<![0-9_ª][ \u00a0-])00[1-9][0-9]{0,2}[ \u00a0./()-])"
    r"(?:[ \u00a0./()-]{0,2}[0-9]){6,14}(?![0-9])"
)
_NORTH_AMERICAN = re.compile(
    r"(?<![\w+-])(?<![0-9_ª][ \u00a0-])(?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])"
    r"[2-9][0-9]{2}[ .-][0-9]{4}(?![\w-])"
)
_AFTER_A_WORD = re.compile(
    r"(?<!\w)(?:call|phone|tel|telephone|mobile|cell|whatsapp|ring|text me|telefon|handy|móvil|movil|teléfono"
    r"|telefono|téléphone|portable|celular|telefone|cellulare|mobiel)\b"
    r"(?: (?:me|us|on|at|is|number|no|nr|num))*[ .:]{0,3}(?P<number>0?[1-9](?:[ ./()-]{0,2}[0-9]){7,12})(?!\w)",
    re.IGNORECASE,
)
_IBAN_LENGTH = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24,
    "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21,
    "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30,
    "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24,
    "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip
_CARD = re.compile(
    r"4[0-9]{12}(?:[0-9]{3})?(?:[0-9]{3})?"  # Visa: 13, 16, 19
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"  # Mastercard
    r"|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|35(?:2[89]|[3-8][0-9])[0-9]{12}"  # Amex, Diners, JCB
    r"|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12}|62[0-9]{14,17}"  # Discover, UnionPay
)
_LONGEST_CARD = 19
_TAKEN = "ª"  # stands where something was found: a word character, but of no address or number


def find_private_data(text: str) -> list[PrivateSpan]:
    """The private spans of any str, in order, none overlapping; where two kinds fit, the surer wins."""
    taken: list[PrivateSpan] = []
    for find in (_cards, _ibans, _emails, _phones):
        spans = _apart(find(text))
        text = _replaced(text, spans, lambda span: _TAKEN * (span.end - span.start))
        taken += spans
    return sorted(taken)


def mask(text: str) -> str:
    """The text with each private span replaced by its kind, as in `_card hidden_`.

    The underscores keep what follows from reading as a number of its own, so nothing private is left behind.
    """
    return _replaced(text, find_private_data(text), lambda span: f"_{span.kind} hidden_")


def luhn(digits: str) -> bool:
    """Whether the last of these ASCII digits is the Luhn check digit (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def iban_valid(account: str) -> bool:
    """Whether upper-case letters and digits without blanks form an IBAN (ISO 13616: length, mod 97)."""
    if _IBAN_LENGTH.get(account[:2]) != len(account):
        return False
    return int("".join(str(int(char, 36)) for char in account[4:] + account[:4])) % 97 == 1


def _cards(text: str) -> Iterator[PrivateSpan]:
    for run in _DIGIT_GROUPS.finditer(text):
        groups = [(m.start() + run.start(), m.group()) for m in re.finditer("[0-9]+", run.group())]
        for first in range(len(groups)):
            digits = ""
            for start, group in groups[first : first + _LONGEST_CARD]:
                digits += group
                if len(digits) > _LONGEST_CARD:
                    break
                if len(set(digits)) > 1 and _CARD.fullmatch(digits) and luhn(digits):
                    yield PrivateSpan(groups[first][0], start + len(group), PrivateKind.CARD)


def _ibans(text: str) -> Iterator[PrivateSpan]:
    for found in _IBAN_START.finditer(text):
        length = _IBAN_LENGTH.get(found.group()[:2].upper(), 0)
        account, place = "", found.start()
        while len(account) < length and place < len(text):
            char = text[place]
            if char.isascii() and char.isalnum():
                account += char.upper()
            elif char not in " \u00a0" or text[place - 1] in " \u00a0":
                break
            place += 1
        if length and iban_valid(account) and not text[place : place + 1].isalnum():
            yield PrivateSpan(found.start(), place, PrivateKind.IBAN)


def _emails(text: str) -> Iterator[PrivateSpan]:
    for found in _EMAIL.finditer(text):
        yield PrivateSpan(*found.span(), PrivateKind.EMAIL)


def _phones(text: str) -> Iterator[PrivateSpan]:
    for pattern, group in ((_INTERNATIONAL, 0), (_NORTH_AMERICAN, 0), (_AFTER_A_WORD, "number")):
        for found in pattern.finditer(text):
            yield PrivateSpan(*found.span(group), PrivateKind.PHONE)


def _apart(spans: Iterator[PrivateSpan]) -> list[PrivateSpan]:
    """The spans that overlap no earlier one; of two with one start, the longer."""
    kept: list[PrivateSpan] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _replaced(text: str, spans: list[PrivateSpan], by: Callable[[PrivateSpan], str]) -> str:
    parts, last = [], 0
    for span in spans:
        parts += [text[last : span.start], by(span)]
        last = span.end
    return "".join([*parts, text[last:]])

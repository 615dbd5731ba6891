"""Cards, bank accounts, mail, phones and passports in a plain text (see `private_data`): where each begins and ends.

Cards must pass the Luhn check (ISO/IEC 7812-1); written in groups they must also have an issuer's prefix and
length, lest every list of numbers be one. Accounts must have their country's length and pass the mod-97 check
(ISO 13616). Phones must be written internationally (+ or 00), in a shape that only phones have, or follow a word
such as "call"; passports must follow their word, or be the lines that machines read (ICAO 9303).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TAKEN = "\ua66e"
"""Stands where something was found already: a letter that no language needs, and no pattern here takes."""

_DIGIT_GROUPS = re.compile(r"(?<![0-9])[0-9]+(?:[ .-][0-9]+)*(?![0-9])")
_RUN = re.compile(r"[0-9]+")
_IBAN_START = re.compile(r"(?<!\w)[A-Za-z]{2}[0-9]{2}(?= ?[A-Za-z0-9])")
_EMAIL = re.compile(
    # no @ before it: @mira@mastodon.social is a public name
    r"(?<![\w.%+@-])(?:[^\W\ua66e]|[.%+-])++@(?:(?:[^\W_\ua66e]|-)++\.)+[^\W\d_\ua66e]{2,24}+"
)
_INTERNATIONAL = re.compile(
    r"(?<![\w+])(?:\+[1-9]|(?<!-)(?<![0-9_\ua66e][ -])00[1-9][0-9]{0,2}[ ./()-])(?:[ ./()-]{0,2}[0-9]){6,14}(?![0-9])"
)
_NORTH_AMERICAN = re.compile(
    r"(?<![\w+-])(?<![0-9_\ua66e][ -])(?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])"
    r"[2-9][0-9]{2}[ .-][0-9]{4}(?![\w-])"
)
_NATIONAL = re.compile(
    r"(?<![\w+-])(?<![0-9_\ua66e][ -])(?:"
    r"0[1-9](?:[ .-][0-9]{2}){4}"  # French, in pairs
    r"|07[0-9]{3} [0-9]{6}|07[0-9]{3} [0-9]{3} [0-9]{3}"  # British mobile
    r"|01[567][0-9]{1,2}[ /-]{1,3}[0-9]{3,4} ?[0-9]{3,5}"  # German mobile
    r"|06[ -]{1,3}[0-9]{4} ?[0-9]{4}"  # Dutch mobile
    r"|\([1-9]{2}\) ?9?[0-9]{4}-[0-9]{4}"  # Brazilian
    r")(?![\w-])"
)
_AFTER_A_WORD = re.compile(
    r"(?<!\w)(?:call|phone|tel|telephone|mobile|cell|whatsapp|ring|text me|telefon|handy|móvil|movil|teléfono"
    r"|telefono|téléphone|portable|celular|telefone|telemóvel|cellulare|mobiel)\b"
    r"(?: (?:me|us|on|at|is|number|no|nr|num)){0,6}[ .:]{0,3}(?P<number>0?[1-9](?:[ ./()-]{0,2}[0-9]){7,12})(?!\w)",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"(?<!\w)(?:passport|reisepa(?:ss|ß)|passeport|pasaporte|passaporto|passaporte|paspoort)"
    r"(?:nummer|nr)?(?: ?(?:is|ist|est|es|é|è|no|nr|number|nummer|num|numéro|número|numero|n[°ºo]|my|mein|[#.:])){0,5}"
    r" ?(?P<number>(?=[A-Z]{0,8}[0-9])(?=[A-Z0-9]{2,8}[0-9])[A-Z0-9]{6,9})(?!\w)",
    re.IGNORECASE,
)
_MACHINE_READ = re.compile(
    r"(?<![\w<])(?:[PV][A-Z<][A-Z<]{42}|[A-Z0-9<]{9}[0-9][A-Z<]{3}[0-9]{7}[MFX<][0-9]{7}[A-Z0-9<]{16})(?![\w<])"
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
_SHORTEST_CARD, _LONGEST_CARD = 13, 19

Span = tuple[int, int]


def luhn(digits: str) -> bool:
    """Whether the last of these ASCII digits is the Luhn check digit (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def iban_valid(account: str) -> bool:
    """Whether upper-case letters and digits without blanks form an IBAN (ISO 13616: length, mod 97)."""
    if _IBAN_LENGTH.get(account[:2]) != len(account):
        return False
    return int("".join(str(int(char, 36)) for char in account[4:] + account[:4])) % 97 == 1


def cards(text: str) -> Iterator[Span]:
    for run in _DIGIT_GROUPS.finditer(text):
        if run.end() - run.start() >= _SHORTEST_CARD:
            yield from _cards_among([group.span() for group in _RUN.finditer(text, *run.span())], text)


def _cards_among(groups: list[Span], text: str) -> Iterator[Span]:
    for first, (start, end) in enumerate(groups):
        digits = text[start:end]
        if _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD and luhn(digits):
            yield start, end
        for more, last in groups[first + 1 : first + _LONGEST_CARD]:
            digits += text[more:last]
            if len(digits) > _LONGEST_CARD:
                break
            if len(set(digits)) > 1 and _CARD.fullmatch(digits) and luhn(digits):
                yield start, last


def ibans(text: str) -> Iterator[Span]:
    for found in _IBAN_START.finditer(text):
        length = _IBAN_LENGTH.get(found.group()[:2].upper(), 0)
        account, place = "", found.start()
        while len(account) < length and place < len(text):
            char = text[place]
            if char.isascii() and char.isalnum():
                account += char.upper()
            elif char != " " or text[place - 1] == " ":
                break
            place += 1
        if length and iban_valid(account) and not text[place : place + 1].isalnum():
            yield found.start(), place


def emails(text: str) -> Iterator[Span]:
    for found in _EMAIL.finditer(text):
        yield found.span()


def phones(text: str) -> Iterator[Span]:
    for pattern, group in (
        (_INTERNATIONAL, 0),
        (_NORTH_AMERICAN, 0),
        (_NATIONAL, 0),
        (_AFTER_A_WORD, "number"),
    ):
        for found in pattern.finditer(text):
            yield found.span(group)


def passports(text: str) -> Iterator[Span]:
    for found in _PASSPORT.finditer(text):
        yield found.span("number")
    for found in _MACHINE_READ.finditer(text):
        yield found.span()

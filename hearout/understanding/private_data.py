"""Finds private data in a text and hides it: cards, accounts, mail, phones, passports, addresses, order numbers.

What is searched is a plain view of the text: digits, dashes and blanks of any script as ASCII ones, without
invisible characters, so that neither full width nor a zero-width blank hides a number. Every search takes time
linear in the text's length, whatever it holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from hearout.lib.clean import INVISIBLE
from hearout.understanding.addresses import addresses
from hearout.understanding.own_numbers import OwnNumbers
from hearout.understanding.private_numbers import TAKEN, cards, emails, ibans, passports, phones


class PrivateKind(StrEnum):
    CARD = "card"
    IBAN = "iban"
    EMAIL = "email"
    PASSPORT = "passport"
    ORDER = "order"
    PHONE = "phone"
    ADDRESS = "address"


class PrivateSpan(NamedTuple):
    """`text[start:end]` is private data of this kind."""

    start: int
    end: int
    kind: PrivateKind


Spans = Iterable[tuple[int, int]]
Place = Callable[[int], int]
_MARK = re.compile(rf"_(?:{'|'.join(PrivateKind)}|secret|row) hidden_")


def find_private_data(text: str, own: OwnNumbers | None = None) -> list[PrivateSpan]:
    """The private spans of any str, in order, none overlapping; where two kinds fit, the surer wins.

    `own` are the numbers of a brand's orders or bookings; without it there is no kind `order`.
    """
    seen = _MARK.sub(lambda mark: TAKEN * len(mark.group()), text)
    found: list[PrivateSpan] = []
    # invisible characters may stand within a number, or between two
    for view in (_without_invisible, _plain) if INVISIBLE.search(text) else (_plain,):
        for kind, find in _finders(own):
            plain, place = view(seen)
            spans = [
                PrivateSpan(place(start), place(end - 1) + 1, kind) for start, end in _apart(find(plain))
            ]
            seen = _replaced(seen, spans, lambda span: TAKEN * (span.end - span.start))
            found += spans
    return sorted(found)


def mask(text: str, own: OwnNumbers | None = None) -> str:
    """The text with each private span replaced by its kind, as in `_card hidden_`; all else stays as it is.

    To mask again changes nothing. No unbroken run of 13 to 19 digits that passes the Luhn check is left.
    """
    return _replaced(text, find_private_data(text, own), lambda span: f"_{span.kind} hidden_")


class Hidden(NamedTuple):
    """A text for a language model, and what its marks stand for: `_order 1_` for the first order number."""

    text: str
    values: dict[str, str]

    def shown(self, draft: str) -> str:
        """A draft with the marks it kept turned back. What it made up stays a mark, for a person to see."""
        return re.sub(r"_[a-z]+ [0-9]+_", lambda mark: self.values.get(mark.group(), mark.group()), draft)


def hide_from_model(text: str, own: OwnNumbers | None = None) -> Hidden:
    """What a language model may be given: each private value a mark, the same value always the same mark."""
    marks: dict[tuple[PrivateKind, str], str] = {}
    counts: dict[PrivateKind, int] = {}

    def mark(span: PrivateSpan) -> str:
        key = span.kind, text[span.start : span.end]
        if key not in marks:
            counts[span.kind] = counts.get(span.kind, 0) + 1
            marks[key] = f"_{span.kind} {counts[span.kind]}_"
        return marks[key]

    hidden = _replaced(text, find_private_data(text, own), mark)
    return Hidden(hidden, {name: value for (_, value), name in marks.items()})


def _finders(own: OwnNumbers | None) -> Sequence[tuple[PrivateKind, Callable[[str], Spans]]]:
    """The surest first: what one takes, those after it do not see."""
    surest: tuple[tuple[PrivateKind, Callable[[str], Spans]], ...] = (
        (PrivateKind.CARD, cards), (PrivateKind.IBAN, ibans), (PrivateKind.EMAIL, emails),
        (PrivateKind.PASSPORT, passports), (PrivateKind.PHONE, phones),
    )  # fmt: skip
    ours = ((PrivateKind.ORDER, own.find),) if own else ()
    return (*surest, *ours, (PrivateKind.ADDRESS, addresses))


def _plain(text: str) -> tuple[str, Place]:
    """The text with ASCII digits, dashes and blanks, character for character."""
    if not text.isascii():
        text = "".join([char if char < "\x80" else _plain_character(char) for char in text])
    return text, lambda place: place


def _without_invisible(text: str) -> tuple[str, Place]:
    """The same without what nobody sees, and where in the text a place of it is."""
    places = [place for place, char in enumerate(text) if not INVISIBLE.match(char)]
    return _plain("".join([text[place] for place in places]))[0], places.__getitem__


@lru_cache(4_096)
def _plain_character(char: str) -> str:
    """The ASCII character that this one is a form of, else itself."""
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Zs":
        return " "
    if category == "Pd" or char == "\N{MINUS SIGN}":
        return "-"
    folded = unicodedata.normalize("NFKC", char)
    # no digits of ² and ①: they are no part of the number beside them
    return folded if len(folded) == 1 and folded.isascii() and not folded.isdigit() else char


def _apart(spans: Spans) -> list[tuple[int, int]]:
    """The spans that overlap no earlier one; of two with one start, the longer."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _replaced(text: str, spans: list[PrivateSpan], by: Callable[[PrivateSpan], str]) -> str:
    parts, last = [], 0
    for span in spans:
        parts += [text[last : span.start], by(span)]
        last = span.end
    return "".join([*parts, text[last:]])

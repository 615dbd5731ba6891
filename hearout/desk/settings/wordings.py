"""The wording of a query in a form: read, with errors that point at the character, and compared between versions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django import forms

from hearout.listening.queries import QueryVersion
from hearout.listening.query.errors import QueryError
from hearout.listening.query.parser import parse
from hearout.listening.revising import LONGEST

_PIECES = re.compile(r"\s+|[^\s()]+|[()]")


class WordingField(forms.CharField):
    """An expression that can be read. `pointed`: where it cannot, the line with a caret under the character."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"rows": 4, "spellcheck": "false", "autocapitalize": "off", "class": "code"}
        super().__init__(
            max_length=LONGEST, widget=forms.Textarea(attrs=attrs), label="Find posts with", **kwargs
        )
        self.pointed = ""

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        try:
            parse(text)
        except QueryError as error:
            self.pointed = error.pointed().rpartition("\n")[0]
            raise forms.ValidationError(str(error)) from error
        return text


def names_in(text: str, pattern: re.Pattern[str], what: str) -> tuple[str, ...]:
    """Names with commas or spaces between. Raises ValidationError for one that is not `what`."""
    names = tuple(dict.fromkeys(text.lower().replace(",", " ").split()))
    for name in names:
        if not pattern.fullmatch(name):
            raise forms.ValidationError(f"“{name[:20]}” is not {what}.")
    return names


@dataclass(frozen=True)
class Piece:
    """Part of an expression; `how` is kept, added or removed since the version before."""

    how: str
    text: str


@dataclass(frozen=True)
class Compared:
    """What a version changed: in the expression, and around it (name, before, after)."""

    pieces: list[Piece]
    around: list[tuple[str, str, str]]


def compared(older: QueryVersion | None, newer: QueryVersion) -> Compared:
    """A version against the one before it; without one, all of it as it is."""
    if older is None:
        return Compared([Piece("kept", newer.expression)], [])
    return Compared(_pieces(older.expression, newer.expression), _around(older, newer))


def _pieces(before: str, after: str) -> list[Piece]:
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("kept", "".join(old[a:b])))
            continue
        found += [Piece("removed", "".join(old[a:b]))] if b > a else []
        found += [Piece("added", "".join(new[c:d]))] if d > c else []
    return found


def _around(older: QueryVersion, newer: QueryVersion) -> list[tuple[str, str, str]]:
    fields = (("languages", "any"), ("networks", "any"), ("tolerance", "none"))
    told = []
    for name, nothing in fields:
        before, after = (_said(getattr(one, name), nothing) for one in (older, newer))
        if before != after:
            told.append(("misspellings" if name == "tolerance" else name, before, after))
    return told


def _said(value: object, nothing: str) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or nothing
    return {0: nothing, 1: "one letter", 2: "by length"}.get(int(str(value)), nothing)

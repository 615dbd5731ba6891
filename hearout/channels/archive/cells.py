"""Cells of a table, which spreadsheets and data tools may have rewritten on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from hearout.channels.payload import MAX_ID, fault_in, reject

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Exports put an apostrophe before these, so that no sheet takes the cell for a formula."""

ROUNDED = (
    "ids of 17 digits or more that end in zeros: a spreadsheet rounded them, and answers lost their posts"
)

_SIGNIFICANT = 15
"""Digits that a spreadsheet keeps of a number."""

_EXACT = 2**53
"""Above this, floating point skips whole numbers."""

_EMPTY = frozenset(("", "nan", "none", "null", "na", "n/a", "<na>", "\\n"))
_FLOAT_ID = re.compile(r"(\d{1,30})[.,]0", re.ASCII)
_ROUNDED_ID = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+", re.ASCII)
_QUOTED_FORMULA = re.compile(r'="(.*)"', re.DOTALL)

_YES = frozenset(
    ("true", "t", "yes", "y", "1", "1.0", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "vero")
)
_NO = frozenset(("false", "f", "no", "n", "0", "0.0", "falsch", "nein", "faux", "non", "falso"))


def is_empty(cell: str) -> bool:
    """Whether a cell holds nothing, or a word that data tools write for nothing."""
    return not cell or cell.strip().lower() in _EMPTY


def plain(cell: str) -> str:
    """A cell without what exports put around it to keep sheets from calculating."""
    if cell[:1] not in ("'", "="):
        return cell
    if cell[0] == "'":
        return cell[1:] if cell[1:].startswith(FORMULAS) else cell
    found = _QUOTED_FORMULA.fullmatch(cell)
    return found[1].replace('""', '"') if found else cell


def identifier(name: str, cell: str) -> str:
    """An id. "3.0" is "3", for columns with gaps become floats. Raises ChannelError where digits are lost."""
    text = plain(cell.strip())
    if not text:
        reject(f"{name} is empty.")
    if found := _FLOAT_ID.fullmatch(text):
        if int(found[1]) >= _EXACT:
            reject(
                f"{name} is {text!r}: it was kept as a floating-point number, and its last digits are lost."
            )
        return found[1]
    if _ROUNDED_ID.fullmatch(text):
        reject(f"{name} is {text[:40]!r}, rounded, perhaps by a spreadsheet: its digits are lost.")
    if len(text) > MAX_ID:
        reject(f"{name} has {len(text):,} characters; at most {MAX_ID:,} are kept.")
    if fault := fault_in(text):
        reject(f"{name} {fault}.")
    return text


def flag(name: str, cell: str) -> bool:
    """Yes or no, in the words of data tools and of spreadsheets in other languages."""
    word = cell.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    reject(f"{name} is {cell[:40]!r}, neither true nor false.")


def delimiter_of(header: str) -> str:
    """What stands between the cells of the first line: a comma, or what is there more often."""
    return max((",", ";", "\t", "|"), key=header.count)


class RoundedIds:
    """Watches for ids whose last digits a spreadsheet turned into zeros, which no single row shows."""

    def __init__(self) -> None:
        self._long = self._rounded = 0

    def see(self, identifier: str) -> None:
        if len(identifier) > _SIGNIFICANT + 1 and identifier.isdigit():
            self._long += 1
            self._rounded += not identifier[_SIGNIFICANT:].strip("0")

    def tell(self, warnings: Counter[str]) -> None:
        """One id in a hundred may end in zeros by itself; one in five does not."""
        if self._rounded >= 3 and self._rounded * 5 > self._long:
            warnings[ROUNDED] += self._rounded


def names_in(cell: str | Sequence[str]) -> tuple[str, ...]:
    """Handles of a cell, however they are parted, without @."""
    names = re.split(r"[\s,;|\[\]'\"]+", cell) if isinstance(cell, str) else cell
    return tuple(name for one in names if (name := one.strip().lstrip("@＠")))

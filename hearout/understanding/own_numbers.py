"""The numbers of a brand's orders and bookings, as an admin writes them: `TW-######`, `??####`.

Masks and not regular expressions, because an expression can take for ever on a text that a stranger wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle

MOST_MASKS = 50
LONGEST = 40
FEWEST_FREE = 4
_WILD = {"#": "[0-9]", "?": "[A-Za-z]", "*": "[A-Za-z0-9]"}
_ALLOWED = re.compile(r"[A-Za-z0-9#?* ./_-]+")


class MaskError(ValueError):
    """A mask that will not do; the message says why and what would."""


@dataclass(frozen=True, slots=True)
class OwnNumbers:
    """Finds the numbers that fit any of some masks."""

    masks: tuple[str, ...]
    pattern: re.Pattern[str]

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where each begins and ends. Letters alone are a word, never a number."""
        for found in self.pattern.finditer(text):
            if any(char.isdigit() for char in found.group()):
                yield found.span()


def own_numbers(masks: Sequence[str], most: int | None = MOST_MASKS) -> OwnNumbers | None:
    """What the masks describe; None without any.

    `#` is a digit, `?` a letter, `*` either; all else stands for itself, letters in either case. A blank or a
    hyphen may be left out or written as the other, for so customers write. Raises MaskError, also for more
    masks than `most`; None sets no limit, for the masks of many brands together.
    """
    wanted = tuple(dict.fromkeys(mask.strip() for mask in masks if mask.strip()))
    if most is not None and len(wanted) > most:
        raise MaskError(f"{len(wanted)} masks are too many: at most {most}.")
    return _compiled(wanted) if wanted else None


def example(mask: str) -> str:
    """A number that fits the mask: `TW-123456` for `TW-######`."""
    digits, letters = cycle("1234567890"), cycle("ABCDEFGHJKLM")
    return "".join(next(letters) if char == "?" else next(digits) if char in "#*" else char for char in mask)


@lru_cache(256)
def _compiled(masks: tuple[str, ...]) -> OwnNumbers:
    # the longest first, lest a short one take the beginning of a long number
    parts = [_expression(mask) for mask in sorted(masks, key=len, reverse=True)]
    return OwnNumbers(masks, re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE))


def _expression(mask: str) -> str:
    """Each place of a mask takes one character or an optional gap: a match never looks back."""
    if not _ALLOWED.fullmatch(mask):
        raise MaskError(
            f"{mask!r}: take # for a digit, ? for a letter, * for either, else letters, digits and - / . _"
        )
    if len(mask) > LONGEST:
        raise MaskError(f"{mask!r} is longer than {LONGEST} characters.")
    if sum(mask.count(wild) for wild in _WILD) < FEWEST_FREE or not set("#*") & set(mask):
        raise MaskError(
            f"{mask!r} fits too many words: it needs at least {FEWEST_FREE} of # ? *, some of them # or *."
        )
    gaps = re.sub(r"[ -]+", "-", mask)
    return "".join("[ -]?" if char == "-" else _WILD.get(char, re.escape(char)) for char in gaps)

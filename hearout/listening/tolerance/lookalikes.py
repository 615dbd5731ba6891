"""Letters and digits that are drawn alike: `T1dewing`, `Acrne` and a Cyrillic `а` are read as the name."""

from __future__ import annotations

import re

from hearout.lib.clean import CONFUSABLE

_DIGITS = str.maketrans("0134578$|!", "oieastbsii")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_STRETCHED = re.compile(r"(.)\1{2,}")


def drawn(word: str) -> str:
    """The folded word as the eye sees it: two words that are drawn alike give the same."""
    if not word.isascii():
        word = word.translate(CONFUSABLE)
    word = word.translate(_DIGITS)
    for pair, single in _PAIRS:
        word = word.replace(pair, single)
    return word.replace("l", "i")


def unstretched(word: str) -> tuple[str, ...]:
    """The word with letters that stand three times and more written once, and twice; nothing without such."""
    if not _STRETCHED.search(word):
        return ()
    return (_STRETCHED.sub(r"\1", word), _STRETCHED.sub(r"\1\1", word))

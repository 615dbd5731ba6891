"""Many posts as one buffer of bytes, in which the words of queries are strings between spaces.

The buffer leaves out nothing that a query can match, but tells less than `query.text.seen`: links, mail
addresses and handles fall into words as well. So it only says which posts may match.

Posts are parted by line feeds with a space on both sides. In between stands the text with its letters
folded, a space for whatever is no letter, digit, `_`, `#` or `@`, a space more before each `#` and `@`,
and spaces around letters of scripts that write none. For most texts of ASCII that is all, so that places
in the buffer tell places in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from hearout.lib.clean import INVISIBLE, fold
from hearout.listening.query.text import BREAK, folded, seen
from hearout.listening.words import UNSPACED, WORD

PARTING = " \0 "
_PLAIN = bytes(
    code if code > 127 or chr(code) in "#@_" else ord(chr(code).lower()) if chr(code).isalnum() else 32
    for code in range(256)
)
_PARTED = b"\n" + _PLAIN[1:]
_UNSEEN = bytes(code for code in range(128) if INVISIBLE.match(chr(code)))
_HIDDEN = re.compile("[" + "".join(f"\\x{code:02x}" for code in _UNSEEN) + "]")
_OTHERS = re.compile(r"[^\x00-\x7f]+")
_PIECES = re.compile(rf"({WORD}+)|([#＃])|([@＠])|.", re.DOTALL)
_NO_LETTER = re.compile(rf"(?!{WORD})[^\x00-\x7f]")
_UNSPACED = re.compile(rf"(?:{UNSPACED.pattern})+")
_TAG = re.compile(rf"[#＃]({WORD}+)")
_CUT_SHORT = re.compile(rf"@[\w.\-]+(?!\w){WORD}")
"""Where an address ends inside of what the buffer takes for a word: before a combining mark."""


def buffer(texts: Sequence[str]) -> bytes:
    """The posts between line feeds; one each, so that the count of line feeds before a place numbers its post."""
    parts = [text if text.isascii() else _folded(text) for text in texts]
    together = PARTING.join(parts)
    if "_" in together and "#" in together:
        parts = [
            _with_bare_tags(part, text) if "_" in part and "#" in part else part
            for part, text in zip(parts, texts, strict=True)
        ]
        together = PARTING.join(parts)
    if _count_unseen(together) != len(parts) - 1:
        together = PARTING.join([_evened(part) if _count_unseen(part) else part for part in parts])
    return f" {_spread(together)} ".encode().translate(_PARTED)


def string(text: str) -> bytes:
    """What the buffer holds where a post holds this text, without spaces at its ends."""
    return _spread(text if text.isascii() else _folded(text)).encode().translate(_PLAIN).strip()


def is_straight(text: str) -> bool:
    """Whether places in the buffer tell places in the text: there is a byte for each character, but for the
    spaces before `#` and `@`."""
    if not text.isascii():
        runs = _OTHERS.findall(text)
        if not all(len(_folded_run(run)) == len(run) for run in runs):
            return False
        text = _OTHERS.sub(_run, text)
    return text.isascii() and _count_unseen(text) == 0


def _spread(text: str) -> str:
    return text.replace("#", " #").replace("@", " @")


def _count_unseen(text: str) -> int:
    encoded = text.encode()
    return len(encoded) - len(encoded.translate(None, _UNSEEN))


def _with_bare_tags(part: str, text: str) -> str:
    """A tag is also looked for without its bars."""
    keys = [folded(tag) for tag in _TAG.findall(text)]
    return part + "".join(f" #{_folded(key.replace('_', ''))}" for key in keys if "_" in key)


def _evened(text: str) -> str:
    """Characters that nobody sees do not count between words."""
    return " ".join(_HIDDEN.sub(" ", text).split())


def _folded(text: str) -> str:
    if "@" in text and _CUT_SHORT.search(text):
        text = _by_tokens(text)
    return _OTHERS.sub(_run, text)


def _run(run: re.Match[str]) -> str:
    return _folded_run(run[0])


@lru_cache(maxsize=65536)
def _folded_run(run: str) -> str:
    return _PIECES.sub(_piece, run)


def _piece(found: re.Match[str]) -> str:
    if not found[1]:
        return "#" if found[2] else "@" if found[3] else "\0" if INVISIBLE.match(found[0]) else " "
    letters = fold(found[1], accents=False)
    if not letters and found.start():  # nothing to see, after what is no letter: the second half of an emoji
        return " " * len(found[1])
    return _NO_LETTER.sub(" ", _UNSPACED.sub(r" \g<0> ", letters))


def _by_tokens(text: str) -> str:
    signs = {"word": "", "tag": "#", "handle": "@", "link": ""}
    return " ".join(signs[token.kind] + token.key for token in seen(text).tokens).replace(BREAK, " ")

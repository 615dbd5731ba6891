"""Text from strangers: made storable, comparable, and seen through when it pretends.

`clean_text` changes as little as PostgreSQL needs, `fold` makes variants of one word equal for
matching, and `look_alike` and `skeleton` show what a handle hides. None of them raises on any text.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

# Unicode's format characters and surrogates, controls that are no white space, and what is drawn as
# nothing: joiner, Hangul and Khmer fillers, variation selectors. Spelled out because asking Python
# for the category of each letter costs more than everything else done to a post.
INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    r"\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Only these blocks: in Indic or Thai writing, combining marks are vowels.
ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0]+")
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"}
)
# Cyrillic and Greek small letters that most fonts draw like Latin ones.
CONFUSABLE = str.maketrans(
    dict(zip("абвгԁеһіјкӏмнорԛѕтхуԝѵ", "a6brdehijklmhopqstxywv", strict=True))
    | dict(zip("αβγεηικνορτυχω", "abyenikvoptuxw", strict=True))
)
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")
JOINERS = frozenset("\u200c\u200d\u200e\u200f")
PLAIN_ASCII = re.compile(r"[\t\n\r -~]*")


class Disguise(StrEnum):
    """How a name pretends to be another."""

    INVISIBLE = "invisible"
    MIXED_SCRIPTS = "mixed_scripts"
    STYLED = "styled"


def clean_text(value: str, limit: int) -> str:
    """At most `limit` code points that PostgreSQL stores: no NUL, lone surrogates become U+FFFD.

    Two surrogates that belong together become their character, as networks mean them.
    """
    value = value.replace("\0", "")
    if not value.isascii():
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value[:limit]


def fold(text: str, *, accents: bool = True) -> str:
    """The same for all spellings of a word: width, style, case and invisible characters are gone.

    NFKC, then Unicode's case folding, without format, control (but white space stays), surrogate
    and other unseen characters. `accents=False` takes accents off as well, so that `Café` is `cafe`.
    """
    if PLAIN_ASCII.fullmatch(text):
        return text.lower()
    # Taking characters out and folding case leave pairs that NFKC joins: once before, once after.
    text = unicodedata.normalize("NFKC", _visible(unicodedata.normalize("NFKC", text)).casefold())
    if accents:
        return text
    bare = ACCENTS.sub("", unicodedata.normalize("NFKD", text)).translate(UNDECOMPOSED)
    return unicodedata.normalize("NFKC", bare)


def skeleton(text: str) -> str:
    """The folded, bare text with Cyrillic and Greek look-alikes as the Latin letters they resemble.

    Two handles with one skeleton look the same to most readers, whatever their letters.
    """
    return fold(fold(text, accents=False).translate(CONFUSABLE), accents=False)


def look_alike(text: str) -> frozenset[Disguise]:
    """What in a handle or a name hides its letters; nothing for an honest one in any one script.

    Emoji with their joiners, and joiners or direction marks in scripts that need them, are honest.
    """
    found = set()
    if any(_scripts(word) > 1 for word in re.findall(r"\w+", _visible(text))):
        found.add(Disguise.MIXED_SCRIPTS)
    if _hides(text):
        found.add(Disguise.INVISIBLE)
    if any(_is_styled(character) for character in text):
        found.add(Disguise.STYLED)
    return frozenset(found)


def _scripts(word: str) -> int:
    """How many of Latin, Cyrillic and Greek, the scripts that share letter shapes, a word mixes."""
    return len({_script(letter) for letter in word if letter.isalpha()} & set(SCRIPTS))


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _visible(text: str) -> str:
    return INVISIBLE.sub("", text)


def _hides(text: str) -> bool:
    """Whether an invisible character stands where nothing visible needs it."""
    before = ""
    for character in text:
        if not INVISIBLE.match(character):
            before = character
        elif not (before and _needs(before, character)):
            return True
    return False


def _needs(before: str, unseen: str) -> bool:
    if unicodedata.category(before) in ("So", "Sk", "Me"):
        return True
    if before in "#*0123456789":
        return unseen == "\ufe0f"
    return before.isalpha() and unseen in JOINERS and _script(before) not in SCRIPTS


def _is_styled(character: str) -> bool:
    """A Latin letter in fancy dress: mathematical, circled, fullwidth."""
    if character.isascii():
        return False
    plain = unicodedata.normalize("NFKC", character)
    return len(plain) == 1 and plain.isascii() and plain.isalpha()

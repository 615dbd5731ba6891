"""Whether a string found in the buffer surely is a word, tag or handle of the post, told by what stands around it.

Most hits of most queries are settled here, without cutting the post into tokens. Only for texts whose places
in the buffer are known (`buffer.is_straight`). Links and addresses begin after white space and hold none, so
that what directly follows white space begins a token.
"""

from __future__ import annotations

_OPENING = frozenset("\"'(“‘«„[")
_JOINING = frozenset(".+-@:")
"""What may make a link or an address of the word before."""
_ENDING = frozenset(".:")
"""Of these, what does not when a space follows."""


def begins_token(text: str, start: int) -> bool:
    """Whether white space, the beginning of the text, or one bracket or quote after these stands before."""
    if start == 0 or text[start - 1].isspace():
        return True
    return text[start - 1] in _OPENING and (start == 1 or text[start - 2].isspace())


def ends_token(text: str, end: int) -> bool:
    """Whether what follows makes no link or address of the word that ends here."""
    after = text[end : end + 1]
    if after not in _JOINING:
        return True
    return after in _ENDING and (end + 1 == len(text) or text[end + 1].isspace())

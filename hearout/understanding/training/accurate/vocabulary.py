"""Which pieces of the vocabulary are kept: those the training texts hold, and the commonest of the scripts
that the eight languages are written in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from unicodedata import category, name

from hearout.understanding.accurate.texts import END, UNKNOWN, Pieces, plain
from hearout.understanding.training.accurate.start import Start

SPECIAL = UNKNOWN + 1
SEEN = 3  # times in the training texts
SCRIPTS = ("LATIN", "ARABIC", "DEVANAGARI")


def chosen(start: Start, texts: Sequence[str], most: int) -> list[int]:
    """The numbers of at most `most` pieces, in their old order; the special ones are among them."""
    cut = Pieces(list(zip(start.pieces, map(float, start.scores), strict=True)))
    counts: Counter[int] = Counter()
    for text in texts:
        counts.update(cut.numbered(plain(text)).pieces[1:-1])
    kept = set(range(max(SPECIAL, END + 1)))
    kept |= {i for i, count in counts.most_common() if count >= SEEN and len(kept) < most}
    for i, piece in enumerate(start.pieces):  # in order of their likeliness, single characters first
        if len(piece) == 1 and readable(piece) and start.scores[i] > -14 and len(kept) < most:
            kept.add(i)
    for i, piece in enumerate(start.pieces):
        if len(kept) >= most:
            break
        if readable(piece):
            kept.add(i)
    return sorted(kept)


def readable(piece: str) -> bool:
    """Whether all letters of a piece are of the scripts read; digits, signs and emojis are."""
    return all(
        category(character)[0] != "L" or name(character, "").startswith(SCRIPTS)
        for character in piece
        if character != "▁"
    )

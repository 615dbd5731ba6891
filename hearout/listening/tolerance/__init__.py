"""Names as people really write them: misspelt, joined, split, in the plural, with look-alike letters."""

from hearout.listening.tolerance.context import Contexts
from hearout.listening.tolerance.entries import Entry, Found, Hit, Kind
from hearout.listening.tolerance.segmentation import segment
from hearout.listening.tolerance.tolerant import Told, Tolerant

__all__ = ["Contexts", "Entry", "Found", "Hit", "Kind", "Told", "Tolerant", "segment"]

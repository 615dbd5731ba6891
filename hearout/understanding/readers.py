"""Where the readers are found by those who need one."""

from __future__ import annotations

from functools import cache

from hearout.understanding.reading import Reader
from hearout.understanding.rules import RulesReader

NAMES = ("rules-1", "fast-2", "accurate-1")


@cache
def reader(name: str) -> Reader:
    """The reader of a name among `NAMES`: one instance for the process, safe to share between threads.

    Raises KeyError for any other name.
    """
    if name == "rules-1":
        return RulesReader()
    if name == "fast-2":
        from hearout.understanding.fast.reader import FastReader  # loads NumPy and the model

        return FastReader()
    if name == "accurate-1":
        from hearout.understanding.accurate.reader import AccurateReader  # loads ONNX Runtime and both models

        return AccurateReader()
    raise KeyError(name)


def default_reader() -> Reader:
    """The reader of those who have not chosen one: audits, imports, and brands that have settled nothing."""
    return reader("fast-2")

"""Where the readers are found by those who need one."""

from __future__ import annotations

from functools import cache

from hearout.understanding.reading import Reader
from hearout.understanding.rules import RulesReader


@cache
def default_reader() -> Reader:
    """The reader in use: one instance for the process, safe to share between threads."""
    return RulesReader()

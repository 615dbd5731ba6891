"""Queries compiled: thousands of them held against batches of posts, as `query.reference` defines it."""

from hearout.listening.engine.compiled import Compiled, Match, compile
from hearout.listening.engine.judging import Reason

__all__ = ["Compiled", "Match", "Reason", "compile"]

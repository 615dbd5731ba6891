"""Where any of many byte strings stands in a buffer, in one call of a compiled library.

Hyperscan (Vectorscan) is the fast way: on two cores of 2026 it finds 10,000 strings in 2.4 million posts a
second. Where its wheel does not run, the Aho-Corasick automaton in Rust does the same at two fifths of that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import ahocorasick_rs

try:
    import hyperscan
except ImportError:  # no wheel for this machine
    hyperscan = None  # type: ignore[assignment]

Hit = tuple[int, int]
"""The place of a string in the list of strings, and where in the buffer (in bytes) an occurrence ends."""
Scan = Callable[[bytes], list[Hit]]


def scanner(strings: Sequence[bytes]) -> Scan:
    """Finds every occurrence of each string, overlapping ones too, ordered by their ends.

    The strings are all different, and none is empty or holds a NUL byte.
    """
    if not strings:
        return lambda _: []
    return _hyperscan(strings) if hyperscan else _automaton(strings)


def _hyperscan(strings: Sequence[bytes]) -> Scan:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    count = len(strings)
    database.compile(expressions=list(strings), ids=list(range(count)), elements=count, flags=0, literal=True)
    own = threading.local()  # a scan gives up the interpreter's lock, and two may not share one scratch

    def scan(buffer: bytes) -> list[Hit]:
        hits: list[Hit] = []
        note = hits.append
        scratch = getattr(own, "scratch", None)
        if scratch is None:
            scratch = own.scratch = database.scratch.clone()
        database.scan(
            buffer, match_event_handler=lambda which, _from, end, _, __: note((which, end)), scratch=scratch
        )
        return hits

    return scan


def _automaton(strings: Sequence[bytes]) -> Scan:
    automaton = ahocorasick_rs.BytesAhoCorasick(list(strings))

    def scan(buffer: bytes) -> list[Hit]:
        return [(which, end) for which, _, end in automaton.find_matches_as_indexes(buffer, overlapping=True)]

    return scan

"""How likely it is that a post wants an answer, and from which chance on a person looks. Pure.

A reading says yes or no and how sure it is. Two things are added to that. What the rules say is
sharpened a little: they are surer of a firm "no" than they put it. And a reading knows only the
text: one that finds nothing asked in it is right far more often about people who speak of a brand
than about people who speak to it. Both corrections were measured on the simulated day and rounded;
`docs/reading-settings.md` has the figures.
"""

from __future__ import annotations

from hearout.triage.conditions import Facts
from hearout.triage.models import ReadingSettings
from hearout.understanding.reading import Kind, Reading

THRESHOLD = ReadingSettings().threshold
"""That of a brand that has set nothing."""

SHARPENED = 1.3
"""Power of the odds that the rules give."""

QUIET = 0.25
"""What the odds are multiplied by when nothing is asked of anybody: praise, or talk that is not said to us."""

EVEN = 0.5
_QUIET = frozenset((Kind.OTHER, Kind.PRAISE))


def chance(facts: Facts, sure: float) -> float:
    """The chance, 0..1, that the post wants an answer.

    `sure` is the reading's confidence in `facts.needs_answer`; a reader that gives none is sure of nothing.
    """
    stated = sure if facts.needs_answer else 1.0 - sure
    if not 0.0 < stated < 1.0:
        return min(max(stated, 0.0), 1.0)
    odds: float = (stated / (1.0 - stated)) ** SHARPENED
    if not facts.needs_answer and facts.kind in _QUIET and (facts.kind == Kind.PRAISE or aside(facts)):
        odds *= QUIET
    return odds / (1.0 + odds)


def aside(facts: Facts) -> bool:
    """Whether the post speaks of us, but not to us."""
    return facts.how == "indirect" and not facts.own_page and not facts.private


def doubted(reading: Reading) -> bool:
    """Whether the reader abstains from what decides whether somebody answers."""
    return "kind" in reading.abstained or "needs_answer" in reading.abstained

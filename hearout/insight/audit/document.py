"""The audit document: plain values, which the report, the desk and the files are made of.

`archive`, `brands`, `all` and `definitions` are the shape that programs may rely on; the rest was added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from hearout.insight.catalogue import definition
from hearout.insight.dimensions import described

Json = dict[str, Any]

METRICS = (
    "response-rate",
    "first-response",
    "answered-within",
    "expectation",
    "first-contact-resolution",
    "loop-closed",
    "kudos",
    "moved-to-private",
    "leak-rate",
)

WORDS = {
    "opening": "A customer's post that starts a contact: one with no parent. A customer's post whose parent is named "
    "but not in the archive is an orphan: counted, and left out.",
    "addressed brand": "The known brand whose @handle comes first in the opening's text; failing that, the brand that "
    "answered first; failing that, the brand that the text names by name, product or hashtag.",
    "first response": "The earliest post by a handle of the addressed brand in the opening's reply tree. Automatic "
    "acknowledgements do not count, nor do posts dated before the opening.",
    "response time": "Network time of the first response minus network time of the opening, in whole seconds, around "
    "the clock.",
    "typical wait of everybody": "The Kaplan-Meier median: the smallest time at which at most half still wait. "
    "Openings that were never answered count as waiting until the archive's last post.",
    "percentile": "Exact, linear between neighbours, as numpy.percentile.",
    "interval": "At 95 %: Wilson for shares, order statistics for median and 90th percentile, Student's t for means, "
    "Brookmeyer and Crowley for the typical wait.",
}


class Counts(Protocol):
    """What loading an archive counted; `rejected`, `faults` and `warnings` by what they are."""

    @property
    def posts(self) -> int: ...
    @property
    def first(self) -> datetime | None: ...
    @property
    def last(self) -> datetime | None: ...
    @property
    def rejected(self) -> Mapping[str, int]: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def faults(self) -> Mapping[str, int]: ...
    @property
    def warnings(self) -> Mapping[str, int]: ...


@dataclass(frozen=True)
class Audit:
    """What an audit found. `as_json()` is the document."""

    archive: Json
    brands: Sequence[Json]
    whole: Json
    made: Json
    exclusions: Mapping[str, int]
    rejections: Mapping[str, int]
    warnings: Mapping[str, int]
    moves: Sequence[Json]
    studies: Sequence[Json]
    league: Sequence[Json]
    definitions: Mapping[str, str] = field(default_factory=lambda: definitions())

    def as_json(self) -> Json:
        """Plain values for `json.dumps`, always of this shape; times are ISO 8601 in UTC."""
        return {
            "archive": self.archive,
            "brands": list(self.brands),
            "all": self.whole,
            "definitions": dict(self.definitions),
            "made": self.made,
            "exclusions": dict(self.exclusions),
            "rejections": dict(self.rejections),
            "warnings": dict(self.warnings),
            "moves": list(self.moves),
            "studies": list(self.studies),
            "league": list(self.league),
        }


def definitions() -> dict[str, str]:
    """What every figure, word and dimension of an audit means."""
    dimensions = {f"by {name}": meaning for name, meaning in described().items()}
    return {**{name: definition(name) for name in METRICS}, **WORDS, **dimensions}


def archive_of(counts: Counts, exclusions: Mapping[str, int]) -> Json:
    return {
        "posts": counts.posts,
        "first": counts.first.isoformat() if counts.first else None,
        "last": counts.last.isoformat() if counts.last else None,
        "rejected": sum(counts.rejected.values()),
        "duplicates": counts.duplicates,
        "orphans": exclusions["orphans"],
        "unaddressed": exclusions["unaddressed"],
        "faults": dict(counts.faults),
    }

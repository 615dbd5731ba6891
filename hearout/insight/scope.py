"""Over which openings a figure is taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LIVE = "live"
ALL = "all"


class ScopeError(ValueError):
    """What was asked for does not exist; the message is for a person."""


@dataclass(frozen=True)
class Scope:
    """`archive`: "live" (what networks told), the name of an archive, or "all". `brands`: slugs, empty for all.

    `since` (inclusive) and `until` (exclusive) bound the network time of the opening.
    `wanting_answer`: only openings that the verdict says want an answer. `now`: until when the live
    unanswered have been waiting.
    """

    archive: str = LIVE
    brands: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    wanting_answer: bool = False
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        for name in ("since", "until", "now"):
            at = getattr(self, name)
            if at is not None and at.tzinfo is None:
                raise ScopeError(f"{name} needs a time zone.")

    def as_json(self) -> dict[str, Any]:
        return {
            "of": self.archive,
            "brands": list(self.brands),
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "wanting_answer": self.wanting_answer,
            "now": self.now.isoformat(),
        }

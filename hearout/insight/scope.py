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


def archive_id(scope: Scope) -> int | None:
    """The archive of a scope; its brands are checked on the way, for a misspelt one would give an empty figure."""
    from hearout.listening.models import Archive
    from hearout.people.models import Brand

    known = set(Brand.objects.filter(slug__in=scope.brands).values_list("slug", flat=True))
    if missing := [slug for slug in scope.brands if slug not in known]:
        raise ScopeError(f"There is no brand {missing[0]!r}.")
    if scope.archive in (LIVE, ALL):
        return None
    pk = Archive.objects.filter(name=scope.archive).values_list("pk", flat=True).first()
    if pk is None:
        names = ", ".join([LIVE, ALL, *Archive.objects.values_list("name", flat=True)[:10]])
        raise ScopeError(f"There is no archive {scope.archive!r}. Choose among: {names}.")
    return pk

"""The audit of what is in the database: the live desk as a study would see it, or an archive imported there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Min

from hearout.insight.audit.auditing import AuditOptions, audit
from hearout.insight.audit.document import Audit
from hearout.insight.engine import LiveEngine
from hearout.insight.exporting import chosen_posts
from hearout.insight.scope import LIVE, Scope, archive_id
from hearout.insight.tables import live_tables
from hearout.listening.models import Archive
from hearout.people.models import Brand


@dataclass(frozen=True)
class LiveCounts:
    """Of the posts in scope. Rejected rows and duplicates are known of archives, as they were imported."""

    posts: int
    first: datetime | None
    last: datetime | None
    rejected: Mapping[str, int] = field(default_factory=dict)
    duplicates: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)


def live_audit(scope: Scope, *, name: str = "", tell: Callable[[str], None] = lambda text: None) -> Audit:
    """The audit of a scope of the database, all of one moment. Raises ScopeError for what does not exist."""
    known = archive_id(scope)
    with LiveEngine() as engine:
        counts = _counts(scope, known)
        inputs = ("the live database",) if scope.archive == LIVE else (f"the database: {scope.archive}",)
        names = dict(Brand.objects.values_list("slug", "name"))
        options = AuditOptions(
            scope=scope, archive_id=known, name=name, inputs=inputs, names=names, now=scope.now
        )
        return audit(engine, live_tables(), counts, options=options, tell=tell)


def _counts(scope: Scope, known: int | None) -> LiveCounts:
    posts = chosen_posts(scope, known).order_by()
    found = posts.aggregate(posts=Count("pk"), first=Min("posted_at"), last=Max("posted_at"))
    rejected, duplicates = _imported(known)
    told = {"rejected when it was imported": rejected} if rejected else {}
    return LiveCounts(found["posts"], found["first"], found["last"], told, duplicates)


def _imported(known: int | None) -> tuple[int, int]:
    if known is None:
        return 0, 0
    archive = Archive.objects.get(pk=known)
    return archive.rejected, archive.duplicates

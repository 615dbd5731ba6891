"""From files to the tables that figures are made of, on any engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import ibis
from ibis.expr.types import Table

from hearout.insight.audit.brands import Brands
from hearout.insight.audit.counts import ArchiveCounts
from hearout.insight.audit.known import Known, known_brands, small_table, with_handles
from hearout.insight.audit.mentioned import MENTIONS, mentions
from hearout.insight.audit.readings import VERDICTS, verdicts
from hearout.insight.audit.told import Told, tell
from hearout.insight.audit.trees import trees
from hearout.insight.engine import Engine
from hearout.insight.facts import openings
from hearout.insight.scope import Scope
from hearout.insight.tables import TIME, Tables

ARCHIVE = 1
"""The `archive_id` of everything that was loaded: `facts(loaded.tables, loaded.scope(), ARCHIVE)`."""

Progress = Callable[[str, float], None]
"""Called with what is being done, and which share of the whole is done (0 to 1)."""


@dataclass(frozen=True)
class Inputs:
    """What to load. `paths` are files; `zone` is that of times without one; `tone` False reads no text.

    `rejects`: a file for the rows that are no posts, with line and reason; None keeps them nowhere.
    """

    paths: Sequence[Path]
    format: str | None = None
    mapping: Path | None = None
    zone: str | None = None
    brands: Brands | None = None
    tone: bool = True
    rejects: Path | None = None


@dataclass(frozen=True)
class Loaded:
    tables: Tables
    counts: ArchiveCounts

    def scope(self, since: datetime | None = None, until: datetime | None = None) -> Scope:
        """All that was loaded, or the openings of a time."""
        return Scope("archive", since=since, until=until, now=self.counts.last or Scope().now)


def load(engine: Engine, inputs: Inputs, progress: Progress = lambda what, share: None) -> Loaded:
    """Reads the files into the engine, and their texts. Raises ChannelError for a file that cannot be read at all."""
    counts = ArchiveCounts()
    told = tell(engine, inputs, counts, lambda share: progress("Reading the files", share * 0.4))
    progress("Finding brands and threads", 0.4)
    known = known_brands(engine, told.table, inputs.brands)
    placed = trees(engine, told.table, counts.faults)
    posts = engine.keep("posts", _posts(told, with_handles(placed, known.writers)))
    told.forget()
    counts.posts -= sum(counts.faults.values())
    posts = _whole(posts)
    progress("Finding openings and answers", 0.6)
    tables = empty_tables(posts, known)
    tables = replace(tables, mentions=mentions(engine, posts, known, inputs.brands))
    tables = replace(tables, found=engine.keep("found", openings(posts, posts, tables, engine.keep)))
    _warn(known, counts)
    if inputs.tone and tables.found is not None:
        read = verdicts(
            engine, posts, tables.found, lambda share: progress("Reading texts", 0.7 + share * 0.3)
        )
        tables = replace(tables, verdicts=read)
    return Loaded(tables, counts)


def _warn(known: Known, counts: ArchiveCounts) -> None:
    if counts.posts and not known.ids:
        counts.warnings[NO_BRANDS] += 1


NO_BRANDS = "the archive does not say which authors are brands: name them in a brands.toml (--brands)"


def _posts(told: Told, placed: Table) -> Table:
    """The columns that are not the same in every row."""
    return placed.select(
        *told.varying,
        "id",
        "author_id",
        "handle_id",
        "parent_key",
        "parent_id",
        "root_id",
        "text",
        "posted_at",
    )


def _whole(posts: Table) -> Table:
    """With the columns that a format does not tell."""
    posts = posts.mutate(
        parent_external_id=posts.parent_key.cast("string").fill_null(""),
        archive_id=ibis.literal(ARCHIVE, "int64"),
    )
    missing = {name: value for name, value in UNTOLD.items() if name not in posts.columns}
    if "external_id" not in posts.columns:
        missing["external_id"] = posts.id.cast("string")
    return posts.mutate(**missing).drop("parent_key")


UNTOLD = {
    "network": ibis.literal("twitter"),
    "private": ibis.literal(False),
    "automatic": ibis.literal(False),
    "deleted_at": ibis.null(TIME),
}


def empty_tables(posts: Table, known: Known) -> Tables:
    """Tables of an archive: nobody worked on it at a desk, nothing is mentioned or read yet."""
    return Tables(
        posts=posts,
        handles=known.handles,
        brands=known.brands,
        mentions=small_table([], MENTIONS),
        verdicts=small_table([], VERDICTS),
        teams=small_table([], {"id": "int64", "name": "string"}),
        case_posts=small_table([], {"post_id": "int64", "brand_id": "int64", "case_id": "int64"}),
        cases=small_table([], {"id": "int64", "closure_id": "int64"}),
        replies=small_table([], {"handle_id": "int64", "external_id": "string", "by_id": "int64"}),
        users=small_table([], {"id": "int64", "name": "string"}),
    )

"""From files to the tables that figures are made of, on any engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import ibis
from ibis.expr.types import Table

from hearout.insight.audit.counts import ArchiveCounts
from hearout.insight.audit.known import Known, known_brands, small_table, with_handles
from hearout.insight.audit.mentioned import MENTIONS, mentions
from hearout.insight.audit.readings import VERDICTS, verdicts
from hearout.insight.audit.told import Inputs, Told, tell
from hearout.insight.audit.trees import trees
from hearout.insight.engine import Engine, Scratch
from hearout.insight.facts import openings
from hearout.insight.scope import Scope
from hearout.insight.tables import TIME, Tables
from hearout.insight.texts import OF_TEXT

__all__ = ["ARCHIVE", "ArchiveCounts", "Inputs", "Loaded", "load"]

ARCHIVE = 1
"""The `archive_id` of everything that was loaded: `facts(loaded.tables, loaded.scope(), ARCHIVE)`."""

Progress = Callable[[str, float], None]
"""Called with what is being done, and which share of the whole is done (0 to 1)."""


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
    with Scratch(engine) as scratch:
        placed = trees(scratch, told.table, counts.faults)
        posts = engine.keep("posts", _posts(told, with_handles(placed, known.writers)))
    told.forget()
    counts.posts -= sum(counts.faults.values())
    posts = _whole(posts)
    progress("Finding openings and answers", 0.6)
    tables = empty_tables(posts, known)
    tables = replace(tables, mentions=mentions(engine, posts, known, inputs.brands))
    with Scratch(engine) as scratch:
        found = engine.keep("found", openings(posts, posts, tables, scratch.keep))
    tables = replace(tables, found=found)
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
    """The columns that are not the same in every row, nor follow from others."""
    return placed.select(
        *told.varying, *OF_TEXT, "id", "author_id", "handle_id", "parent_key", "root_id", "text", "posted_at"
    )


def _whole(posts: Table) -> Table:
    """With the columns that a format does not tell."""
    posts = posts.mutate(
        parent_id=ibis.ifelse(posts.root_id != posts.id, posts.parent_key, ibis.null("int64")),
        # figures ask only whether there is one, and of every post: to write them all as texts would take long
        parent_external_id=ibis.ifelse(posts.parent_key.isnull(), "", "one"),
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

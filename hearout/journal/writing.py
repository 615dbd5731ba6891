"""The only way into the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from hearout.journal.models import Entry
from hearout.journal.verbs import VERBS
from hearout.lib.rows import as_array, as_json


def note(verb: str, *, brand_id: int, noun: str, noun_id: int, by: int | None = None, **facts: Any) -> Entry:
    """Write one entry, in the caller's transaction. Raises ValueError for a verb not in the list."""
    if verb not in VERBS:
        raise ValueError(f"{verb!r} is not in hearout/journal/verbs.py; add it there with its meaning")
    return Entry.objects.create(
        brand_id=brand_id, verb=verb, noun=noun, noun_id=noun_id, actor_id=by, facts=facts
    )


def note_many(
    verb: str, noun: str, rows: Sequence[tuple[int, int]], facts: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Write one entry for each (brand_id, noun_id): the batch form for stages. `facts`: one a row, or none at all."""
    if verb not in VERBS:
        raise ValueError(f"{verb!r} is not in hearout/journal/verbs.py; add it there with its meaning")
    if not rows:
        return
    if facts and len(facts) != len(rows):
        raise ValueError(f"{len(facts)} facts for {len(rows)} entries")
    brands, nouns = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO journal_entry (brand_id, at, actor_id, verb, noun, noun_id, facts)
               SELECT brand_id, now(), NULL, %s, %s, noun_id, coalesce(facts::jsonb, '{}')
               FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS t(brand_id, noun_id, facts)""",
            [verb, noun, as_array(brands), as_array(nouns), [as_json(fact) for fact in facts]],
        )

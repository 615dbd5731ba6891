"""The only way into the journal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from hearout.journal.models import Entry
from hearout.journal.verbs import VERBS


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
    each = facts or ({},) * len(rows)
    written = [[brand, noun_id, fact] for (brand, noun_id), fact in zip(rows, each, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO journal_entry (brand_id, at, actor_id, verb, noun, noun_id, facts)
               SELECT (e->>0)::bigint, now(), NULL, %s, %s, (e->>1)::bigint, (e->2)::jsonb
               FROM json_array_elements(%s::json) AS e""",
            [verb, noun, json.dumps(written)],
        )

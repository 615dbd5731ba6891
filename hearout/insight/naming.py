"""Whom a text names by @handle."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from hearout.insight.tables import Tables
from hearout.insight.texts import BEFORE_NAME, LONG_NAME, NAME, composite


def first_named(starts: Table, tables: Tables) -> Table:
    """The first @handle of a known brand in each text: named_post_id, named_id (brand), named_handle_id.

    `starts` have the columns first_name and names_more of `texts`. Live posts know the brands that are
    served; those of archives also the brands the archives brought.
    """
    said = starts.filter(starts.first_name != "").select(
        "id", "network", "archive_id", "text", "names_more", name="first_name"
    )
    at_once = _known(said.drop("text", "names_more"), tables)
    at_once = at_once.group_by("id").aggregate(found_id=at_once.own_handle_id.min())
    more = said.names_more | composite(said.name)  # a shorter name may stand within the first
    rest = said.filter(more).select("id", "network", "archive_id", "text").anti_join(at_once, "id")
    later = _later_named(rest, tables)
    ours = own_handles(tables).select("own_handle_id", "brand_id")
    named = ibis.union(at_once, later).join(ours, ibis._.found_id == ours.own_handle_id)
    return named.select(named_post_id=named.id, named_id=named.brand_id, named_handle_id=named.own_handle_id)


def _later_named(said: Table, tables: Tables) -> Table:
    """The first known handle among all names in a text, the longest spelling of each first: id, found_id."""
    parts = said.select("id", "network", "archive_id", part=said.text.lower().re_split(BEFORE_NAME))
    parts = parts.unnest("part", offset="place")
    parts = parts.filter(parts.place > 0)
    parts = parts.mutate(short=parts.part.re_extract(NAME, 0).fill_null(""))
    ours = own_handles(tables)  # all spellings of a name begin alike
    ours = ours.mutate(stem=ours.lowered.re_extract(NAME, 0).fill_null(""))
    may = parts.join(ours, [parts.network == ours.network, parts.short == ours.stem])
    long = may.part.re_extract(f"^{LONG_NAME}", 0).fill_null("")
    spelt = (may.lowered == may.short) | (may.lowered == long)
    known = may.filter(may.archive_id.notnull() | may.served, spelt)
    order = [known.place, known.lowered.length().desc(), known.own_handle_id]
    ranked = known.mutate(rank=ibis.row_number().over(group_by=known.id, order_by=order))
    return ranked.filter(ranked["rank"] == 0).select("id", found_id=ranked.own_handle_id)


def _known(names: Table, tables: Tables) -> Table:
    ours = own_handles(tables)
    known = names.join(ours, [names.network == ours.network, names.name == ours.lowered])
    return known.filter(known.archive_id.notnull() | known.served)


def own_handles(tables: Tables) -> Table:
    """The handles with which brands speak (main and care; a watched one is somebody else's)."""
    handles, brands = tables.handles, tables.brands
    own = handles.filter(handles.role != "watched").join(brands, handles.brand_id == brands.id)
    return own.select(
        "brand_id",
        "network",
        "role",
        "slug",
        "served",
        own_handle_id=handles.id,
        lowered=handles.handle.lower(),
    )

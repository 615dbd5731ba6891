"""The posts below openings, for the measures that look at a whole thread."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from hearout.insight.facts import Facts, own_handles, same, seconds_between


def said_by_brand(facts: Facts) -> Table:
    """What the addressed brand wrote below each opening, neither automatic nor before it: opening_id, said_at, text."""
    ours = own_handles(facts.tables).select("own_handle_id", speaker=ibis._.brand_id)
    said = _below(facts)
    said = said.join(ours, said.handle_id == ours.own_handle_id)
    said = said.filter(same(said.speaker, said.brand_id), ~said.automatic, said.said_at >= said.opened_at)
    return said.select("opening_id", "said_at", "text")


def said_by_opener(facts: Facts) -> Table:
    """What the opener wrote after the first response, with its reading: opening_id, said_at, kind, thanks."""
    said = _below(facts)
    said = said.filter(
        said.handle_id.isnull(), said.writer_id == said.opener_id, said.said_at > said.first_at
    )
    verdicts = facts.tables.verdicts.select("post_id", "kind", "thanks", v_brand=ibis._.brand_id)
    said = said.join(verdicts, [said.said_id == verdicts.post_id, said.brand_id == verdicts.v_brand])
    return said.select("opening_id", "said_at", "kind", "thanks")


def praise_after_answer(facts: Facts, within: int) -> Table:
    """The openings whose opener praised at most `within` seconds after some post of the brand."""
    praise = said_by_opener(facts)
    praise = praise.filter(praise.kind == "praise").select("opening_id", praised_at=praise.said_at)
    said = said_by_brand(facts)
    pairs = praise.join(said, "opening_id")
    wait = seconds_between(pairs.said_at, pairs.praised_at)
    return pairs.filter(wait >= 0, wait <= within).select("opening_id")


def marked(openings: Table, ids: Table, name: str) -> Table:
    """The openings with a flag: whether their id is among `ids.opening_id`."""
    found = ids.select(marked_id=ids.opening_id).distinct()
    openings = openings.left_join(found, openings.id == found.marked_id)
    return openings.mutate(**{name: openings.marked_id.notnull()}).drop("marked_id")


def _below(facts: Facts) -> Table:
    tops = facts.openings.select(
        "brand_id", "opened_at", "first_at", opening_id=ibis._.id, opener_id=ibis._.author_id
    )
    posts = facts.tables.posts.filter(facts.tables.posts.root_id != facts.tables.posts.id).select(
        "root_id", "handle_id", "automatic", "text",
        said_id=ibis._.id, writer_id=ibis._.author_id, said_at=ibis._.posted_at,
    )  # fmt: skip
    return posts.join(tops, posts.root_id == tops.opening_id)

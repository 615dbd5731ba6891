"""What was said below each opening, for the measures that look at a whole thread."""

from __future__ import annotations

from dataclasses import replace

import ibis
from ibis.expr.types import Table

from hearout.insight.facts import Facts, Keep, same, seconds_between, tone_of
from hearout.insight.naming import own_handles
from hearout.insight.texts import of_text

WEEK = 7 * 24 * 3600

COLUMNS = ("brand_posts", "invited", "asked_again", "thanked", "praised", "last_before")


def with_threads(facts: Facts, keep: Keep = lambda name, step: step) -> Facts:
    """The openings with what was said below each.

    brand_posts: how many the addressed brand wrote, neither automatic nor dated before the opening; invited:
    one of them speaks of a private channel. Of what the opener wrote after the first response: asked_again (a
    question or a complaint), thanked, praised (at most a week after some post of the brand). last_before: the
    opener's last post before the first response, null for none but the opening.
    """
    if set(COLUMNS) <= set(facts.openings.columns):
        return facts
    said = keep("below", _below(facts))
    count = keep("threads", _counts(said))
    praised = _praised(said).select(praised_id="opening_id").distinct()
    openings = facts.openings.left_join(count, facts.openings.id == count.opening_id).drop("opening_id")
    openings = openings.left_join(praised, openings.id == praised.praised_id)
    openings = openings.mutate(
        brand_posts=openings.brand_posts.fill_null(0),
        praised=openings.praised_id.notnull(),
        **{name: openings[name].fill_null(0) > 0 for name in ("invited", "asked_again", "thanked")},
    ).drop("praised_id")
    return replace(facts, openings=openings)


def marked(openings: Table, ids: Table, name: str) -> Table:
    """The openings with a flag: whether their id is among `ids.opening_id`."""
    found = ids.select(marked_id=ids.opening_id).distinct()
    openings = openings.left_join(found, openings.id == found.marked_id)
    return openings.mutate(**{name: openings.marked_id.notnull()}).drop("marked_id")


def _below(facts: Facts) -> Table:
    """Every post below an opening: whether it is `ours` (the brand's answer), or the opener's `before` or `after`
    the first response, and how that reads."""
    tops = facts.openings.select(
        "brand_id", "opened_at", "first_at", opening_id=ibis._.id, opener_id=ibis._.author_id
    )
    posts = facts.tables.posts
    posts = posts.filter(posts.root_id != posts.id).select(
        "root_id", "handle_id", "automatic", said_id=posts.id, writer_id=posts.author_id, said_at=posts.posted_at,
        invites=of_text(posts, "invites"),
    )  # fmt: skip
    said = posts.join(tops, posts.root_id == tops.opening_id)
    ours = own_handles(facts.tables).select("own_handle_id", speaker=ibis._.brand_id)
    said = said.left_join(ours, said.handle_id == ours.own_handle_id)
    verdicts = facts.tables.verdicts.select("post_id", "kind", "thanks", v_brand=ibis._.brand_id)
    said = said.left_join(verdicts, [said.said_id == verdicts.post_id, said.brand_id == verdicts.v_brand])
    openers = said.handle_id.isnull() & (said.writer_id == said.opener_id)
    late = said.said_at > said.first_at
    said = said.select(
        "opening_id", "said_at", "kind", "thanks", "invites",
        ours=(same(said.speaker, said.brand_id) & ~said.automatic & (said.said_at >= said.opened_at)).fill_null(False),
        before=openers & ~late & (said.said_at >= said.opened_at),
        after=openers & late,
    )  # fmt: skip
    return said.filter(said.ours | said.before | said.after)


def _counts(said: Table) -> Table:
    def one(flag: ibis.ir.BooleanValue) -> ibis.ir.IntegerValue:
        return ibis.ifelse(flag, 1, 0)

    return said.group_by("opening_id").aggregate(
        brand_posts=one(said.ours).sum(),
        invited=one(said.ours & said.invites).max(),
        asked_again=one(said.after & tone_of(said.kind).isin(["question", "complaint"])).max(),
        thanked=one(said.after & said.thanks).max(),
        last_before=ibis.ifelse(said.before, said.said_at, ibis.null(said.said_at.type())).max(),
    )


def _praised(said: Table) -> Table:
    praise = said.filter(said.after, said.kind == "praise").select("opening_id", praised_at=said.said_at)
    ours = said.filter(said.ours).select("opening_id", "said_at")
    pairs = praise.join(ours, "opening_id")
    wait = seconds_between(pairs.said_at, pairs.praised_at)
    return pairs.filter(wait >= 0, wait <= WEEK)

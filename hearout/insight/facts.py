"""The facts of which every figure is made: openings, whom they address, and who answered first.

Ibis expressions over plain tables, the same on every engine. No recursion: the tree of an opening is
the posts whose root it is. DESIGN.md section 6 has the words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, StringValue, Table, TimestampValue

from hearout.insight.naming import first_named, own_handles
from hearout.insight.scope import ALL, LIVE, Scope
from hearout.insight.tables import TIME, Tables
from hearout.insight.texts import of_text
from hearout.understanding.reading import Kind

STRENGTH = {"direct": 1, "hashtag": 2, "indirect": 3}


@dataclass(frozen=True)
class Facts:
    """`openings`: those that count, one row each. `exclusions`: what was left out, as (reason, count) rows."""

    openings: Table
    exclusions: Table
    tables: Tables


def facts(tables: Tables, scope: Scope, archive_id: int | None) -> Facts:
    """The facts of a scope. `archive_id` is that of the scope's archive, None for "live" and "all"."""
    posts = tables.posts
    horizon = _horizon(posts, scope, archive_id)
    mine = _of_customers(_in_scope(posts, scope, archive_id), tables)
    if tables.found is None:
        found = openings(
            _that_may_want_an_answer(mine, tables) if scope.wanting_answer else mine, posts, tables
        )
    else:
        found = _between(tables.found, tables.found.opened_at, scope)
    counted = found.filter(found.brand_id.notnull(), ~_withdrawn(found))
    counted = _described(counted, tables)
    if horizon is None:
        counted = counted.mutate(horizon=_moment(scope.now))
    else:
        counted = counted.left_join(horizon, "archive_id").drop("archive_id_right")
        counted = counted.mutate(horizon=counted.horizon.fill_null(_moment(scope.now)))
    counted = counted.mutate(
        answered=counted.first_at.notnull(),
        seconds=seconds_between(counted.opened_at, counted.first_at),
        waited=ibis.greatest(seconds_between(counted.opened_at, counted.horizon), 0),
    )
    if scope.brands:
        counted = counted.filter(counted.brand.isin(scope.brands))
    if scope.wanting_answer:
        counted = counted.filter(counted.wants_answer)
    exclusions = _exclusions(found, _orphans(mine, tables, scope), tables, scope)
    if tables.probes is not None:
        exclusions = ibis.union(
            exclusions, _reported_probes(_in_scope(posts, scope, archive_id), tables.probes)
        )
    return Facts(counted, exclusions, tables)


def seconds_between(start: TimestampValue, end: TimestampValue) -> IntegerValue:
    """Whole seconds, each time cut to its second first: fractions are where engines differ."""
    return whole_second(end) - whole_second(start)


def same(left: IntegerValue, right: IntegerValue) -> BooleanValue:
    """Equality that no planner joins by: few brands among many posts would pair nearly all with all."""
    return left - right == 0


def is_start(posts: Table) -> BooleanValue:
    """A customer's post at the top of its tree. In a private conversation, the first message of all."""
    top = posts.root_id.isnull() | (posts.root_id == posts.id)
    return posts.handle_id.isnull() & top & (posts.parent_external_id == "") & posts.parent_id.isnull()


def is_orphan(posts: Table) -> BooleanValue:
    """A customer's post that names a parent which is not there."""
    return posts.handle_id.isnull() & (posts.parent_external_id != "") & posts.parent_id.isnull()


Keep = Callable[[str, Table], Table]
"""`Engine.keep`: computes a step once, where an engine would otherwise do it for each use."""


def openings(posts: Table, tree: Table, tables: Tables, keep: Keep = lambda name, step: step) -> Table:
    """Each start among `posts`, with the brand it addresses (null when none) and that brand's first response.

    `tree` has the posts that may answer. Columns: id, network, author_id, archive_id, opened_at,
    deleted_at, brand_id, handle_id (where it arrived), named (by @handle), first_at, first_post_id,
    first_handle_id, any_at (the first post of that brand, automatic or not), asks (has a question mark),
    and how many of that brand's posts are no response: early, automatic.
    """
    starts = posts.filter(is_start(posts)).select(
        "id", "network", "author_id", "archive_id", "text", "deleted_at", opened_at=posts.posted_at,
        **{name: of_text(posts, name) for name in ("first_name", "names_more", "asks")},
    )  # fmt: skip
    named = keep("named", first_named(starts, tables))
    responses = keep("responses", _responses(answers_to(starts, tree, tables)))
    answering = _first_to_answer(responses.anti_join(named, responses.opening_id == named.named_post_id))
    mentioned = _strongest_mention(starts, tables)
    found = starts.drop("text", "first_name", "names_more").left_join(named, starts.id == named.named_post_id)
    found = found.left_join(answering, found.id == answering.answered_id)
    found = found.left_join(mentioned, found.id == mentioned.mentioned_post_id)
    found = found.mutate(
        addressed_id=ibis.coalesce(found.named_id, found.answering_id, found.mentioned_id),
        named=found.named_id.notnull(),
    )
    theirs = [found.id == responses.opening_id, found.addressed_id == responses.brand_id]
    found = found.left_join(responses, theirs)
    return found.select(
        "id", "network", "author_id", "archive_id", "opened_at", "deleted_at", "named",
        "first_at", "first_post_id", "first_handle_id", "any_at", "asks", brand_id=found.addressed_id,
        handle_id=found.named_handle_id, early=found.early.fill_null(0), automatic=found.automatic.fill_null(0),
    )  # fmt: skip


def _responses(answers: Table) -> Table:
    """What each brand wrote below each opening: opening_id, brand_id and what `openings` says of it."""
    early = answers.posted_at < answers.opened_at
    answers = answers.mutate(is_early=early, valid=~early & ~answers.automatic)
    order = [ibis.ifelse(answers.valid, 0, 1), answers.posted_at, answers.answer_id]
    one = [answers.opening_id, answers.brand_id]
    answers = answers.mutate(place=ibis.row_number().over(group_by=one, order_by=order))
    first = answers.valid & (answers.place == 0)
    answers = answers.mutate(
        said_at=ibis.ifelse(first, answers.posted_at, ibis.null(TIME)),
        said_id=ibis.ifelse(first, answers.answer_id, ibis.null("int64")),
        said_by=ibis.ifelse(first, answers.handle_id, ibis.null("int64")),
        machine_at=ibis.ifelse(answers.is_early, ibis.null(TIME), answers.posted_at),
        one_early=ibis.ifelse(answers.is_early, 1, 0),
        one_automatic=ibis.ifelse(answers.automatic & ~answers.is_early, 1, 0),
    )
    return answers.group_by(["opening_id", "brand_id"]).aggregate(
        first_at=answers.said_at.min(),
        first_post_id=answers.said_id.min(),
        first_handle_id=answers.said_by.min(),
        any_at=answers.machine_at.min(),
        early=answers.one_early.sum(),
        automatic=answers.one_automatic.sum(),
    )


def _first_to_answer(responses: Table) -> Table:
    """answered_id, an opening, and answering_id, the brand whose response was the first of all."""
    given = responses.filter(responses.first_at.notnull())
    order = [given.first_at, given.first_post_id]
    given = given.mutate(place=ibis.row_number().over(group_by=given.opening_id, order_by=order))
    return given.filter(given.place == 0).select(answered_id=ibis._.opening_id, answering_id=ibis._.brand_id)


def answers_to(starts: Table, tree: Table, tables: Tables) -> Table:
    """Every post by a brand's own handle in the trees of these openings, whenever and however it came."""
    ours = own_handles(tables).select("own_handle_id", "brand_id")
    spoken = tree.filter(tree.handle_id.notnull(), tree.root_id != tree.id).select(
        "handle_id", "root_id", "posted_at", "automatic", answer_id=tree.id
    )
    spoken = spoken.join(ours, spoken.handle_id == ours.own_handle_id).drop("own_handle_id")
    tops = starts.select("opened_at", opening_id=starts.id)
    return spoken.join(tops, spoken.root_id == tops.opening_id).drop("root_id")


def _strongest_mention(starts: Table, tables: Tables) -> Table:
    """The brand that a mention names, the strongest when several do."""
    mentions = _own_mentions(tables)
    mentions = mentions.semi_join(starts, mentions.post_id == starts.id)
    strength = mentions.how.cases(*STRENGTH.items(), else_=4)
    ranked = mentions.mutate(
        rank=ibis.row_number().over(group_by=mentions.post_id, order_by=[strength, mentions.brand_id])
    )
    return ranked.filter(ranked["rank"] == 0).select(
        mentioned_post_id=ranked.post_id, mentioned_id=ranked.brand_id
    )


def _own_mentions(tables: Tables) -> Table:
    """Mentions of brands themselves, without those of handles they only watch."""
    watched = tables.handles.filter(tables.handles.role == "watched")
    mentions = tables.mentions.filter(tables.mentions.how != "ours")
    return mentions.anti_join(watched, mentions.handle_id == watched.id)


def _described(found: Table, tables: Tables) -> Table:
    """With the brand's slug, and what mention, verdict and handle say of each opening."""
    brands = tables.brands.select(b_id=tables.brands.id, brand=tables.brands.slug)
    found = found.join(brands, found.brand_id == brands.b_id).drop("b_id")
    mentions = tables.mentions.select(
        m_post=tables.mentions.post_id,
        m_brand=tables.mentions.brand_id,
        m_handle=tables.mentions.handle_id,
        m_how=tables.mentions.how,
        own_page=tables.mentions.own_page,
    )
    found = found.left_join(mentions, [found.id == mentions.m_post, found.brand_id == mentions.m_brand])
    verdicts = tables.verdicts.select(
        v_post=tables.verdicts.post_id,
        v_brand=tables.verdicts.brand_id,
        kind=tables.verdicts.kind,
        needs_answer=tables.verdicts.needs_answer,
        team_id=tables.verdicts.team_id,
    )
    found = found.left_join(verdicts, [found.id == verdicts.v_post, found.brand_id == verdicts.v_brand])
    found = found.mutate(
        handle_id=found.handle_id.fill_null(found.m_handle),
        how=ibis.ifelse(found.named, "direct", found.m_how.fill_null("unnamed")),
        own_page=found.own_page.fill_null(False),
        tone=tone_of(found.kind).fill_null("unread"),
        wants_answer=found.needs_answer.fill_null(False),
    )
    found = found.drop("m_post", "m_brand", "m_handle", "m_how", "v_post", "v_brand", "kind", "needs_answer")
    handles = tables.handles.select(
        h_id=tables.handles.id, handle_name=tables.handles.handle, role=tables.handles.role
    )
    return found.left_join(handles, found.handle_id == handles.h_id).drop("h_id")


def tone_of(kind: StringValue) -> StringValue:
    """A verdict's kind as the dimension of figures, which is `Kind.tone`."""
    tone: StringValue = ibis.cases(
        *((kind == one.value, one.tone.value) for one in Kind if one.tone is not one), else_=kind
    )
    return tone


def _in_scope(posts: Table, scope: Scope, archive_id: int | None) -> Table:
    if scope.archive == LIVE:
        posts = posts.filter(posts.archive_id.isnull())
    elif scope.archive != ALL:
        posts = posts.filter(posts.archive_id == archive_id)
    return _between(posts, posts.posted_at, scope)


def _between(rows: Table, at: TimestampValue, scope: Scope) -> Table:
    if scope.since:
        rows = rows.filter(at >= _moment(scope.since))
    if scope.until:
        rows = rows.filter(at < _moment(scope.until))
    return rows


def _of_customers(posts: Table, tables: Tables) -> Table:
    """Without all that test accounts wrote: a probe is no customer's."""
    return posts if tables.probes is None else posts.anti_join(tables.probes, "author_id")


def _reported_probes(posts: Table, probes: Table) -> Table:
    """Those that are no secret any more; a count of the others would give them away."""
    return _count("probes", posts.semi_join(probes, ["author_id", "external_id"]))


def _that_may_want_an_answer(posts: Table, tables: Tables) -> Table:
    """Those that want an answer of any brand, so that the threads of all others need not be looked at."""
    wanting = tables.verdicts.filter(tables.verdicts.needs_answer)
    return posts.semi_join(wanting, posts.id == wanting.post_id)


def _horizon(posts: Table, scope: Scope, archive_id: int | None) -> Table | None:
    """When each archive ends, which is how long its unanswered are known to have waited. None for live: now."""
    if scope.archive == LIVE:
        return None
    of = posts.filter(posts.archive_id.notnull() if scope.archive == ALL else posts.archive_id == archive_id)
    return of.group_by("archive_id").aggregate(horizon=of.posted_at.max())


def whole_second(at: TimestampValue) -> IntegerValue:
    """Since 1970. (Cut as a number: to cut a time, DuckDB goes through a calendar, ten times as long.)"""
    return at.epoch_seconds().floor().cast("int64")


def _moment(at: datetime) -> TimestampValue:
    """In UTC, for not every engine knows zones such as +02:00."""
    return ibis.literal(at.astimezone(UTC))


def _withdrawn(found: Table) -> BooleanValue:
    """Deleted by the customer before anybody answered."""
    return found.deleted_at.notnull() & found.first_at.isnull()


def _orphans(mine: Table, tables: Tables, scope: Scope) -> Table:
    orphans = mine.filter(is_orphan(mine)).select("id")
    if scope.brands:
        mentions = tables.mentions.join(tables.brands, tables.mentions.brand_id == tables.brands.id)
        mentions = mentions.filter(mentions.slug.isin(scope.brands))
        orphans = orphans.semi_join(mentions, orphans.id == mentions.post_id)
    return orphans


def _exclusions(found: Table, orphans: Table, tables: Tables, scope: Scope) -> Table:
    """Reasons and counts: openings left out, then brand posts that were no first response."""
    gone = found.filter(_withdrawn(found))
    nobody = found.filter(found.brand_id.isnull(), ~_withdrawn(found))
    rest = found.filter(found.brand_id.notnull(), ~_withdrawn(found))
    if scope.brands:
        chosen = tables.brands.filter(tables.brands.slug.isin(scope.brands))
        gone = gone.semi_join(chosen, gone.brand_id == chosen.id)
        rest = rest.semi_join(chosen, rest.brand_id == chosen.id)
        nobody = nobody.filter(ibis.literal(False))
    return ibis.union(
        _count("orphans", orphans),
        _count("unaddressed", nobody),
        _count("deleted_unanswered", gone),
        _sum("answers_before_opening", rest.early),
        _sum("automatic_answers", rest.automatic),
    )


def _count(reason: str, rows: Table) -> Table:
    return rows.aggregate(count=rows.count()).mutate(reason=ibis.literal(reason)).select("reason", "count")


def _sum(reason: str, column: IntegerValue) -> Table:
    total = column.as_table().aggregate(count=ibis._[column.get_name()].sum().fill_null(0))
    return total.mutate(reason=ibis.literal(reason), count=total["count"].cast("int64")).select(
        "reason", "count"
    )

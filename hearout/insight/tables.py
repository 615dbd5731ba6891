"""The plain tables that figures are made of. In the live database they are Django's; an archive on another
engine brings tables of its own with the same columns."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from hearout.understanding.topics import MOST

TIME = "timestamp('UTC', 6)"


@dataclass(frozen=True)
class Tables:
    """Ibis tables, unbound or bound to an engine. The five from `case_posts` on matter only to some dimensions and
    metrics. `probes`, where there are any: the authors that are test accounts, with their reported probes."""

    posts: Table
    handles: Table
    brands: Table
    mentions: Table
    verdicts: Table
    teams: Table
    case_posts: Table
    cases: Table
    replies: Table
    users: Table
    probes: Table | None = None
    found: Table | None = None


def live_tables() -> Tables:
    """The tables of the live database, with the columns that figures need."""
    return Tables(
        posts=_table(
            "listening_post",
            "id network external_id author_id:int64 handle_id:int64 parent_external_id parent_id:int64 root_id:int64 "
            f"private:boolean text automatic:boolean posted_at:{TIME} deleted_at:{TIME} archive_id:int64",
        ),
        handles=_table("listening_handle", "id brand_id:int64 network handle role"),
        brands=_table("people_brand", "id slug served:boolean"),
        mentions=_table(
            "listening_mention", "post_id:int64 brand_id:int64 handle_id:int64 how own_page:boolean"
        ),
        verdicts=_verdicts(),
        teams=_table("people_team", "id name"),
        case_posts=_table("cases_casepost", "post_id:int64 brand_id:int64 case_id:int64"),
        cases=_table("cases_case", "id closure_id:int64"),
        replies=_table("replies_reply", "handle_id:int64 external_id by_id:int64"),
        users=_table("people_user", "id name"),
        probes=_probes(),
    )


def _verdicts() -> Table:
    """With a column for each topic, for only this database can look into its lists."""
    read = _table(
        "triage_verdict",
        "post_id:int64 brand_id:int64 kind needs_answer:boolean thanks:boolean team_id:int64 topics:jsonb",
    )
    return read.mutate(**{f"topic_{nth}": read.topics[nth].str for nth in range(MOST)}).drop("topics")


def _probes() -> Table:
    """A row for each reported probe of each author that is a test account; one without `external_id` for none."""
    plans = _table("insight_plan", f"id reported_at:{TIME}")
    probes = _table("insight_probe", "plan_id:int64 shopper_id:int64 external_id")
    reported = probes.semi_join(plans.filter(plans.reported_at.notnull()), probes.plan_id == plans.id)
    reported = reported.select("shopper_id", "external_id")
    shoppers = _table("insight_shopper", "id network external_id").rename(shopper_id="id")
    authors = _table("customers_author", "id network external_id").rename(author_id="id")
    ours = authors.join(shoppers, ["network", "external_id"]).select("author_id", "shopper_id")
    return ours.left_join(reported, "shopper_id").select("author_id", "external_id")


def _table(name: str, columns: str) -> Table:
    """`a b:int64` makes the text column a and the number b; `id` is a number."""
    words = columns.replace(", 6", ",6").split()
    pairs = (word.partition(":") for word in words)
    return ibis.table(
        {column: kind or ("int64" if column == "id" else "string") for column, _, kind in pairs}, name=name
    )

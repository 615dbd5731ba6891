"""The same figures from PostgreSQL, DuckDB and Spark, on posts made to find where engines differ."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from importlib.util import find_spec
from itertools import count
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pytest

from conftest import Cast
from hearout.insight.dimensions import DIMENSIONS, split
from hearout.insight.engine import run
from hearout.insight.facts import Facts, facts
from hearout.insight.figures import metric, metric_names
from hearout.insight.scope import Scope
from hearout.insight.spark import SparkEngine, SparkError
from hearout.insight.tables import Tables, live_tables

WORDS = [
    "@tidewing", "@TIDEWINGCARE!", "＠tidewing", "@tİdewing", "@tidewin\u212a", "@rivalair", "@old.shop",
    "mail tom@tidewing", "@orchardrail", "no name", "@" + "a." * 5000, "@old.shop@sea.example", "\u202e@tidewing\u202c",
    "%s '; -- \\ \\w", "", "please DM us", "ΟΔΟΣ EN PRIVÉ", "direct\nmessage", "İNBOX US",
]  # fmt: skip


class Duck:
    """DuckDB by the engines' protocol."""

    def __init__(self) -> None:
        self.ibis = ibis.duckdb.connect()
        self.ibis.raw_sql("SET TimeZone = 'UTC'")
        self.numbers = count(1)

    def run(self, *expressions: ibis.Table) -> list[list[dict[str, Any]]]:
        return [self.ibis.to_pyarrow(one).to_pylist() for one in expressions]

    def keep(self, name: str, expression: ibis.Table) -> ibis.Table:
        return self.ibis.create_table(f"{name}_{next(self.numbers)}", expression, temp=True)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkEngine]:
    lacking = [
        name
        for name, there in (("pyspark", find_spec("pyspark")), ("Java", shutil.which("java")))
        if not there
    ]
    if lacking and os.environ.get("CI") == "true":
        pytest.fail(f"no {' and no '.join(lacking)}: the engines cannot be compared")
    if lacking:
        pytest.skip(f"no {' and no '.join(lacking)} here")
    with SparkEngine("local[2]", settings={"spark.sql.shuffle.partitions": "2"}) as engine:
        yield engine


@pytest.fixture
def duck() -> Duck:
    return Duck()


@pytest.fixture
def posts(cast: Cast, say) -> None:
    """Some 250 posts, live and of two archives, with everything that an opening, a thread or an answer can be."""
    from hearout.cases.models import Case, CasePost
    from hearout.customers.models import Customer
    from hearout.listening.models import Archive, Handle, Post
    from hearout.people.models import Brand
    from hearout.replies.models import Reply

    pick = Random(7)
    old = Brand.objects.create(slug="old-shop", name="Old shop", served=False)
    handle = {"network": "simulator"}
    rail = Handle.objects.create(brand=cast.other_brand, handle="OrchardRail", **handle)
    rival = Handle.objects.create(brand=cast.brand, handle="rivalair", role="watched", **handle)
    shop = Handle.objects.create(brand=old, handle="old.shop", **handle)
    archives = [None, None, *(Archive.objects.create(name=name, path="x") for name in ("first", "second"))]
    customers, brands = (
        [cast.mira, cast.tom, cast.priya],
        [cast.main_handle, cast.care_handle, rail, shop, rival],
    )
    told: list[Post] = []
    for _ in range(250):
        under = pick.choice(told[-20:]) if told and pick.random() < 0.65 else None
        ours = under is not None and pick.random() < 0.5
        more: dict[str, Any] = {"archive": under.archive if under else pick.choice(archives)}
        if ours:
            more["automatic"] = pick.random() < 0.2
        elif pick.random() < 0.8:
            more |= {
                "mention": pick.choice(["direct", "indirect", "hashtag"]),
                "own_page": pick.random() < 0.3,
            }
            more |= {"kind": pick.choice(["question", "complaint", "praise", "other", None])}
            more |= {"arrived": pick.choice([*brands, None]), "thanks": pick.random() < 0.3}
            more |= {"team": pick.choice([cast.care, None])}
        if not under and pick.random() < 0.1:
            more["parent_external_id"] = "never seen"
        if pick.random() < 0.1:
            more["deleted_at"] = cast.monday + timedelta(days=9)
        minutes = pick.choice([pick.randrange(3), pick.uniform(-300, 12_000)])
        text = " ".join(pick.choices(WORDS, k=2))
        told.append(say(pick.choice(brands if ours else customers), text, minutes, under, **more))
    Post.objects.filter(pk=told[5].pk).update(root=None)
    answers = iter([post for post in told if post.handle_id == cast.main_handle.pk][::2])
    for post in [post for post in told if not post.handle_id and post.parent_id is None][::4]:
        case = Case.objects.create(
            brand=cast.brand, customer=Customer.objects.create(), opening=post, network="simulator",
            kind="question", how="direct", subject="x", opened_at=post.posted_at, last_post_at=post.posted_at,
        )  # fmt: skip
        CasePost.objects.create(case=case, post=post, brand=cast.brand, posted_at=post.posted_at, ours=False)
        if post.pk % 2:
            case.close(by=cast.ana, reason="answered")
        answer = next(answers, post)
        Reply.objects.create(
            case=case, brand=cast.brand, handle=cast.main_handle, act="public_reply", thread_version=1,
            by=pick.choice([cast.ana, cast.ben]), external_id=answer.external_id,
        )  # fmt: skip


def copied(engine: Any) -> Tables:
    """The live tables on another engine, row by row."""
    kept = {}
    for name in (field.name for field in fields(Tables)):
        live = getattr(live_tables(), name)
        rows = pa.Table.from_pylist(run(live)[0], schema=live.schema().to_pyarrow())
        kept[name] = engine.keep(name, ibis.memtable(rows, schema=live.schema()))
    return Tables(**kept)


def everything(engine: Any, tables: Tables, scope: Scope, archive_id: int | None) -> dict[str, list[str]]:
    """Every row of every metric by all dimensions at once, and of openings and exclusions, in an order."""
    known = facts(tables, scope, archive_id)
    openings = split(known.openings, tables, list(DIMENSIONS))
    if hasattr(engine, "keep"):
        openings = engine.keep("openings", openings)
    known = Facts(openings, known.exclusions, tables)
    asked = {name: metric(name).measure(known, list(DIMENSIONS)) for name in metric_names()}
    asked |= {"openings": openings, "exclusions": known.exclusions}
    rows = engine.run(*asked.values())
    return {name: sorted(map(plain, found)) for name, found in zip(asked, rows, strict=True)}


def plain(row: dict[str, Any]) -> str:
    return repr(
        {name: at.timestamp() if hasattr(at, "timestamp") else at for name, at in sorted(row.items())}
    )


def test_every_metric_by_every_dimension_is_the_same_on_each_engine(cast, posts, duck, spark) -> None:
    from hearout.insight import engine as live
    from hearout.listening.models import Archive

    now = cast.monday + timedelta(days=10)
    first = Archive.objects.get(name="first").pk
    on_duck, on_spark = copied(duck), copied(spark)
    every = everything(live, live_tables(), Scope("all", now=now), None)
    assert all(len(rows) > 3 for rows in every.values()), {name: len(rows) for name, rows in every.items()}
    for scope, archive_id in (
        (Scope("all", now=now), None),
        (Scope("first", since=cast.monday, until=now, now=now), first),
        (Scope(brands=("tidewing",), wanting_answer=True, now=now), None),
    ):
        asked = everything(live, live_tables(), scope, archive_id)
        assert asked == everything(duck, on_duck, scope, archive_id)
        assert asked == everything(spark, on_spark, scope, archive_id)


def test_spark_that_cannot_start_says_why_in_a_sentence(monkeypatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SparkError, match="needs Java 17"):
        SparkEngine()

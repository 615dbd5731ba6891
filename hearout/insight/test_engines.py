"""The same figures from PostgreSQL, DuckDB and Spark, on posts made to find where engines differ."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import ibis
import pyarrow as pa
import pytest

from conftest import Cast
from hearout.channels.archive.jsonl import write_jsonl
from hearout.channels.base import IncomingAuthor, IncomingPost, Visibility
from hearout.insight.audit.auditing import AuditOptions, audit
from hearout.insight.audit.brands import parse_brands
from hearout.insight.audit.counts import ArchiveCounts
from hearout.insight.audit.document import Audit
from hearout.insight.audit.loading import ARCHIVE, Inputs, load
from hearout.insight.dimensions import DIMENSIONS, split
from hearout.insight.duck import DuckEngine
from hearout.insight.engine import Engine, LiveEngine, run
from hearout.insight.facts import Facts, facts, openings
from hearout.insight.figures import metric, metric_names
from hearout.insight.scope import Scope
from hearout.insight.spark import SparkEngine, SparkError
from hearout.insight.tables import Tables, live_tables

WORDS = [
    "@tidewing", "@TIDEWINGCARE!", "＠tidewing", "@tİdewing", "@tidewin\u212a", "@rivalair", "@old.shop",
    "mail tom@tidewing", "@orchardrail", "no name", "@" + "a." * 5000, "@old.shop@sea.example", "\u202e@tidewing\u202c",
    "%s '; -- \\ \\w", "", "please DM us", "ΟΔΟΣ EN PRIVÉ", "direct\nmessage", "İNBOX US",
]  # fmt: skip


SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""For a few hundred rows, compiling a query takes Spark longer than running it."""


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
    with SparkEngine("local[2]", settings=SMALL) as engine:
        yield engine


@pytest.fixture
def duck() -> Iterator[DuckEngine]:
    with DuckEngine() as engine:
        yield engine


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


def copied(engine: Engine) -> Tables:
    """The live tables on another engine, row by row."""
    kept = {}
    for name in (field.name for field in fields(Tables)):
        live = getattr(live_tables(), name)
        if live is None:
            continue
        rows = pa.Table.from_pylist(run(live)[0], schema=live.schema().to_pyarrow())
        kept[name] = engine.keep(name, ibis.memtable(rows, schema=live.schema()))
    return Tables(**kept)


def searched(engine: Engine) -> Tables:
    """The same with the openings found once, step by step, as for archives."""
    tables = copied(engine)
    return replace(
        tables, found=engine.keep("found", openings(tables.posts, tables.posts, tables, engine.keep))
    )


def everything(engine: Engine, tables: Tables, scope: Scope) -> dict[str, list[str]]:
    """Every row of every metric by all dimensions at once, and of openings and exclusions, in an order."""
    known = facts(tables, scope, None)
    kept = engine.keep("openings", split(known.openings, tables, list(DIMENSIONS)))
    known = Facts(kept, known.exclusions, tables)
    asked = {name: metric(name).measure(known, list(DIMENSIONS)) for name in metric_names()}
    asked |= {"openings": kept, "exclusions": known.exclusions}
    rows = engine.run(*asked.values())
    return {name: sorted(map(plain, found)) for name, found in zip(asked, rows, strict=True)}


def plain(row: dict[str, Any]) -> str:
    return repr(
        {name: at.timestamp() if hasattr(at, "timestamp") else at for name, at in sorted(row.items())}
    )


def test_every_metric_by_every_dimension_is_the_same_on_each_engine(cast, posts, duck, spark) -> None:
    scope = Scope("all", now=cast.monday + timedelta(days=10))
    with LiveEngine() as live:
        asked = everything(live, live_tables(), scope)
    assert all(len(rows) > 3 for rows in asked.values()), {name: len(rows) for name, rows in asked.items()}
    assert everything(duck, searched(duck), scope) == asked
    assert everything(spark, searched(spark), scope) == asked


def test_the_audit_of_the_live_database_is_the_same_on_each_engine(cast, posts, duck, spark) -> None:
    now = cast.monday + timedelta(days=10)
    scope = Scope("all", brands=("tidewing",), since=cast.monday - timedelta(hours=3), until=now, now=now)
    with LiveEngine() as live:
        asked = told(audit(live, live_tables(), ArchiveCounts(), options=AuditOptions(scope, now=now)))
    assert asked["all"]["openings"] > asked["all"]["answered"] > 3
    for engine in (duck, spark):
        found = audit(engine, copied(engine), ArchiveCounts(), options=AuditOptions(scope, now=now))
        assert told(found) == asked


def audited(engine: Engine, path: Path, **inputs: Any) -> dict[str, Any]:
    loaded = load(engine, Inputs([path], **inputs))
    options = AuditOptions(scope=loaded.scope(), archive_id=ARCHIVE, now=loaded.scope().now)
    return told(audit(engine, loaded.tables, loaded.counts, options=options))


def told(found: Audit) -> dict[str, Any]:
    """The document as a file holds it, but for the engine's name."""
    document: dict[str, Any] = json.loads(json.dumps(found.as_json(), allow_nan=False))
    del document["made"]["engine"]
    return document


def test_the_audit_of_a_public_archive_is_the_same_on_duckdb_and_spark(duck, spark, shared_data) -> None:
    path = shared_data / "twcs_small" / "monalisa_twcs.csv"
    asked = audited(duck, path)
    assert (asked["archive"]["posts"], asked["all"]["openings"], asked["all"]["grade"]) == (4999, 1284, "B")
    assert audited(spark, path) == asked


def test_the_audit_of_a_made_archive_is_the_same_on_duckdb_and_spark(duck, spark, tmp_path) -> None:
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(write_jsonl(made())), "utf-8")
    asked = audited(duck, path, brands=parse_brands(BRANDS))
    assert asked["archive"]["duplicates"] > 5
    assert len(asked["archive"]["faults"]) == 2
    assert asked["archive"]["orphans"] > 5
    assert asked["all"]["openings"] > asked["all"]["answered"] > 10
    assert audited(spark, path, brands=parse_brands(BRANDS)) == asked


BRANDS = """
[[brand]]
name = "Tidewing"
products = ["Tidewing Go"]
hashtags = ["tidewing"]
handle = [{handle = "tidewing"}, {handle = "TidewingCare", role = "care"}]

[[brand]]
name = "Old Shop"
handle = [{handle = "old.shop", network = "bluesky"}]
"""


def made() -> Iterator[IncomingPost]:
    """Some 300 posts of two networks, shuffled and doubled, with edits, deletions, orphans, circles and wrong times."""
    pick = Random(3)
    start = datetime(2026, 3, 2, 10, tzinfo=UTC)
    brands = [
        IncomingAuthor(f"b{name}", name) for name in ("tidewing", "tidewingcare", "old.shop", "orchard")
    ]
    customers = [IncomingAuthor(f"c{number}", f"customer_{number}") for number in range(9)]
    rows: list[IncomingPost] = []
    for number in range(300):
        above = pick.choice(rows[-25:]) if rows and pick.random() < 0.65 else None
        ours = above is not None and pick.random() < 0.5
        author = pick.choice(brands if ours else customers)
        private = above is not None and pick.random() < 0.1
        rows.append(
            IncomingPost(
                network=above.network if above else pick.choice(["bluesky", "mastodon"]),
                external_id=f"p{number}",
                posted_at=start + timedelta(minutes=number * 7 + pick.choice([0.0, 0.0, 0.013, -200.0])),
                author=author,
                text=" ".join(
                    pick.choices(
                        [*WORDS, "#tidewing", "I love Tidewing Go", "my bag is lost!", "thanks"], k=2
                    )
                ),
                parent_id=above.external_id if above else pick.choice([None, None, None, "never seen"]),
                conversation_id=f"talk {pick.randrange(4)}" if private else None,
                visibility=Visibility.PRIVATE if private else Visibility.PUBLIC,
                page_id=pick.choice([None, "btidewing"]) if not above else None,
                mentions=pick.choice([None, None, ("TideWing",), ("nobody", "old.shop")]),
                automatic=ours and pick.random() < 0.2,
                by_brand=ours if author.handle == "orchard" else pick.choice([None, ours]),
                deleted_at=start + timedelta(days=3) if pick.random() < 0.05 else None,
                revision=pick.choice([0, 0, 0, 1]),
            )
        )
    rows += [replace(row, text="told again") for row in pick.sample(rows, 12)]
    ring = [replace(rows[0], external_id=f"ring{n}", parent_id=f"ring{(n + 1) % 3}") for n in range(3)]
    rows += ring
    pick.shuffle(rows)
    yield from rows


def test_spark_that_cannot_start_says_why_in_a_sentence(monkeypatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SparkError, match="needs Java 17"):
        SparkEngine()


def test_a_master_that_spark_does_not_know_is_refused_before_java_starts() -> None:
    with pytest.raises(SparkError, match="'mesos://here' is no master"):
        SparkEngine("mesos://here")


def test_what_is_kept_under_one_name_twice_is_two_tables_and_can_be_dropped(spark) -> None:
    before = spark.keep("a", ibis.memtable(pa.table({"n": [1, None], "share": [0.5, None]})))
    again = spark.keep("a", before.mutate(n=before.n + 1))
    rows = [sorted(found, key=str) for found in spark.run(before, again)]
    nothing = {"n": None, "share": None}
    assert rows == [[{"n": 1, "share": 0.5}, nothing], [{"n": 2, "share": 0.5}, nothing]]
    spark.drop(before)
    with pytest.raises(SparkError, match="TABLE_OR_VIEW_NOT_FOUND"):
        spark.run(before)

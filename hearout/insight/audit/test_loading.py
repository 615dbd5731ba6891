"""Archives in, tables out: what DuckDB reads fast is what the channel's reader reads, and nothing false gets in."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hearout.channels.archive.jsonl import write_jsonl
from hearout.channels.base import IncomingAuthor, IncomingPost, Visibility
from hearout.insight.audit import crew, gathering, twcs_duck
from hearout.insight.audit.brands import parse_brands
from hearout.insight.audit.loading import ARCHIVE, ArchiveCounts, Inputs, Loaded, load
from hearout.insight.duck import DuckEngine
from hearout.insight.facts import facts

MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)
HEADER = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
ROWS = [
    (1, "103", "True", 0, "@tidewing my bag is gone, all of it", None),
    (2, "tidewing", "False", 20, 'Send us a "DM"\nplease', 1),
    (3, "103", "True", 30, "I did &amp; wait", 2),
    (4, "104", "True", 5, "anybody there? @nobody @tidewing", None),
    (5, "105", "True", 6, "@tidewing an orphan", 77),
]
TIDEWING = """
[[brand]]
name = "Tidewing"
names = ["Tidewing Airlines"]
products = ["TideMiles"]
hashtags = ["flytide"]
industry = "travel"
[[brand.handle]]
handle = "tidewing"
[[brand.handle]]
handle = "tidewingcare"
role = "care"
"""


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine() as engine:
        yield engine


def told_at(minutes: float) -> str:
    return (MONDAY + timedelta(minutes=minutes)).strftime("%a %b %d %H:%M:%S +0000 %Y")


def rows_of(rows: Sequence[tuple[Any, ...]] = ROWS, **style: Any) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n", **style)
    for number, author, inbound, minutes, text, parent in rows:
        writer.writerow(
            [number, author, inbound, told_at(minutes), text, "", "" if parent is None else parent]
        )
    return file.getvalue()


def written(folder: Path, content: bytes | str, name: str = "archive.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def loaded(engine: DuckEngine, *paths: Path, tone: bool = False, **inputs: Any) -> Loaded:
    return load(engine, Inputs(paths, tone=tone, **inputs))


def posts_of(engine: DuckEngine, found: Loaded) -> list[dict[str, Any]]:
    posts = found.tables.posts
    names = posts.select(posts.id, name=posts.external_id)
    roots = names.select(root=names.id, root_name=names.name)
    posts = posts.join(roots, posts.root_id == roots.root)
    [rows] = engine.run(
        posts.select(
            "network", "external_id", "author_id", "handle_id", "posted_at", "root_name", "first_name", "asks",
            "invites", orphan=posts.parent_id.isnull() & (posts.parent_external_id != ""),
        )
    )  # fmt: skip
    return sorted(rows, key=lambda row: row["external_id"])


def openings_of(engine: DuckEngine, found: Loaded) -> dict[str, dict[str, Any]]:
    openings = facts(found.tables, found.scope(), ARCHIVE).openings
    names = found.tables.posts.select(post_id="id", external_id="external_id")
    [rows] = engine.run(openings.join(names, openings.id == names.post_id))
    return {row["external_id"]: row for row in rows}


def said(
    number: int, who: str, text: str = "", minutes: float = 0, parent: int | None = None, **more: Any
) -> IncomingPost:
    author = IncomingAuthor(more.pop("author", f"u_{who}"), who)
    return IncomingPost(
        more.pop("network", "simulator"), str(number), MONDAY + timedelta(minutes=minutes), author, text,
        parent_id=None if parent is None else str(parent), **more,
    )  # fmt: skip


def archive(folder: Path, *posts: IncomingPost) -> Path:
    return written(folder, "".join(write_jsonl(posts)), "archive.jsonl")


TAME = {
    "plain": HEADER + rows_of(),
    "without its last line end": HEADER + rows_of()[:-1],
    "from Windows": (HEADER + rows_of([*ROWS[:1], *ROWS[2:]])).replace("\n", "\r\n"),
    "with a byte order mark": "\ufeff" + HEADER + rows_of(),
    "quoted throughout": HEADER + rows_of(quoting=csv.QUOTE_NONNUMERIC),
    "parents as floats": HEADER + rows_of([(*row[:5], row[5] and f"{row[5]}.0") for row in ROWS]),
    "other columns": "text,x,tweet_id,inbound,created_at,author_id,response_tweet_id,in_response_to_tweet_id\n"
    + "".join(f"hello @tidewing,,{n},True,{told_at(n)},7,,\n" for n in range(1, 4)),
    "torn by a carriage return": HEADER
    + rows_of()
    + f"8,106,True,{told_at(8)},to\r\rrn,,\n"
    + rows_of([(6, "1", "True", 7, "hi", 2)]),
    "told twice": HEADER + rows_of() + rows_of([(1, "199", "True", 50, "again", None)]) + rows_of(ROWS[1:3]),
    "only a header": HEADER,
}  # fmt: skip
WILD = {
    "a stray comma": HEADER + f"9,107,True,{told_at(9)},a,b,c,,\n" + rows_of(),
    "a stray quote": HEADER + f'9,107,True,{told_at(9)},"hello" you,,\n' + rows_of(),
    "a quote that is never closed": HEADER + rows_of() + f'9,107,True,{told_at(9)},"hello,,\n' + rows_of(),
    "leading zeros": HEADER + rows_of([("007", "1", "True", 1, "@tidewing", None), *ROWS]),
    "ids of a spreadsheet": HEADER + rows_of([("1.2E+17", "1", "True", 1, "@tidewing", None), *ROWS]),
    "long ids": HEADER + rows_of([("9" * 25, "1", "True", 1, "@tidewing", None), *ROWS]),
    "other words for true": HEADER + rows_of([(9, "1", "TRUE", 1, "@tidewing", None), *ROWS]),
    "no such time": HEADER + rows_of().replace("10:05:00", "10:65:00"),
    "a NUL": HEADER + rows_of().replace("anybody", "any\0body"),
    "blanks around": HEADER + f"9, 107,True,{told_at(9)},hi,,\n" + rows_of(),
    "blank lines": HEADER + "\n" + rows_of() + "\n\n",
    "another zone": HEADER + rows_of().replace("+0000", "-0230"),
}


@pytest.mark.parametrize("what", [*TAME, *WILD])
def test_the_fast_way_tells_what_the_reader_tells(
    engine: DuckEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = written(tmp_path, (TAME | WILD)[what])
    if what in TAME:
        monkeypatch.setattr(gathering, "gather", None)  # so that the slow way would fail
    fast = loaded(engine, path)
    monkeypatch.undo()

    def refuse(*_: Any) -> None:
        raise twcs_duck.NotPlainError

    monkeypatch.setattr(twcs_duck, "read", refuse)
    slow = loaded(engine, path)
    assert posts_of(engine, fast) == posts_of(engine, slow)
    assert fast.counts == slow.counts
    assert fast.counts.posts >= (0 if what == "only a header" else 3)


def test_packed_and_several_files_are_read_fast_too(
    engine: DuckEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "gather", None)
    one = written(tmp_path, gzip.compress((HEADER + rows_of(ROWS[:2])).encode()), "it's one.csv.gz")
    two = written(tmp_path, HEADER + rows_of(ROWS[1:]), "two.csv")
    found = loaded(engine, one, two)
    assert [row["external_id"] for row in posts_of(engine, found)] == ["1", "2", "3", "4", "5"]
    assert found.counts.duplicates == 1


def test_rejected_rows_are_written_with_line_and_reason(
    engine: DuckEngine, tmp_path: Path, shared_data: Path
) -> None:
    path, rejects = shared_data / "twcs_small" / "monalisa_twcs.csv", tmp_path / "rejects.jsonl"
    found = loaded(engine, path, rejects=rejects)
    assert (found.counts.posts, sum(found.counts.rejected.values())) == (4999, 2)
    lines = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
    assert [(line["line"], line["reason"]) for line in lines] == [
        (2589, "The row has 6 of 8 columns: it is torn over several lines."),
        (2591, "The row has 3 of 8 columns: it is torn over several lines."),
    ]
    assert lines[0]["raw"].startswith("2484,3399,")


def test_of_a_post_told_twice_the_first_counts(engine: DuckEngine, tmp_path: Path) -> None:
    posts = [
        said(1, "tom", "@tidewing one"),
        said(1, "mira", "@tidewing two"),
        said(1, "tom", network="other"),
    ]
    found = loaded(engine, archive(tmp_path, *posts))
    assert found.counts.duplicates == 1
    assert [(row["network"], row["author_id"]) for row in posts_of(engine, found)] == [
        ("other", "u_tom"), ("simulator", "u_tom"),
    ]  # fmt: skip


def test_circles_and_posts_before_their_parents_are_counted_and_ignored(
    engine: DuckEngine, tmp_path: Path
) -> None:
    posts = [
        said(1, "tom", "@tidewing", 10),
        said(2, "tidewing", "early", 9, 1, by_brand=True),
        said(3, "tom", "below the early one", 12, 2),
        said(4, "tidewing", "late", 14, 3, by_brand=True),
        said(5, "mira", "a circle", 1, 6),
        said(6, "mira", "a circle", 1, 5),
        said(7, "mira", "below it", 2, 6),
        said(8, "mira", "of itself", 2, 8),
    ]
    found = loaded(engine, archive(tmp_path, *posts))
    assert found.counts.faults == {"earlier_than_parent": 1, "circular": 4}
    assert [row["external_id"] for row in posts_of(engine, found)] == ["1", "3", "4"]
    assert found.counts.posts == 3
    assert openings_of(engine, found)["1"]["seconds"] == 240


def test_threads_of_any_depth_and_order_have_their_top(engine: DuckEngine, tmp_path: Path) -> None:
    deep = [said(n, "tom", minutes=n, parent=n - 1 if n > 1 else None) for n in range(1, 301)]
    wide = [said(n, "mira", minutes=n, parent=1000 if n > 1000 else None) for n in range(1000, 1010)]
    found = loaded(engine, archive(tmp_path, *reversed(deep), *wide))
    tops = {row["external_id"]: row["root_name"] for row in posts_of(engine, found)}
    assert tops == {str(n): "1" for n in range(1, 301)} | {str(n): "1000" for n in range(1000, 1010)}


def test_an_edit_replaces_the_text_and_a_deletion_marks_the_post(engine: DuckEngine, tmp_path: Path) -> None:
    gone = MONDAY + timedelta(minutes=3)
    posts = [
        said(1, "tom", "nothing"),
        said(1, "tom", "@tidewing hello", revision=1),
        said(2, "tom", "@tidewing bye"),
        IncomingPost("simulator", "2", MONDAY, None, deleted_at=gone),
        IncomingPost("simulator", "3", MONDAY, None, deleted_at=gone),
        said(4, "tidewing", "hi", 1, 1, by_brand=True),
    ]
    found = loaded(engine, archive(tmp_path, *posts))
    assert found.counts.duplicates == 0
    assert list(openings_of(engine, found)) == ["1"]
    [excluded] = engine.run(facts(found.tables, found.scope(), ARCHIVE).exclusions)
    assert {row["reason"]: row["count"] for row in excluded if row["count"]} == {"deleted_unanswered": 1}


def test_a_list_of_brands_tells_handles_roles_and_names(engine: DuckEngine, tmp_path: Path) -> None:
    posts = [
        said(1, "tom", "@tidewingcare where is it?", 0),
        said(2, "TideWingCare", "here", 5, 1),
        said(3, "mira", "TideMiles are worth nothing", 0),
        said(4, "mira", "never again #FlyTide", 0),
        said(5, "mira", "tidewing airlines, hm", 0),
        said(6, "mira", "tidewingly", 0),
        said(7, "tidewing", "buy!", 0),
    ]
    found = loaded(engine, archive(tmp_path, *posts), brands=parse_brands(TIDEWING))
    openings = openings_of(engine, found)
    assert {
        key: (row["brand"], row["how"], row["role"], row["answered"]) for key, row in openings.items()
    } == {
        "1": ("Tidewing", "direct", "care", True),
        "3": ("Tidewing", "indirect", None, False),
        "4": ("Tidewing", "hashtag", None, False),
        "5": ("Tidewing", "indirect", None, False),
    }


def test_pages_recipients_and_what_the_network_names_are_mentions(engine: DuckEngine, tmp_path: Path) -> None:
    posts = [
        said(1, "tidewing", "hi", 0),
        said(2, "tom", "on your page", 1, page_id="u_tidewing"),
        said(3, "tom", "in private", 1, visibility=Visibility.PRIVATE, recipient_id="u_tidewing", conversation_id="c"),
        said(4, "tom", "hello?", 2, visibility=Visibility.PRIVATE, recipient_id="u_tidewing", conversation_id="c"),
        said(5, "tom", "hidden name", 3, mentions=("TideWingCare",)),
    ]  # fmt: skip
    found = loaded(engine, archive(tmp_path, *posts), brands=parse_brands(TIDEWING))
    openings = openings_of(engine, found)
    assert {key: (row["how"], row["own_page"], row["handle_name"]) for key, row in openings.items()} == {
        "2": ("direct", True, "tidewing"), "3": ("direct", False, "tidewing"), "5": ("direct", False, "tidewingcare"),
    }  # fmt: skip


def test_texts_are_read_the_same_by_one_process_and_by_several(
    engine: DuckEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        "@tidewing why is my bag lost?",
        "@tidewing you are the best, love it",
        "@tidewing thanks",
        "@tidewing ok",
    ]
    posts = [said(n, "tom", texts[n % 4], n) for n in range(1, 60)]
    posts += [said(100 + n, "tidewing", "hello", n + 1, n, by_brand=True) for n in range(1, 60, 2)]
    posts += [said(200 + n, "tom", "thank you so much!", n + 2, n) for n in range(1, 60, 2)]
    path = archive(tmp_path, *posts)

    def verdicts(found: Loaded) -> list[dict[str, Any]]:
        return sorted(engine.run(found.tables.verdicts)[0], key=lambda row: row["post_id"])

    alone = verdicts(loaded(engine, path, tone=True))
    for name, value in (("FEW", 1), ("PART", 20), ("BATCH", 7)):
        monkeypatch.setattr(crew, name, value)
    assert verdicts(loaded(engine, path, tone=True)) == alone
    assert len(alone) == 59 + 30
    assert (
        {"question", "complaint", "praise", "other"} >= {row["kind"] for row in alone} >= {"praise", "other"}
    )
    assert any(row["thanks"] for row in alone)


def test_without_brands_the_counts_say_so(engine: DuckEngine, tmp_path: Path) -> None:
    found = loaded(engine, archive(tmp_path, said(1, "tom", "@tidewing")))
    assert openings_of(engine, found) == {}
    assert any("--brands" in warning for warning in found.counts.warnings)


def test_nothing_is_an_archive_too(engine: DuckEngine, tmp_path: Path) -> None:
    found = loaded(engine, written(tmp_path, HEADER), tone=True)
    assert found.counts == ArchiveCounts(faults=found.counts.faults)
    assert openings_of(engine, found) == {}

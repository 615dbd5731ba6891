"""Going down the threads and looking up them tell the same tops and the same faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from ibis.expr.types import Table

from hearout.insight import duck
from hearout.insight.audit.known import small_table
from hearout.insight.audit.trees import trees
from hearout.insight.duck import DuckEngine
from hearout.insight.engine import Scratch
from hearout.insight.tables import TIME

MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)
Post = tuple[int, int | None, int]
"""Key, parent and the minute in which it was written."""


class LookingUp(DuckEngine):
    """One that cannot go down a thread."""

    def tops(self, told: Table) -> Table | None:
        return None


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[DuckEngine, DuckEngine]]:
    with DuckEngine() as down, LookingUp() as up:
        yield down, up


def placed(engine: DuckEngine, posts: Sequence[Post]) -> tuple[dict[int, int], Counter[str]]:
    schema = {"key": "int64", "parent_key": "int64", "posted_at": TIME}
    rows = [(key, parent, (MONDAY + timedelta(minutes=at)).isoformat()) for key, parent, at in posts]
    faults: Counter[str] = Counter()
    with Scratch(engine) as scratch:
        told = scratch.keep("told", small_table(rows, schema))
        [found] = engine.run(trees(scratch, told, faults).select("id", "root_id"))
    return {row["id"]: row["root_id"] for row in found}, faults


@pytest.mark.parametrize("seed", range(12))
def test_both_ways_tell_the_same_of_any_archive(engines: tuple[DuckEngine, DuckEngine], seed: int) -> None:
    random, circles = Random(seed), bool(seed % 2)
    posts: list[Post] = [(101, 102, 5), (102, 101, 5), (103, 102, 6), (104, 104, 7)] if circles else []
    for key in range(1, 60):
        above = random.choice([None, random.randrange(key), key - 1, random.choice([9_999, 103, 104])])
        posts.append((key, above, random.randrange(80)))
    random.shuffle(posts)
    down, up = (placed(engine, posts) for engine in engines)
    assert down == up
    assert down[1]["earlier_than_parent"]
    assert bool(down[1]["circular"]) == circles


def test_without_circles_no_engine_that_can_go_down_looks_up(
    engines: tuple[DuckEngine, DuckEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hearout.insight.audit.trees._looking_up", None)
    tops, faults = placed(engines[0], [(1, None, 1), (2, 1, 2), (3, 2, 1), (4, 3, 5), (5, 77, 1), (6, 5, 1)])
    assert tops == {1: 1, 2: 1, 4: 1, 5: 5, 6: 5}
    assert faults == {"earlier_than_parent": 1, "circular": 0}


def test_a_thread_too_deep_to_go_down_is_looked_up(
    engines: tuple[DuckEngine, DuckEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duck, "DEEP", 20)
    posts: list[Post] = [(key, key - 1 if key > 1 else None, key) for key in range(1, 101)]
    tops, faults = placed(engines[0], posts)
    assert tops == dict.fromkeys(range(1, 101), 1)
    assert not any(faults.values())

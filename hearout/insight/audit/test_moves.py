"""Each definition against what a hand computes on the same few posts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pytest

from hearout.insight.audit.moves import MOVES, business_seconds, measures, results
from hearout.insight.audit.test_auditing import Made, audited
from hearout.insight.duck import DuckEngine
from hearout.insight.facts import facts
from hearout.insight.scope import ALL, Scope
from hearout.lib.calendar import Calendar

FRIDAY = datetime(2017, 10, 6, 16, 30, tzinfo=UTC)
MINUTE = 60
HOUR = 3600


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Mira asks on Friday at 16:30, insists at 16:40 and is answered at 16:50. Tom complains at 16:30 and is
    answered on Monday at 9:10. Priya is never answered, nor is Noor, who asked on the last day."""
    archive = Made()

    def say(author: str, text: str, minutes: float, parent: str = "", brand: bool = False) -> str:
        return archive.post(author, text, FRIDAY + timedelta(minutes=minutes), parent, brand)

    mira = say("1", "@tidewing where is my bag?", 0)
    say("1", "@tidewing hello", 10, mira)
    say("2", "me too", 15, mira)
    say("tidewing", "here", 20, mira, True)
    say("1", "@tidewing thanks", 25, mira)
    tom = say("3", "@tidewing you broke it", 0)
    say("tidewing", "sorry", 2 * 24 * 60 + 16 * 60 + 40, tom, True)
    say("4", "@tidewing anybody？", 0)
    say("5", "@tidewing and me?", 14 * 24 * 60)
    document = audited(archive.write(tmp_path_factory.mktemp("moves") / "a.csv"))
    return {move["key"]: move for move in document["moves"]}


def told(move: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(move[name] for name in ("openings", "answered", "median", "mean"))


MONDAY_MORNING = (2 * 24 + 16) * HOUR + 40 * MINUTE


def test_ours_comes_first_and_counts_everybody_around_the_clock(moved) -> None:
    assert next(iter(moved)) == "ours"
    half = (20 * MINUTE + MONDAY_MORNING) / 2
    assert told(moved["ours"]) == (4, 2, half, half)
    assert moved["ours"]["response_rate"] == 0.5


def test_answered_only_knows_nobody_who_was_not(moved) -> None:
    assert told(moved["answered_only"])[:2] == (2, 2)
    assert moved["answered_only"]["response_rate"] == 1.0


def test_business_hours_leave_out_nights_and_weekends(moved) -> None:
    assert told(moved["business_hours"]) == (4, 2, 30 * MINUTE, 30 * MINUTE)


def test_a_burst_counts_from_its_last_post_before_the_answer(moved) -> None:
    assert told(moved["last_of_burst"])[3] == (10 * MINUTE + MONDAY_MORNING) / 2


def test_only_what_has_a_question_mark_of_any_script_counts(moved) -> None:
    assert told(moved["question_mark"]) == (3, 1, 20 * MINUTE, 20 * MINUTE)


def test_what_is_not_answered_in_a_week_is_gone_but_what_still_may_be_is_not(moved) -> None:
    assert told(moved["week"])[:2] == (3, 2)


def test_every_move_says_what_it_is_and_who_uses_it() -> None:
    assert len({move.key for move in MOVES}) == len(MOVES) == 7
    assert all(move.title and move.definition.endswith(".") and move.used_by for move in MOVES)


def test_automatic_replies_are_answers_where_they_count(cast, say) -> None:
    from hearout.insight.engine import run
    from hearout.insight.tables import live_tables
    from hearout.insight.threads import with_threads

    opening = say(cast.mira, "@tidewing help", 0)
    say(cast.main_handle, "we got your message", 1, opening, automatic=True)
    say(cast.main_handle, "here", 30, opening)
    say(cast.tom, "@tidewing help", 0)
    known = facts(live_tables(), Scope(ALL, now=cast.monday + timedelta(hours=1)), None)
    found = {move["key"]: move for move in results(run(*measures(with_threads(known))))}
    assert (found["ours"]["median"], found["automatic"]["median"]) == (1800, 60)
    assert found["automatic"]["answered"] == 1


def test_business_seconds_are_those_of_the_calendar() -> None:
    calendar = Calendar("UTC", dict.fromkeys(range(5), ((9 * 60, 17 * 60),)))
    start = datetime(2024, 2, 26, 8, 59, 59, tzinfo=UTC)
    times = [start + timedelta(seconds=n * 7919) for n in range(300)]
    table = ibis.memtable({"second": [int(at.timestamp()) for at in times]}, schema={"second": "int64"})
    with DuckEngine() as engine:
        [rows] = engine.run(table.select("second", worked=business_seconds(table.second)))
    for row in rows:
        at = datetime.fromtimestamp(row["second"], UTC)
        assert row["worked"] - rows[0]["worked"] == calendar.staffed_seconds(start, at)

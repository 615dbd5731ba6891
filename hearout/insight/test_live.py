"""The overview's figures are those of the metrics, in few queries whatever there is."""

from __future__ import annotations

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from hearout.insight.figures import figure
from hearout.insight.live import overview
from hearout.insight.scope import Scope, ScopeError


@pytest.fixture
def week(cast, say) -> None:
    """Tidewing: a complaint answered two days ago, a question that waits since three weeks, two of this morning."""
    day = 24 * 60
    say(cast.tom, "@tidewing hello?", -21 * day, kind="question", arrived=cast.main_handle)
    old = say(cast.mira, "@tidewing my bag!", -2 * day, kind="complaint", arrived=cast.main_handle)
    say(cast.main_handle, "found", -2 * day + 40, old)
    new = say(cast.priya, "@tidewingcare lovely", -30, kind="praise", arrived=cast.care_handle)
    say(cast.care_handle, "thanks", -25, new)
    say(cast.tom, "@tidewing when?", -5, kind="question", arrived=cast.main_handle)
    say(cast.tom, "@orchardrail when?", -5)


def test_the_overview_tells_of_today_the_week_and_the_backlog(cast, week) -> None:
    told = overview(["tidewing"], now=cast.monday)
    assert (told.today.openings, told.week.openings) == (2, 3)
    assert told.today.response_rate.value["share"] == 0.5
    assert told.today.first_response.value["median"] == 300
    assert told.week.first_response.value["median"] == (300 + 2400) / 2
    assert told.week.first_response.value["within_30_minutes"] == 1 / 3
    assert (told.backlog.n, told.backlog.value["oldest"]) == (2, 21 * 86400)
    assert {name: one.openings for name, one in told.by_tone.items()} == {
        "complaint": 1, "praise": 1, "question": 1,
    }  # fmt: skip
    assert [(name, one.openings) for name, one in told.by_handle.items()] == [
        ("@tidewing", 2),
        ("@tidewingcare", 1),
    ]


def test_the_overview_agrees_with_the_metrics(cast, week) -> None:
    told = overview(["tidewing"], now=cast.monday).week
    scope = Scope(brands=("tidewing",), since=cast.monday - timedelta(days=7), now=cast.monday)
    for name, result in (("response-rate", told.response_rate), ("first-response", told.first_response)):
        found = figure(name, scope=scope)
        assert (found.value, found.intervals, found.n) == (result.value, result.intervals, result.n)


def test_hours_without_openings_are_there_too(cast, week) -> None:
    told = overview(["tidewing"], now=cast.monday + timedelta(minutes=10))
    assert (len(told.day_hours), len(told.week_hours)) == (24, 168)
    assert told.day_hours[-1].start == cast.monday
    assert (told.day_hours[-2].openings, told.day_hours[-2].answered) == (2, 1)
    assert sum(hour.openings for hour in told.week_hours) == 3
    assert sum(hour.openings for hour in told.day_hours) == 2


def test_today_begins_at_midnight_where_the_brand_is(cast, say) -> None:
    say(cast.tom, "@tidewing", -11 * 60)
    assert overview(["tidewing"], now=cast.monday, zone=UTC).today.openings == 0
    assert overview(["tidewing"], now=cast.monday, zone=ZoneInfo("Asia/Kolkata")).today.openings == 1


def test_only_the_brands_asked_for_are_told_of_and_none_is_an_error(cast, week) -> None:
    told = overview(["orchard"], now=cast.monday)
    assert (told.week.openings, told.backlog.n) == (0, 0)
    with pytest.raises(ScopeError):
        overview([], now=cast.monday)


def test_the_overview_takes_few_queries(cast, week, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(8):
        overview(["tidewing"], now=cast.monday)

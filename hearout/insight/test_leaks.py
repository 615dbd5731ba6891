"""Leaks by week and handle are the metric leak-rate, cut up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hearout.insight.figures import figure
from hearout.insight.leaks import leaks
from hearout.insight.scope import Scope, ScopeError
from hearout.listening.models import Handle

DAY = 24 * 60


def test_each_week_counts_its_own_and_every_main_handle_apart(cast, say):
    shop = Handle.objects.create(brand=cast.brand, network="simulator", handle="tidewingshop", role="main")
    at = [
        (0, cast.main_handle, "question"),
        (1, shop, "complaint"),
        (2, cast.care_handle, "question"),
        (3, cast.main_handle, "praise"),
        (4, None, "question"),
        (-3 * DAY, cast.main_handle, "question"),
        (-60 * DAY, cast.main_handle, "question"),
    ]
    for minutes, handle, kind in at:
        say(cast.mira, "hello", minutes, kind=kind, arrived=handle)
    now = cast.monday + timedelta(days=2)
    told = leaks("tidewing", weeks=3, now=now)
    assert [week.start for week in told] == [
        datetime(2026, 2, 16, tzinfo=UTC) + timedelta(days=7 * n) for n in range(3)
    ]
    assert [(week.all.numerator["leaked"], week.all.n) for week in told] == [(0, 0), (1, 1), (2, 4)]
    assert {name: one.value["share"] for name, one in told[2].by_handle.items()} == {
        ("simulator", "tidewing"): 0.25,
        ("simulator", "tidewingshop"): 0.25,
    }
    whole = figure("leak-rate", scope=Scope(brands=("tidewing",), since=told[2].start, now=now))
    assert (whole.n, whole.numerator["leaked"], whole.intervals) == (4, 2, told[2].all.intervals)


def test_a_sunday_night_belongs_to_the_week_before(cast, say):
    midnight = -10 * 60
    say(cast.mira, "@tidewing hello", midnight - 1, kind="question")
    say(cast.mira, "@tidewing hello", midnight, kind="question")
    assert [week.all.n for week in leaks("tidewing", weeks=2, now=cast.monday)] == [1, 1]


def test_no_brand_is_not_all_brands(cast):
    with pytest.raises(ScopeError):
        leaks("")

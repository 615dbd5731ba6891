"""What a plan's file may say, and what is said of one that cannot work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from hearout.insight.probes.plan_file import EXAMPLE, PlanError, parse_plan, read_plan
from hearout.insight.probes.planning import times

START, END = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("JO_TOKEN", "jo-token")


def test_the_example_is_a_plan():
    plan = parse_plan(EXAMPLE)
    assert (plan.name, plan.each, plan.seed) == ("march", 1, None)
    assert (plan.starts_at, plan.ends_at) == (START, END)
    assert plan.shoppers[0].secrets == {"token": "jo-token"}
    assert plan.targets[0].handle == "tidewing"
    assert {tone: len(texts) for tone, texts in plan.texts.items()} == {
        "question": 3,
        "complaint": 3,
        "praise": 3,
    }


def test_a_secret_is_shown_by_no_error_and_no_representation(tmp_path):
    assert "jo-token" not in repr(parse_plan(EXAMPLE))
    with pytest.raises(PlanError) as caught:
        parse_plan(EXAMPLE.replace("env:JO_TOKEN", "hunter2"))
    assert "hunter2" not in str(caught.value)
    file = tmp_path / "token"
    file.write_text("from a file\n")
    told = parse_plan(EXAMPLE.replace("env:JO_TOKEN", f"file:{file}"))
    assert told.shoppers[0].secrets == {"token": "from a file"}


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ('disclosed_to = "Sol', '# "Sol', "who knows of it"),
        ('"Sol Reyes, head of care, and the works council (12 February 2026)"', '" "', "who knows of it"),
        ("until = 2026-03-09", "until = 2026-03-01", "later than from"),
        ("from = 2026-03-02T00:00:00", 'from = "soon"', "a time without quotes"),
        ('zone = "Europe/Lisbon"', 'zone = "Mars"', "no time zone 'Mars'"),
        ("each = 1", "each = 0", "at least 1"),
        ("each = 1", "each = true", "whole number"),
        ("each = 1", "eech = 1", "Did you mean each"),
        ('tones = ["question", "complaint", "praise"]', 'tones = ["negative"]', "question, complaint, praise"),
        ('handle = "@tidewing"', 'handle = "two words"', "one word"),
        ("{brand} take surfboards", "@tidewing take surfboards", "must have {brand} once"),
        ("Does {brand} take", "Does {brand} and {brand} take", "must have {brand} once"),
        ('name = "jo"', 'name = "Jo Smith"', "a-z"),
        ("[[target]]", "[[goal]]", "means nothing"),
        ("[texts]", "[words]", "means nothing"),
        ('name = "march"', 'name = "march', "not TOML"),
        ("secrets = { token =", "secrets = { token = 1, other =", "table of texts"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_work_is_refused_with_what_to_write(old, new, cause):
    assert old in EXAMPLE
    with pytest.raises(PlanError) as caught:
        parse_plan(EXAMPLE.replace(old, new))
    assert cause in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"[" * 5000, b"a = 1\n" * 400_000])
def test_a_file_of_another_kind_is_refused(tmp_path, body):
    file = tmp_path / "plan.toml"
    file.write_bytes(body)
    with pytest.raises(PlanError):
        read_plan(file)
    with pytest.raises(PlanError):
        read_plan(tmp_path / "none.toml")


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_times_lie_in_the_window_in_order_and_apart(count):
    pause = timedelta(minutes=20)
    for seed in range(20):
        drawn = times(Random(seed), count, START, END, pause)
        assert len(drawn) == count
        assert all(START <= at <= END for at in drawn)
        assert all(later - earlier >= pause for earlier, later in pairwise(drawn))
    assert times(Random(1), count, START, END, pause) == times(Random(1), count, START, END, pause)


def test_times_reach_every_day_and_every_hour():
    drawn = [at for seed in range(60) for at in times(Random(seed), 9, START, END, timedelta(minutes=20))]
    assert len({at.weekday() for at in drawn}) == 7
    assert len({at.hour for at in drawn}) == 24


def test_more_probes_than_fit_are_refused():
    with pytest.raises(PlanError, match="do not fit"):
        times(Random(1), 100, START, START + timedelta(hours=3), timedelta(minutes=20))
    assert len(times(Random(1), 10, START, START + timedelta(hours=3), timedelta(minutes=20))) == 10

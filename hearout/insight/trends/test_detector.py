from __future__ import annotations

import json
import math
from datetime import datetime, timedelta

import numpy as np
import pytest

from hearout.insight.trends.detector import Detector

START = datetime(2026, 3, 2)
A_DAY = 288


def times(n):
    return [START + timedelta(minutes=5 * at) for at in range(n)]


def ordinary(days, mean=6.0, seed=1, swing=0.6, dispersion=8.0):
    """Counts with a daily rhythm, more scattered than chance alone."""
    chance = np.random.default_rng(seed)
    hour = np.arange(days * A_DAY) % A_DAY / A_DAY * 2 * math.pi
    wanted = mean * (1 + swing * np.sin(hour))
    return [float(n) for n in chance.poisson(wanted * chance.gamma(dispersion, 1 / dispersion, len(hour)))]


def alarms(values, **setting):
    detector = Detector(**setting)
    return [at for at, (when, value) in enumerate(zip(times(len(values)), values, strict=True))
            if detector.step(when, value).alarm]  # fmt: skip


def test_a_burst_is_told_when_it_happens_and_once():
    values = ordinary(10)
    burst = 9 * A_DAY
    values[burst : burst + 36] = [40.0, 80.0] + [70.0, 80.0] * 17
    found = [at for at in alarms(values) if at >= burst]
    assert found[0] in (burst, burst + 1)
    assert len(found) <= 3, "each line of a growing event is no alarm of its own"


def test_what_comes_later_changes_nothing_said_before():
    values = ordinary(4)
    one, other = Detector(), Detector()
    first = [one.step(at, value) for at, value in zip(times(600), values[:600], strict=True)]
    changed = values[:600] + [500.0] * 552
    second = [other.step(at, value) for at, value in zip(times(1152), changed, strict=True)]
    assert first == second[:600]


@pytest.mark.parametrize("mean", [0.05, 1.0, 40.0])
def test_false_alarms_are_about_as_many_as_were_accepted(mean):
    weeks, series = 6, 5
    found = sum(len(alarms(ordinary(7 * weeks, mean, seed))) for seed in range(series))
    assert found / (weeks * series) <= 1.2
    strict = sum(len(alarms(ordinary(7 * weeks, mean, seed), false_alarms=0.1)) for seed in range(series))
    assert strict / (weeks * series) <= 0.2
    assert strict < found or not found


def test_the_busy_hour_of_every_day_is_expected():
    chance = np.random.default_rng(3)
    values = [float(chance.poisson(60 if at % A_DAY // 12 == 9 else 5)) for at in range(14 * A_DAY)]
    detector = Detector()
    said = [detector.step(at, value) for at, value in zip(times(len(values)), values, strict=True)]
    assert said[13 * A_DAY + 9 * 12 + 6].expected > 30
    assert said[13 * A_DAY + 15 * 12].expected < 10
    assert not any(one.alarm for one in said[7 * A_DAY :])


def test_weekends_and_free_days_are_expected_to_be_quiet():
    values = [4.0 if (START + timedelta(minutes=5 * at)).weekday() >= 5 else 40.0 for at in range(70 * A_DAY)]
    detector = Detector()
    for at, value in zip(times(len(values)), values, strict=True):
        detector.step(at, value)
    monday, saturday = START + timedelta(days=70, hours=12), START + timedelta(days=75, hours=12)
    workday = detector.baseline.expected(monday)
    assert detector.baseline.expected(saturday) < 0.5 * workday
    assert detector.baseline.expected(monday, free=True) < workday


def test_a_state_goes_on_where_it_was_taken():
    values = ordinary(5)
    whole, first = Detector(), Detector()
    said = [whole.step(at, value) for at, value in zip(times(1440), values, strict=True)]
    for at, value in zip(times(700), values[:700], strict=True):
        first.step(at, value)
    second = Detector.from_state(json.loads(json.dumps(first.state)))
    rest = [second.step(at, value) for at, value in zip(times(1440)[700:], values[700:], strict=True)]
    assert rest == said[700:]


def test_a_new_series_alarms_nobody_on_its_first_day():
    assert alarms([0.0] * 100 + [500.0] * 5 + [0.0] * 100) == []


@pytest.mark.parametrize("value", [0.0, 1e14, 0.001])
def test_no_count_breaks_it(value):
    detector = Detector()
    for at in times(400):
        said = detector.step(at, value)
        assert 0 <= said.score <= 1
        assert math.isfinite(said.expected)
    json.dumps(detector.state, allow_nan=False)


def test_a_setting_that_is_none_is_refused():
    for setting in ({"seconds": 0}, {"false_alarms": 0}, {"seconds": math.nan}):
        with pytest.raises(ValueError, match="0"):
            Detector(**setting)


def test_a_burst_teaches_no_more_than_a_busy_hour_does():
    def expected_after(height):
        detector = Detector()
        values = ordinary(10)
        values[9 * A_DAY : 9 * A_DAY + 12] = [height] * 12
        for at, value in zip(times(len(values)), values, strict=True):
            detector.step(at, value)
        return detector.baseline.expected(START + timedelta(days=10))

    assert expected_after(100_000.0) == pytest.approx(expected_after(100.0), rel=0.02)

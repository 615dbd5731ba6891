from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from hearout.insight.trends.nab import NO_WINDOW, Labelled, best, curve, left_out, read_nab, scored, together
from hearout.insight.trends.series_file import Point, detected

START = datetime(2026, 3, 2)


def labelled(name, length, *windows):
    points = tuple(Point(START + timedelta(minutes=5 * at), 1.0, ("", "1")) for at in range(length))
    return Labelled(name, points, windows)


def scores(length, *places):
    return [1.0 if at in places else 0.0 for at in range(length)]


ONE = labelled("one", 1000, (400, 499))


def figure(*places):
    return scored([ONE], {"one": scores(1000, *places)}, 1.0)


def test_nothing_detected_scores_nothing_and_the_first_line_of_a_window_all():
    assert figure().score == pytest.approx(0)
    assert figure(400).score == pytest.approx(100)
    assert (figure(400).found, figure(400).windows) == (1, 1)


def test_a_late_detection_earns_less_by_the_curve():
    middle = curve(-50 / 100) / curve(-1)
    assert figure(450).score == pytest.approx(100 * (middle + 1) / 2)
    assert figure(450, 470, 499).score == figure(450).score, "only the first in a window counts"


def test_detections_outside_windows_cost_more_the_farther_behind_they_are():
    whole = 100 * (1 + 1 - 0.11) / 2
    assert figure(400, 200).score == pytest.approx(whole), "before the first window"
    assert figure(400, 999).score == pytest.approx(whole), "long after it"
    near = 100 * (1 + 1 + 0.11 * curve(20 / 99)) / 2
    assert figure(400, 519).score == pytest.approx(near)
    assert figure(400, 519).false == 1


def test_the_first_lines_do_not_count():
    assert figure(100, 149).score == pytest.approx(0)
    assert figure(150).score < 0
    assert figure(150).false == 1


def test_one_threshold_is_chosen_over_all_series():
    two = labelled("two", 1000, (400, 499))
    given = {"one": [0.0] * 1000, "two": [0.0] * 1000}
    given["one"][400] = 0.6
    given["two"][400], given["two"][900], given["two"][901] = 0.4, 0.5, 0.45
    whole = best([ONE, two], given)
    assert (whole.threshold, whole.found, whole.false) == (0.4, 2, 2)
    assert whole == scored([ONE, two], given, 0.4)
    apart = dict(left_out([ONE, two], given))
    assert apart["one"].threshold == 0.4
    assert apart["two"].threshold == 0.6, "chosen without having seen it"
    assert together(list(apart.values())) == pytest.approx((100 + 0) / 2)


def test_a_folder_is_read_with_the_series_that_are_there(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "data" / "x").mkdir(parents=True)
    span = ["2026-03-02 00:05:00.000000", "2026-03-02 00:10:00.000000"]
    labels = {"x/here.csv": [span], "x/elsewhere.csv": [span]}
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps(labels))
    lines = [f"{START + timedelta(minutes=5 * at)},{at}" for at in range(5)]
    (tmp_path / "data" / "x" / "here.csv").write_text("timestamp,value\n" + "\n".join(lines))
    (found,) = read_nab(tmp_path)
    assert (found.name, found.windows, len(found.points)) == ("here", ((1, 2),), 5)


def test_the_detector_reaches_its_score_on_real_counts_of_tweets(shared_data):
    folder = shared_data / "nab"
    if not folder.is_dir():
        pytest.skip("no NAB series there")
    series = read_nab(folder)
    said = {one.name: [told for _, told in detected(one.points)] for one in series}
    given = {name: [told.score for told in lines] for name, lines in said.items()}
    assert len(series) == 5
    assert best(series, given).score >= 76
    assert together([one for _, one in left_out(series, given)]) >= 70
    assert (
        scored(series, {name: [float(told.alarm) for told in lines] for name, lines in said.items()}, 1).score
        >= 70
    )


@pytest.mark.parametrize("accepted", [0.1, 1.0, 5.0])
def test_real_series_raise_about_as_many_false_alarms_as_were_accepted(shared_data, accepted):
    folder = shared_data / "nab"
    if not folder.is_dir():
        pytest.skip("no NAB series there")
    alarms = lines = 0
    for one in read_nab(folder):
        said = [told for _, told in detected(one.points, false_alarms=accepted)]
        outside = [at for at, window, _ in one.worth if window == NO_WINDOW]
        alarms, lines = alarms + sum(said[at].alarm for at in outside), lines + len(outside)
    raised = alarms / (lines / (7 * 288))
    assert 0.6 * accepted <= raised <= 1.4 * accepted

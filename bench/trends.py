"""How soon a crisis is noticed, at what price in false alarms: `python bench/trends.py [--quick]`.

Counts of a simulated brand: posts come by the rhythm of `simulator/rhythm.py` (quiet nights, a lunch and an evening
peak), in bursts as real ones do (each hour's rate times a gamma-distributed factor, shape 4), for five weeks. Then a
crisis of so many posts a minute begins at a moment drawn by chance and lasts two hours. Time to detection is from its
first post to the alarm as the stage raises it: the bucket must be over, and two minutes past. `found`: within the two
hours. False alarms are those of the four weeks before, in which there is no crisis. With NAB's series beside the
checkout (../shared/data/nab) their score is printed too. Times are simulated: the machine does not matter.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from measure import QUICK, percentile, print_goal, print_machine

from hearout.insight.trends.detector import Detector
from hearout.insight.trends.nab import NO_WINDOW, Labelled, best, left_out, read_nab, scored, together
from hearout.insight.trends.series_file import detected
from simulator.rhythm import BY_HOUR

ROOT = Path(__file__).resolve().parent.parent
START = datetime(2026, 3, 2, tzinfo=UTC)
LEARNT_DAYS, DAYS = 7, 35
BUCKET, GRACE = 5.0, 2.0
"""Minutes."""
BURSTS = 4.0
A_DAY = (200, 2_000, 20_000)
A_MINUTE = (1, 2, 5, 20)
SETTING = 1.0
CRISES = 10 if QUICK else 60
BRANDS = 1 if QUICK else 4
LASTS = 120


def counts(posts_a_day: int, seed: int) -> list[int]:
    """Posts in each bucket of DAYS days."""
    chance = np.random.default_rng(seed)
    found = np.zeros(DAYS * 288, dtype=int)
    for hour in range(DAYS * 24):
        rate = posts_a_day * _weight(hour % 24) * chance.gamma(BURSTS, 1 / BURSTS)
        for place in chance.integers(0, 12, chance.poisson(rate)):
            found[hour * 12 + place] += 1
    return [int(count) for count in found]


def _weight(hour: int) -> float:
    return BY_HOUR[hour] / sum(BY_HOUR)


def taught(series: list[int]) -> tuple[Detector, int]:
    """The detector after the whole series, and how many alarms it raised after the first week."""
    detector, alarms = Detector(false_alarms=SETTING), 0
    for place, count in enumerate(series):
        said = detector.step(START + timedelta(minutes=BUCKET * place), float(count))
        alarms += said.alarm and place >= LEARNT_DAYS * 288
    return detector, alarms


def minutes_to_alarm(detector: Detector, posts_a_day: int, a_minute: int, seed: int) -> float | None:
    """Of a crisis that begins at a moment drawn by chance in the day after the series."""
    chance = np.random.default_rng(seed)
    detector = copy.deepcopy(detector)
    begins = float(chance.uniform(0, 22 * 60))
    for place in range(int((begins + LASTS) // BUCKET) + 1):
        start = place * BUCKET
        usual = posts_a_day * _weight(int(start // 60) % 24) / 12 * chance.gamma(BURSTS, 1 / BURSTS)
        within = max(0.0, min(start + BUCKET, begins + LASTS) - max(start, begins))
        count = chance.poisson(usual) + chance.poisson(a_minute * within)
        said = detector.step(START + timedelta(days=DAYS, minutes=start), float(count))
        if said.alarm and start + BUCKET > begins:
            return start + BUCKET + GRACE - begins
    return None


def main() -> None:
    print_machine()
    print(f"setting: {SETTING:g} false alarm a week; {CRISES} crises each\n")
    head = ("posts a day", "crisis, a minute", "found", "median min", "p90 min", "false a week")
    print(" ".join(f"{name:>16}" for name in head))
    weeks = (DAYS - LEARNT_DAYS) / 7 * BRANDS
    every: list[float] = []
    for posts in A_DAY:
        brands = [taught(counts(posts, seed)) for seed in range(BRANDS)]
        rate = sum(alarms for _, alarms in brands) / weeks
        every.append(rate)
        for a_minute in A_MINUTE:
            waits = [
                minutes_to_alarm(brands[seed % BRANDS][0], posts, a_minute, seed) for seed in range(CRISES)
            ]
            found = [wait for wait in waits if wait is not None]
            told = [f"{percentile(found, share):.1f}" if found else "" for share in (0.5, 0.9)]
            row = (f"{posts:,}", a_minute, f"{len(found) / CRISES:.0%}", *told, f"{rate:.2f}")
            print(" ".join(f"{cell:>16}" for cell in row), flush=True)
    print()
    print_goal(
        "no more false alarms than were accepted", f"{max(every):.2f} a week at most", max(every) <= SETTING
    )
    folder = ROOT.parent / "shared" / "data" / "nab"
    if folder.is_dir():
        score(folder)


def score(folder: Path) -> None:
    series = read_nab(folder)
    said = {one.name: [told for _, told in detected(one.points)] for one in series}
    scores = {name: [told.score for told in lines] for name, lines in said.items()}
    alarms = {name: [float(told.alarm) for told in lines] for name, lines in said.items()}
    whole = best(series, scores).score
    apart = together([figure for _, figure in left_out(series, scores)])
    print_goal("NAB, standard profile, at least 65", f"{whole:.1f}", whole >= 65)
    as_set = scored(series, alarms, 1.0).score
    print(f"each series left out when the threshold is chosen: {apart:.1f}; as set: {as_set:.1f}")
    print("\naccepted a week and raised a week, outside of labelled windows, in real series:")
    for setting in (0.1, 0.25, 0.5, 1.0, 2.0, 5.0):
        print(f"{setting:>8g} {outside_a_week(series, setting):>8.2f}")


def outside_a_week(series: list[Labelled], setting: float) -> float:
    """Alarms outside of labelled windows in a week of a series."""
    alarms, lines = 0, 0
    for one in series:
        said = [told for _, told in detected(one.points, false_alarms=setting)]
        outside = [at for at, window, _ in one.worth if window == NO_WINDOW]
        alarms, lines = alarms + sum(said[at].alarm for at in outside), lines + len(outside)
    return alarms / (lines / (7 * 288))


if __name__ == "__main__":
    main()

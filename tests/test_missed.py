"""What a day's posts cost: the simulated day knows which of them wanted an answer.

Before there were costs, a post was set aside when the reading said that nothing is wanted and was at least 60 %
sure of it. The point that follows from the default costs must miss far fewer posts than that did, and each
needless case that it opens on top must be worth it. Brands that were here before keep what they had.
"""

from __future__ import annotations

import json
from collections import Counter

import httpx2
import pytest

from hearout.triage.choosing import FAST, RULES
from hearout.triage.conditions import Facts
from hearout.triage.models import ReadingSettings
from hearout.triage.ruling import SURE, rule_on
from hearout.triage.wanting import doubted
from hearout.understanding.readers import reader
from simulator.running import running_simulator

POSTS, SEED = 1_500, 11
AS_BEFORE = ReadingSettings(cost_missed=3, cost_needless=2).threshold
"""What the migration gives to brands that were here before."""


@pytest.fixture(scope="module")
def said() -> list[dict]:
    """What customers wrote in a day about the brand or words like its name, with the truth."""
    with running_simulator(seed=SEED) as network, httpx2.Client(base_url=network.url, trust_env=False) as ask:
        day = {"brand": "tidewing", "posts": POSTS, "speed": 100_000, "seed": SEED}
        ask.post("/control/day", json=day).raise_for_status()
        while ask.get("/control/day", params={"wait": 5}, timeout=30).json()["running"]:
            pass
        lines = ask.get("/control/truth", timeout=30).text.splitlines()
    told = [json.loads(line) for line in lines]
    return [line for line in told if line["event"] == "posted" and not line["brand"] and line["text"]]


def facts_of(line, reading) -> Facts:
    text = line["text"].lower()
    how = "direct" if "@tidewing" in text else "hashtag" if "#" in text else "indirect"
    return Facts(
        text=line["text"], kind=reading.kind, sentiment=reading.sentiment, emotion=reading.emotion,
        urgency=reading.urgency, language=reading.language, needs_answer=reading.needs_answer,
        thanks=reading.thanks, confidence=0.0, how=how, own_page=how == "indirect" and bool(line["feeds"]),
    )  # fmt: skip


def outcomes(said, name, threshold):
    """Counts of (wanted an answer, went to a person, unsure) by the threshold, and by how it was before."""
    now, before = Counter(), Counter()
    for line, reading in zip(said, reader(name).read([line["text"] for line in said]), strict=True):
        sure = reading.confidence["needs_answer"]
        ruling = rule_on(facts_of(line, reading), sure, (), threshold, doubted(reading))
        now[line["wants_answer"], ruling.needs_answer, ruling.unsure] += 1
        before[line["wants_answer"], reading.needs_answer or sure < SURE] += 1
    return now, before


@pytest.mark.parametrize("name", [RULES, FAST])
def test_the_default_costs_miss_far_less_and_the_needless_cases_are_worth_it(said, name):
    now, before = outcomes(said, name, ReadingSettings().threshold)
    missed = now[True, False, False] + now[True, False, True]
    needless = now[False, True, False] + now[False, True, True]
    wanted = sum(count for (wants, *_), count in now.items() if wants)
    print(f"\n{name}: {len(said)} posts, {wanted} want an answer; missed {before[True, False]} -> {missed},")
    print(f"needless {before[False, True]} -> {needless}, unsure to a person "
          f"{now[True, True, True]} wanting + {now[False, True, True]} not")  # fmt: skip
    assert missed < 0.4 * before[True, False]
    assert before[True, False] - missed > needless - before[False, True]
    assert needless < 0.6 * (len(said) - wanted)
    settings = ReadingSettings()
    cost = settings.cost_missed * missed + settings.cost_needless * needless
    cost_before = settings.cost_missed * before[True, False] + settings.cost_needless * before[False, True]
    assert cost < 0.6 * cost_before


@pytest.mark.parametrize("name", [RULES, FAST])
def test_brands_that_were_here_before_lose_no_post_that_they_would_have_seen(said, name):
    now, before = outcomes(said, name, AS_BEFORE)
    seen = now[True, True, False] + now[True, True, True]
    needless = now[False, True, False] + now[False, True, True]
    assert seen >= 0.99 * before[True, True]
    assert needless <= 1.25 * before[False, True]

"""How right the hits are and how many are missed: by what people said, and by counting twice."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hearout.lib.wait_statistics import wilson
from hearout.listening.models import Mention, MentionHit
from hearout.listening.precision import by_query, by_term, of_hits
from hearout.listening.recall import Recapture, recall, recall_of_query
from hearout.listening.relevance import judge
from hearout.listening.revising import Wording, write

LONG_AGO = timezone.now() - timedelta(days=7)


def judged(cast: Any, external_ids: list[str], says: str) -> None:
    judge(Mention.objects.filter(post__external_id__in=external_ids), says=says, by=cast.ana)


def test_precision_counts_the_mentions_that_people_judged_with_wilsons_interval(network: Any) -> None:
    network.told(*(network.post(str(n), "Tidewing!") for n in range(6)))
    judged(network.cast, ["0", "1", "2"], "us")
    judged(network.cast, ["3"], "not_us")
    judged(network.cast, ["4"], "us")
    judged(network.cast, ["4"], "unsaid")
    standing = by_term(network.cast.brand, LONG_AGO)[0]
    assert (standing.term, standing.standing.recently) == ("Tidewing", 6)
    precision = standing.standing.precision
    assert (precision.us, precision.judged, precision.interval) == (3, 4, wilson(3, 4))
    assert precision.said == "75 % (30 to 95 %)"


def test_a_query_has_a_precision_of_its_own(network: Any) -> None:
    query = write(network.cast.brand, "Care", Wording("tidewing"), by=network.cast.ada)
    silent = write(network.cast.brand, "Silent", Wording("tidewings"), by=network.cast.ada)
    network.told(network.post("1", "Tidewing!"), network.post("2", "Tidewing!"))
    for mention in Mention.objects.all():
        MentionHit.objects.get_or_create(
            mention=mention, brand=mention.brand, query=query, route="name", term="tidewing", words="Tidewing"
        )
    judged(network.cast, ["1"], "us")
    judged(network.cast, ["2"], "not_us")
    standings = by_query(network.cast.brand, LONG_AGO)
    assert (standings[query.pk].precision.share, standings[query.pk].recently) == (0.5, 2)
    assert (standings[silent.pk].precision.said, standings[silent.pk].recently) == ("not judged yet", 0)
    found = of_hits(network.cast.brand.pk, list(Mention.objects.values_list("pk", flat=True)))
    assert found[query.pk, "name", "tidewing"].judged == 2


def test_chapmans_estimate_is_the_published_one() -> None:
    # 10 turtles marked, 15 caught, 5 of them marked: the worked example of the estimator
    twice = Recapture(10, 15, 5)
    assert int(twice.all) == 28
    low, high = twice.interval
    assert 20 <= low < twice.all < high < 80


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    dice, held = random.Random(5), 0
    for _ in range(400):
        posts = [(dice.random() < 0.4, dice.random() < 0.3) for _ in range(200)]
        twice = Recapture(sum(a for a, _ in posts), sum(b for _, b in posts), sum(a and b for a, b in posts))
        low, high = twice.interval
        held += low <= 200 <= high
    assert 0.9 <= held / 400 <= 0.995


def test_what_is_missed_is_told_once_two_ways_have_met_often_enough(network: Any) -> None:
    network.told(network.post("0", "@tidewing hello"))
    assert "takes two ways" in recall(network.cast.brand, LONG_AGO).said
    network.told(*(network.post(f"n{n}", "Tidewing is late") for n in range(12)))
    assert "it takes 7" in recall(network.cast.brand, LONG_AGO).said
    network.told(*(network.post(f"b{n}", "@tidewing, Tidewing is late") for n in range(8)))
    told = recall(network.cast.brand, LONG_AGO)
    twice = told.recapture
    assert (twice.one, twice.other, twice.both, told.by_route["name"]) == (9, 20, 8, 20)
    assert told.said.startswith("21 found, about 1 missed")
    judged(network.cast, ["n0"], "not_us")
    assert recall(network.cast.brand, LONG_AGO).recapture.other == 19


def test_what_a_query_misses_is_told_by_the_posts_that_address_us(network: Any) -> None:
    query = write(network.cast.brand, "Care", Wording("late"), by=network.cast.ada)
    assert "nothing was found by this query" in recall_of_query(network.cast.brand, query.pk, LONG_AGO).said


@pytest.mark.parametrize(("one", "other", "both"), [(0, 0, 0), (1, 1, 1), (10**6, 5, 5)])
def test_odd_counts_give_no_nonsense(one: int, other: int, both: int) -> None:
    twice = Recapture(one, other, both)
    low, high = twice.interval
    assert twice.found <= low <= high
    assert 0 <= twice.missed_interval[0] <= twice.missed_interval[1]

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hearout.people.models import Brand
from hearout.triage.conditions import ConditionError, Facts, check, compile_conditions
from hearout.triage.dry_run import dry_run
from hearout.triage.models import Rule
from hearout.triage.topics import Topic, finder_of, names_of, tried, words_in

LOUNGE = "@tidewing the lounge had no coffee"
DELIVERY = {"field": "topics", "is": "Delivery"}


def own(cast: Any, name: str = "Lounge", words: str = "lounge\nlounges", **more: Any) -> Topic:
    return Topic.objects.create(brand=cast.brand, name=name, words=words, **more)


def facts(*topics: str) -> Facts:
    return Facts(
        "text", "question", "neutral", "none", "low", "en", True, False, 0.9, "direct", topics=topics
    )


def test_a_verdict_keeps_the_topics_of_its_post_and_the_words_that_told_them(triage: Any) -> None:
    verdict = triage.verdict_on("@tidewing charged twice for a seat")
    assert verdict.topics == ["Billing and refund", "Booking and seats"]
    assert verdict.reasons["topics"][-1] == "seat"
    assert len(verdict.weights["topics"]) == len(verdict.reasons["topics"])


def test_a_brands_own_topic_is_found_in_its_next_post_and_in_no_other_brands(triage: Any) -> None:
    assert "Lounge" not in triage.verdict_on(LOUNGE).topics
    own(triage.cast)
    verdict = triage.verdict_on(LOUNGE)
    assert verdict.topics == ["Lounge", "Food and drink"]
    assert verdict.reasons["topics"] == ["lounge", "coffee"]
    assert "Lounge" not in triage.verdict_on(LOUNGE, brand=triage.cast.other_brand).topics


def test_words_widen_a_built_in_topic_and_a_switch_takes_it_out(triage: Any) -> None:
    row = own(triage.cast, "Food and drink", "crisps")
    assert triage.verdict_on("@tidewing no crisps today").topics == ["Food and drink"]
    row.active = False
    row.save()
    assert triage.verdict_on("@tidewing no crisps, no coffee").topics == []


def test_a_topic_switched_off_or_removed_is_not_found_any_more(triage: Any) -> None:
    row = own(triage.cast)
    row.active = False
    row.save()
    assert "Lounge" not in triage.verdict_on(LOUNGE).topics
    row.active = True
    row.save()
    assert "Lounge" in triage.verdict_on(LOUNGE).topics
    row.delete()
    assert "Lounge" not in triage.verdict_on(LOUNGE).topics


def test_a_brand_without_topics_of_its_own_has_no_finder(cast: Any) -> None:
    assert finder_of([]) is None
    assert finder_of([Topic(brand=cast.brand, name="Lounge", words="lounge", active=False)]) is None
    assert finder_of([Topic(brand=cast.brand, name="Delivery", words="")]) is None


def test_two_topics_of_a_brand_have_two_names(cast: Any) -> None:
    own(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        own(cast, "LOUNGE")
    Topic.objects.create(brand=cast.other_brand, name="Lounge")


def test_the_topics_a_brand_can_have_are_its_own_and_the_built_in_ones_that_are_on(cast: Any) -> None:
    own(cast)
    own(cast, "Asleep", active=False)
    own(cast, "Jobs", "", active=False)
    names = names_of([cast.brand])
    assert names[:2] == ["Lounge", "Delivery"]
    assert {"Jobs", "Asleep"}.isdisjoint(names)
    assert "Jobs" in names_of([cast.brand, cast.other_brand])


def test_words_are_taken_one_a_line_or_with_commas_and_each_once() -> None:
    assert words_in(" lounge ,  sky   club\n\nlounge\r\n") == ["lounge", "sky club"]


@pytest.mark.parametrize(
    ("tree", "applies"),
    [
        (DELIVERY, True),
        ({"field": "topics", "in": ["Jobs", "Lounge"]}, True),
        ({"field": "topics", "in": ["Jobs", "Safety"]}, False),
        ({"not": DELIVERY}, False),
        ({"all": [DELIVERY, {"field": "kind", "is": "praise"}]}, False),
    ],
)
def test_a_rule_may_ask_for_topics(tree: Any, applies: bool) -> None:
    assert compile_conditions(tree)(facts("Lounge", "Delivery")) is applies
    assert compile_conditions(DELIVERY)(facts()) is False


@pytest.mark.parametrize("value", ["", 3, None, "x" * 500])
def test_a_topic_that_cannot_be_is_refused(value: Any) -> None:
    with pytest.raises(ConditionError):
        check({"field": "topics", "is": value})


def test_a_rule_on_an_own_topic_decides_and_is_tried_with_that_topic(triage: Any) -> None:
    own(triage.cast)
    tree = {"field": "topics", "is": "Lounge"}
    rule = Rule(brand=triage.cast.brand, name="Lounge", conditions=tree, set_aside="partner's lounge")
    triage.mention(LOUNGE)
    triage.decide()
    assert dry_run(triage.cast.brand, [rule], now=triage.cast.monday).decided_by == {"the rule “Lounge”": 1}
    triage.rule(tree, set_aside="partner's lounge")
    assert triage.verdict_on(LOUNGE).set_aside == "partner's lounge"


def test_trying_a_topic_tells_which_posts_of_last_week_would_have_it_and_writes_nothing(triage: Any) -> None:
    cast = triage.cast
    own(cast, words="lounge")
    triage.mention("@tidewing the lounge was full")
    triage.mention("@tidewing the sky club was full")
    triage.mention("@tidewing hello")
    triage.mention(LOUNGE, posted_at=cast.monday - timedelta(days=9))
    triage.mention(LOUNGE, brand=cast.other_brand)
    triage.decide()
    widened = Topic.objects.get()
    widened.words = "lounge, sky club"
    result = tried(widened, now=cast.monday)
    assert (result.looked_at, result.before, result.found, result.cut) == (3, 1, 2, False)
    assert [(one.words, one.fresh) for one in result.examples] == [(["sky club"], True), (["lounge"], False)]
    assert Topic.objects.get().words == "lounge"
    assert tried(Topic(brand=Brand.objects.get(pk=cast.brand.pk), name="New"), now=cast.monday).found == 0


def test_hostile_words_and_posts_stop_nothing(triage: Any) -> None:
    own(triage.cast, "Odd", "(((\n.*\n🎉\n\u200b\n" + "x" * 5_000)
    assert triage.verdict_on("@tidewing 🎉 (((" + "lounge " * 20_000).topics == ["Odd"]

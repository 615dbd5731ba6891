"""What becomes of a post that the reading is not sure of, and what costs have to do with it."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from hearout.people.models import Brand
from hearout.triage import choosing
from hearout.triage.conditions import Facts
from hearout.triage.default_rules import give_default_rules
from hearout.triage.dry_run import dry_run
from hearout.triage.models import Priority, ReadingSettings, Rule, Verdict
from hearout.triage.rulebook import Page, Rulebook, rulebook
from hearout.triage.wanting import THRESHOLD, chance
from hearout.understanding.reading import Kind, Reading, Urgency
from hearout.understanding.rules import RulesReader
from hearout.understanding.tiers import AutoReader


def facts(**more: Any) -> Facts:
    plain = {"text": "", "kind": "other", "sentiment": "neutral", "emotion": "none", "urgency": "low",
             "language": "en", "needs_answer": False, "thanks": False, "confidence": 0.0, "how": "direct"}  # fmt: skip
    return Facts(**{**plain, **more})


def test_the_threshold_is_where_both_mistakes_cost_the_same() -> None:
    settings = ReadingSettings(cost_missed=5, cost_needless=1)
    assert settings.threshold == pytest.approx(1 / 6)
    assert settings.threshold * 5 == pytest.approx((1 - settings.threshold) * 1)
    assert ReadingSettings(cost_missed=1, cost_needless=1).threshold == 0.5
    assert pytest.approx(ReadingSettings().threshold) == THRESHOLD


def test_the_chance_follows_the_readings_word_and_who_is_spoken_to() -> None:
    assert chance(facts(needs_answer=True), 0.9) > 0.9
    to_us, of_us = chance(facts(), 0.7), chance(facts(how="indirect"), 0.7)
    assert of_us < THRESHOLD < to_us < 0.5
    assert chance(facts(how="indirect", own_page=True), 0.7) == to_us
    assert chance(facts(kind=Kind.PRAISE), 0.7) == of_us
    assert chance(facts(how="indirect", kind=Kind.QUESTION), 0.6) > THRESHOLD
    assert [chance(facts(), sure) for sure in (0.0, 1.0)] == [1.0, 0.0]
    surer = [chance(facts(), sure / 10) for sure in range(11)]
    assert surer == sorted(surer, reverse=True)


def test_an_unsure_reading_never_sets_aside_silently(triage: Any, told: Any) -> None:
    told(confidence={"needs_answer": 0.55})
    verdict = triage.verdict_on("hm")
    assert (verdict.needs_answer, verdict.unsure) == (True, True)
    assert verdict.because == "unsure: whether an answer is wanted (chance 44 %)"


def test_a_post_whose_kind_nobody_knows_goes_to_a_person_when_it_is_said_to_us(
    triage: Any, told: Any
) -> None:
    told(confidence={"needs_answer": 0.95}, abstained=("kind", "emotion"))
    to_us = triage.verdict_on("brr", "direct")
    assert (to_us.needs_answer, to_us.unsure, to_us.set_aside) == (True, True, "")
    assert to_us.because.startswith("unsure: ")
    of_us = triage.verdict_on("brr", "indirect")
    assert (of_us.needs_answer, of_us.unsure) == (False, True)
    assert of_us.because.startswith("unsure: ")
    told(confidence={"needs_answer": 0.9}, thanks=True, abstained=("kind",))
    assert triage.verdict_on("thx").set_aside == "a thank-you"


def test_what_is_unsure_is_not_of_low_priority_unless_a_rule_says_so(triage: Any, told: Any) -> None:
    told(urgency=Urgency.LOW, confidence={"needs_answer": 0.55})
    assert triage.verdict_on("hm").priority == Priority.NORMAL
    triage.rule({}, priority=Priority.LOW)
    assert triage.verdict_on("hm").priority == Priority.LOW


def test_an_answer_wanted_for_sure_of_an_unknown_kind_is_marked_too(triage: Any, told: Any) -> None:
    told(needs_answer=True, confidence={"needs_answer": 0.9}, abstained=("needs_answer",))
    assert triage.verdict_on("brr").unsure
    told(needs_answer=True, confidence={"needs_answer": 0.9}, abstained=("emotion", "sarcasm"))
    assert not triage.verdict_on("brr").unsure


def test_a_rule_leaves_nothing_unsure(triage: Any, told: Any) -> None:
    told(confidence={"needs_answer": 0.5}, abstained=("kind",))
    triage.rule({}, needs_answer=True)
    assert not triage.verdict_on("hm").unsure


def test_costs_move_the_point_from_which_a_person_looks(triage: Any, told: Any) -> None:
    told(confidence={"needs_answer": 0.7})
    assert triage.verdict_on("hm").needs_answer
    settings = ReadingSettings.objects.create(brand=triage.cast.brand, cost_missed=1, cost_needless=1)
    aside = triage.verdict_on("hm")
    assert (aside.needs_answer, aside.unsure) == (False, False)
    settings.cost_missed = 20
    settings.save()
    assert triage.verdict_on("hm", "indirect").needs_answer
    settings.brand = triage.cast.other_brand
    settings.save()
    assert not triage.verdict_on("hm", "indirect").needs_answer


def test_each_brand_is_read_by_the_tier_it_chose(triage: Any, monkeypatch: Any) -> None:
    cast, other = triage.cast, triage.cast.other_brand
    batches: list[tuple[str, list[str]]] = []

    class Listed(RulesReader):
        def __init__(self, name: str) -> None:
            self.name = name

        def read(self, texts: Any) -> list[Reading]:
            batches.append((self.name, list(texts)))
            return [replace(reading, reader=self.name) for reading in super().read(texts)]

    readers = {name: Listed(name) for name in (choosing.RULES, choosing.FAST)}
    monkeypatch.setattr(choosing, "_loaded", readers.__getitem__)
    ReadingSettings.objects.create(brand=cast.brand, tier="rules")
    for number, brand in enumerate((cast.brand, other, cast.brand)):
        Brand.objects.filter(pk=brand.pk).update(served=True)
        triage.mention(f"@tidewing where is bag {number}?", brand=brand)
    triage.decide()
    read = Verdict.objects.order_by("mention").values_list("reader", flat=True)
    assert list(read) == [choosing.RULES, choosing.FAST, choosing.RULES]
    assert [len(texts) for _, texts in batches] == [2, 1]


def test_a_reader_that_cannot_be_loaded_stops_nothing(monkeypatch: Any) -> None:
    def broken(name: str) -> Any:
        if name != choosing.RULES:
            raise ValueError("the model is damaged")
        return RulesReader()

    monkeypatch.setattr(choosing, "reader", broken)
    choosing._loaded.cache_clear()
    assert choosing.reader_of(1, Page(tier="fast")).name == choosing.RULES
    choosing._loaded.cache_clear()


def test_the_accurate_reader_reads_its_share_again_and_is_missed_by_nobody(monkeypatch: Any) -> None:
    class Accurate(RulesReader):
        def read(self, texts: Any) -> list[Reading]:
            return [replace(reading, reader="accurate") for reading in super().read(texts)]

    monkeypatch.setattr(choosing, "_loaded", lambda name: RulesReader())
    monkeypatch.setattr(choosing, "_autos", {})
    monkeypatch.setattr(choosing, "_accurate", Accurate)
    page = Page(tier="auto", share=0.25, budget=1.0)
    texts = ["you lost my bag, where is it?"] * 8
    read = [reading.reader for reading in choosing.reader_of(1, page).read(texts)]
    assert read.count("accurate") == 2
    assert choosing.reader_of(1, page) is choosing.reader_of(1, page)
    assert choosing.reader_of(1, page) is not choosing.reader_of(2, page)
    assert choosing.reader_of(1, replace(page, share=0.5)).share == 0.5  # type: ignore[attr-defined]
    monkeypatch.setattr(choosing, "_accurate", lambda: None)
    assert {reading.reader for reading in choosing.reader_of(1, page).read(texts)} == {"rules-1"}


def test_the_accurate_reader_gets_the_processor_time_that_the_page_says(monkeypatch: Any) -> None:
    monkeypatch.setattr(choosing, "_loaded", lambda name: RulesReader())
    monkeypatch.setattr(choosing, "_autos", {})
    monkeypatch.setattr(choosing, "_accurate", RulesReader)
    page = Page(tier="auto", share=1.0, budget=0.3)
    reader = choosing.reader_of(1, page)
    assert isinstance(reader, AutoReader)
    assert (reader.share, reader.budget) == (1.0, 0.3)
    assert choosing.reader_of(1, replace(page)) is reader
    more = choosing.reader_of(1, replace(page, budget=0.4))
    assert isinstance(more, AutoReader)
    assert more.budget == 0.4


@pytest.mark.parametrize("nothing", [{"budget": 0.0}, {"share": 0.0}, {"tier": "fast"}])
def test_with_nothing_to_spend_the_accurate_reader_is_not_even_loaded(monkeypatch: Any, nothing: Any) -> None:
    loaded: list[bool] = []
    monkeypatch.setattr(choosing, "_loaded", lambda name: RulesReader())
    monkeypatch.setattr(choosing, "_autos", {})
    monkeypatch.setattr(choosing, "_accurate", lambda: loaded.append(True))
    page = replace(Page(tier="auto", share=1.0, budget=1.0), **nothing)
    choosing.warm(Rulebook({1: page}))
    assert not isinstance(choosing.reader_of(1, page), AutoReader)
    assert loaded == []


def test_the_book_follows_the_processor_time_that_an_admin_sets(triage: Any) -> None:
    brand = triage.cast.brand
    settings = ReadingSettings.objects.create(brand=brand, tier="auto")

    def written() -> tuple[float, float]:
        with connection.cursor() as cursor:
            page = rulebook(cursor).page(brand.pk)
        return page.budget, page.share

    assert written() == (0.2, 1.0)
    settings.accurate_budget = 0.35
    settings.save()
    assert written() == (0.35, 1.0)
    settings.tier = "fast"
    settings.save()
    assert written() == (0.0, 0.0)


@pytest.mark.parametrize(
    "wrong",
    [{"accurate_share": 1.1}, {"accurate_budget": 1.01}, {"accurate_budget": -0.01},
     {"accurate_budget": float("nan")}, {"cost_missed": 0}, {"cost_needless": -1}],
)  # fmt: skip
def test_the_database_refuses_settings_without_sense(triage: Any, wrong: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadingSettings.objects.create(brand=triage.cast.brand, **wrong)


def test_a_dry_run_of_settings_tells_which_cases_they_would_have_opened(triage: Any, told: Any) -> None:
    cast = triage.cast
    told(confidence={"needs_answer": 0.7})
    for author in (cast.mira, cast.mira, cast.tom):
        triage.mention("hm", author=author)
    triage.mention("hm", "indirect", author=cast.priya)
    triage.decide()
    assert dry_run(cast.brand, now=cast.monday).changed == 0
    careless = dry_run(cast.brand, now=cast.monday, settings=ReadingSettings(cost_missed=1))
    assert (careless.cases_more, careless.cases_fewer, careless.unsure_before) == (0, 2, 3)
    careful = dry_run(cast.brand, now=cast.monday, settings=ReadingSettings(cost_missed=50))
    assert (careful.cases_more, careful.cases_fewer, careful.unsure_after) == (1, 0, 4)


def test_spam_that_asks_for_something_is_not_set_aside(triage: Any, told: Any) -> None:
    give_default_rules(triage.cast.brand)
    assert Rule.objects.filter(brand=triage.cast.brand, name="Spam").exists()
    told(kind=Kind.REQUEST, needs_answer=True, confidence={"needs_answer": 0.9})
    assert triage.verdict_on("my promo code does not work, fix it please").needs_answer


def test_rules_that_asked_for_questions_go_on_asking_for_requests() -> None:
    with_requests = import_module("hearout.triage.migrations.0004_reading_settings").with_requests
    asked = {"field": "kind", "is": "question"}
    both = {"field": "kind", "in": ["question", "request"]}
    praise = {"field": "kind", "is": "praise"}
    assert with_requests({"all": [{"not": asked}, praise, {"any": [asked, {}]}]}) == {
        "all": [{"not": both}, praise, {"any": [both, {}]}]
    }
    assert with_requests({"field": "kind", "in": ["complaint", "question"]})["in"] == [
        "complaint", "question", "request",
    ]  # fmt: skip
    for same in ({}, both, praise, {"field": "text", "has": ["question"]}, None, "nonsense"):
        assert with_requests(same) == same

"""Verdicts on a real database: what the reading says, what the rules say, and what nobody may answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from hearout.journal.models import Entry
from hearout.listening.models import Archive, Mention, Post
from hearout.people.models import Brand, Team
from hearout.triage import deciding
from hearout.triage.conditions import ConditionError
from hearout.triage.default_rules import DEFAULT_RULES, give_default_rules
from hearout.triage.dry_run import dry_run
from hearout.triage.models import Priority, Rule, Verdict
from hearout.triage.overruling import OverruleError, overrule
from hearout.understanding.reading import Kind, Urgency

COMPLAINT = "@tidewing you cancelled my flight and nobody answers, where is my refund? This is ridiculous!"
PRAISE = "@tidewing what a wonderful crew today, best flight ever!"


def again(mention: Mention) -> None:
    Mention.objects.filter(pk=mention.pk).update(due_at=now())


def test_a_complaint_wants_an_answer_and_says_why(triage: Any) -> None:
    verdict = triage.verdict_on(COMPLAINT)
    assert (verdict.kind, verdict.needs_answer, verdict.set_aside) == ("complaint", True, "")
    assert verdict.because.startswith("the reading: needs an answer (")
    assert verdict.reasons["kind"]
    assert 0 < verdict.confidence["kind"] <= 1
    assert verdict.due_at is not None
    assert Mention.objects.get().due_at is None
    assert triage.decide() == 0


def test_our_own_post_is_set_aside_unread_but_goes_to_its_case(triage: Any) -> None:
    verdict = triage.verdict_on(COMPLAINT, "ours")
    assert (verdict.needs_answer, verdict.set_aside, verdict.kind) == (False, "our own post", "other")
    assert verdict.due_at is not None


def test_a_deleted_post_is_set_aside(triage: Any) -> None:
    verdict = triage.verdict_on("", deleted_at=now())
    assert (verdict.needs_answer, verdict.set_aside) == (False, "deleted on the network")
    assert verdict.due_at is not None


def test_archives_and_watched_brands_are_read_and_never_reach_the_inbox(triage: Any) -> None:
    archive = Archive.objects.create(name="old", path="x")
    watched = Brand.objects.create(slug="watched", name="Watched", served=False)
    for verdict in (
        triage.verdict_on(COMPLAINT, archive=archive),
        triage.verdict_on(COMPLAINT, brand=watched),
    ):
        assert (verdict.kind, verdict.needs_answer, verdict.set_aside) == (
            "complaint",
            False,
            "archive: read only",
        )
        assert verdict.due_at is None


def test_each_outcome_is_decided_by_the_first_rule_that_names_it(triage: Any) -> None:
    cast = triage.cast
    complaint = {"field": "kind", "is": "complaint"}
    triage.rule(complaint, 10, team=cast.care)
    triage.rule(complaint, 20, team=cast.praise, priority=Priority.URGENT)
    triage.rule(complaint, 30, priority=Priority.LOW, set_aside="too late")
    triage.rule(complaint, 40, needs_answer=True)
    triage.rule({"field": "kind", "is": "praise"}, 5, set_aside="praise")
    verdict = triage.verdict_on(COMPLAINT)
    assert (verdict.team, verdict.priority, verdict.set_aside) == (cast.care, Priority.URGENT, "too late")
    assert (verdict.needs_answer, verdict.because) == (False, "the rule “rule 30”")


def test_rules_of_another_brand_and_switched_off_ones_say_nothing(triage: Any) -> None:
    triage.rule({}, brand=triage.cast.other_brand, set_aside="theirs")
    triage.rule({}, active=False, set_aside="off")
    assert triage.verdict_on(COMPLAINT).needs_answer


def test_a_changed_rule_counts_at_once(triage: Any) -> None:
    rule = triage.rule({}, set_aside="first")
    assert triage.verdict_on(COMPLAINT).set_aside == "first"
    rule.set_aside = "second"
    rule.save()
    assert triage.verdict_on(COMPLAINT).set_aside == "second"
    rule.delete()
    assert triage.verdict_on(COMPLAINT).set_aside == ""


def test_a_broken_rule_stops_nothing(triage: Any) -> None:
    triage.rule({"field": "nonsense"}, 1, set_aside="never")
    triage.rule({}, 2, priority=Priority.URGENT)
    verdict = triage.verdict_on(COMPLAINT)
    assert (verdict.needs_answer, verdict.priority) == (True, Priority.URGENT)


def test_a_sure_reading_sets_aside_with_its_reason(triage: Any, told: Any) -> None:
    told(confidence={"needs_answer": 0.9})
    verdict = triage.verdict_on("nice day")
    assert (verdict.needs_answer, verdict.set_aside) == (False, "wants no answer")
    told(thanks=True, confidence={"needs_answer": 0.9})
    assert triage.verdict_on("thanks!").set_aside == "a thank-you"


@pytest.mark.parametrize(
    ("fields", "priority"),
    [
        ({"urgency": Urgency.HIGH, "kind": Kind.PRAISE}, Priority.HIGH),
        ({"kind": Kind.PRAISE}, Priority.LOW),
        ({"urgency": Urgency.LOW}, Priority.LOW),
        ({}, Priority.NORMAL),
    ],
)
def test_priority_follows_urgency_and_praise_can_wait(
    triage: Any, told: Any, fields: Any, priority: int
) -> None:
    told(needs_answer=True, **fields)
    assert triage.verdict_on("x").priority == priority


def test_a_new_brand_answers_praise_and_sets_spam_aside(triage: Any) -> None:
    assert len(give_default_rules(triage.cast.brand)) == len(DEFAULT_RULES)
    assert give_default_rules(triage.cast.brand) == []
    praise = triage.verdict_on(PRAISE)
    assert (praise.kind, praise.needs_answer, praise.priority) == ("praise", True, Priority.LOW)
    assert triage.verdict_on("@tidewing crypto giveaway, click here").set_aside == "spam"
    assert triage.verdict_on(COMPLAINT).needs_answer


def test_an_edit_is_decided_anew(triage: Any) -> None:
    mention = triage.mention(COMPLAINT)
    triage.decide()
    first = Verdict.objects.get()
    Verdict.objects.update(due_at=None)
    Post.objects.update(text=PRAISE, revision=1)
    again(mention)
    triage.decide()
    second = Verdict.objects.get()
    assert (first.pk, second.kind, second.revision) == (second.pk, "praise", 1)
    assert second.due_at is not None


def test_a_persons_word_stands_until_the_text_changes(triage: Any) -> None:
    verdict = triage.verdict_on(COMPLAINT)
    overrule(verdict, by=triage.cast.ana, set_aside="a joke", kind="other")
    Verdict.objects.update(due_at=None)
    again(verdict.mention)
    triage.decide()
    kept = Verdict.objects.get()
    assert (kept.set_aside, kept.kind, kept.because) == ("a joke", "other", "Ana decided")
    assert kept.due_at is not None
    Post.objects.update(text=COMPLAINT + " Again!", revision=1)
    again(verdict.mention)
    triage.decide()
    anew = Verdict.objects.get()
    assert (anew.needs_answer, anew.kind, anew.overruled_at) == (True, "complaint", None)


def test_a_deletion_ends_even_an_overruled_verdict(triage: Any) -> None:
    verdict = triage.verdict_on(COMPLAINT)
    overrule(verdict, by=triage.cast.ana, needs_answer=True)
    Post.objects.update(text="", deleted_at=now())
    again(verdict.mention)
    triage.decide()
    assert Verdict.objects.get().set_aside == "deleted on the network"


def test_overruling_writes_the_journal_and_wakes_cases(triage: Any) -> None:
    verdict = triage.verdict_on(COMPLAINT)
    Verdict.objects.update(due_at=None)
    overrule(verdict, by=triage.cast.sol, needs_answer=False, priority=Priority.LOW, team=triage.cast.care)
    found = Verdict.objects.get()
    assert (found.needs_answer, found.set_aside, found.priority) == (False, "wants no answer", Priority.LOW)
    assert (found.overruled_by, found.due_at is not None) == (triage.cast.sol, True)
    entry = Entry.objects.get(verb="verdict.overruled")
    assert (entry.actor_id, entry.noun_id, entry.brand_id) == (
        triage.cast.sol.pk,
        found.pk,
        triage.cast.brand.pk,
    )
    assert entry.facts["before"]["needs_answer"] is True


def test_overruling_refuses_contradictions(triage: Any) -> None:
    verdict = triage.verdict_on(COMPLAINT)
    foreign = Team.objects.create(brand=triage.cast.other_brand, name="Theirs")
    for wrong in ({"needs_answer": True, "set_aside": "x"}, {"kind": "rant"}, {"team": foreign}):
        with pytest.raises(OverruleError):
            overrule(verdict, by=triage.cast.ana, **wrong)
    assert not Entry.objects.exists()


def test_a_batch_with_one_that_breaks_decides_the_others(triage: Any, monkeypatch: Any) -> None:
    for number in range(20):
        triage.mention(f"@tidewing {number}?")
    whole = deciding.rule_for

    def rule_for(one: Any, *rest: Any) -> Any:
        if one.text == "@tidewing 13?":
            raise ValueError("thirteen")
        return whole(one, *rest)

    monkeypatch.setattr(deciding, "rule_for", rule_for)
    triage.decide()
    assert Verdict.objects.count() == 19
    assert Mention.objects.get(due_at__isnull=False).fault == "thirteen"


def test_a_dry_run_tells_what_would_change_and_writes_nothing(triage: Any) -> None:
    for _ in range(7):
        triage.mention(COMPLAINT)
    triage.mention(PRAISE)
    triage.mention(COMPLAINT, posted_at=triage.cast.monday - timedelta(days=9))
    spoken = triage.mention(COMPLAINT)
    triage.decide()
    overrule(Verdict.objects.get(mention=spoken), by=triage.cast.ana, needs_answer=True)
    before = list(Verdict.objects.order_by("id").values())
    rule = Rule(
        brand=triage.cast.brand,
        name="complaints are for Care",
        conditions={"field": "kind", "is": "complaint"},
        team=triage.cast.care,
        set_aside="closed",
    )
    result = dry_run(triage.cast.brand, [rule], now=triage.cast.monday)
    assert (result.looked_at, result.changed, result.cut) == (8, 7, False)
    assert result.changes == {"set_aside": 7, "team": 7}
    assert result.needs_answer_before - result.needs_answer_after == 7
    assert result.decided_by["the rule “complaints are for Care”"] == 7
    assert len(result.examples["team"]) == 5
    assert result.examples["set_aside"][0].text == COMPLAINT
    assert list(Verdict.objects.order_by("id").values()) == before
    assert dry_run(triage.cast.brand, now=triage.cast.monday).changed == 0


def test_a_dry_run_refuses_a_wrong_rule(triage: Any) -> None:
    with pytest.raises(ConditionError):
        dry_run(triage.cast.brand, [Rule(name="x", conditions={"field": "x"})])

"""Why a post was read as it was, and what a person says to that."""

from __future__ import annotations

import pytest

from hearout.desk.case.understood import language_named, understood
from hearout.triage.models import Verdict

MORE = {
    "confidence": {"kind": 0.92, "emotion": 0.4, "needs_answer": 0.8, "sarcasm": 0.7},
    "reasons": {"kind": ["still waiting", "third time", "lost"], "emotion": ["waiting"], "needs_answer": []},
    "weights": {"kind": [1.5, 0.75, 0.01], "emotion": [0.2]},
    "abstained": ["emotion"],
    "topics": ["Baggage", "Waiting"],
    "reader": "fast-2+tidewing.3",
    "sarcasm": True,
}


@pytest.fixture
def case(desk, cast):
    found = desk.case(cast.mira, "@tidewing still waiting for my lost bag, third time")
    Verdict.objects.filter(post=found.opening).update(**MORE)
    return found


@pytest.fixture
def ana(desk, cast):
    return desk.sign_in(cast.ana)


def verdict_of(case):
    return Verdict.objects.get(post=case.opening)


def say(client, case, what="", **data):
    return client.post(f"/cases/{case.pk}/verdicts/{verdict_of(case).pk}/{what}", data)


def test_the_case_says_why_in_a_sentence_and_shows_what_each_word_added(case, ana):
    html = " ".join(ana.get(f"/cases/{case.pk}/").content.decode().split())
    for words in (
        "(92 %)</span>",
        "because of <em><bdi>still waiting</bdi></em> and <em><bdi>third time</bdi></em>",
        '<rect class="fill" width="100" height="4">',
        '<rect class="fill" width="50" height="4">',
        "adds 1.50;",
        '<span class="chip topic"><bdi>Baggage</bdi></span>',
        "Sarcastic",
        "English",
        "Read by <bdi>fast-2+tidewing.3</bdi>",
    ):
        assert words in html, words
    assert html.count('<span class="unsure">unsure</span>') == 1


def test_words_that_decided_only_the_language_are_not_marked_in_the_post(case, ana):
    reasons = MORE["reasons"] | {"language": ["for my", "lost"], "topics": ["bag"], "sarcasm": ["third"]}
    Verdict.objects.update(reasons=reasons, weights={})
    html = ana.get(f"/cases/{case.pk}/").content.decode()
    for word in ("still waiting", "lost", "third time"):
        assert f"<mark>{word}</mark>" in html, word
    for word in ("for my", "bag"):
        assert f"<mark>{word}</mark>" not in html, word
        assert f"<mark><bdi>{word}</bdi></mark>" in html, word


def test_the_readings_confidence_is_not_shown_where_costs_or_a_rule_decided_otherwise(case, ana):
    def answer():
        return next(label for label in understood(verdict_of(case)).labels if label.key == "needs_answer")

    assert answer().sure == ""
    Verdict.objects.update(because="the reading: needs an answer (80 %)")
    assert (answer().sure, answer().unsure) == ("80 %", False)
    Verdict.objects.update(because="unsure: whether an answer is wanted (chance 25 %)", unsure=True)
    assert (answer().sure, answer().unsure) == ("", True)


def test_a_post_that_nobody_understood_says_so_until_a_person_has_spoken(case, ana):
    Verdict.objects.update(unsure=True)
    assert "Unsure</span>" in ana.get(f"/cases/{case.pk}/").content.decode()
    assert say(ana, case, "confirmation/", label="emotion").status_code == 302
    assert verdict_of(case).unsure
    assert say(ana, case, "confirmation/", label="kind").status_code == 302
    assert (verdict_of(case).unsure, verdict_of(case).overruled_at) == (False, None)
    assert say(ana, case, "confirmation/", label="shoe size").status_code == 422


def test_one_form_corrects_all_that_was_read(case, ana):
    told = {
        "kind": "request", "sentiment": "neutral", "emotion": "none", "urgency": "high", "needs_answer": "no",
    }  # fmt: skip
    assert say(ana, case, **told).status_code == 302
    verdict = verdict_of(case)
    assert {name: getattr(verdict, name) for name in told} == {**told, "needs_answer": False}
    assert [(label.sure, label.words) for label in understood(verdict).labels] == [("", [])] * 8


def test_what_was_not_changed_is_not_overruled(case, ana, cast):
    Verdict.objects.update(needs_answer=False, set_aside="spam")
    same = {"kind": "complaint", "sentiment": "negative", "needs_answer": "no"}
    say(ana, case, **same)
    assert verdict_of(case).overruled_at is None
    say(ana, case, **{**same, "kind": "praise"})
    verdict = verdict_of(case)
    assert (verdict.kind, verdict.set_aside, verdict.overruled_by) == ("praise", "spam", cast.ana)


def test_a_wrong_word_and_anothers_case_are_refused(desk, case, ana):
    assert say(ana, case, kind="nonsense").status_code == 422
    elsewhere = verdict_of(desk.case())
    for what in ("", "confirmation/"):
        where = f"/cases/{case.pk}/verdicts/{elsewhere.pk}/{what}"
        assert ana.post(where, {"kind": "praise", "label": "kind"}).status_code == 404
    assert elsewhere.kind == "complaint"


def test_an_analyst_sees_why_and_judges_nothing(desk, cast, case):
    lin = desk.sign_in(cast.lin)
    html = lin.get(f"/cases/{case.pk}/").content.decode()
    assert "still waiting" in html
    assert "Right<" not in html
    assert say(lin, case, "confirmation/", label="kind").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": {"kind": [1]}},
        {"weights": {"kind": ["x", None, {}]}},
        {"weights": {"kind": [-1, -2, 0]}},
        {"reasons": {"kind": ["<b>", "", "\u202e"]}, "topics": ["", "<i>", 3]},
        {"confidence": {"kind": "much"}, "language": "xx"},
    ],
)
def test_odd_readings_do_not_break_the_page(case, ana, wrong):
    Verdict.objects.update(**wrong)
    answer = ana.get(f"/cases/{case.pk}/")
    assert answer.status_code == 200
    assert b"<bdi><b>" not in answer.content
    assert b"<i>" not in answer.content


def test_languages_are_named():
    assert [language_named(code) for code in ("en", "und", "tlh", "pt")] == [
        "English", "Not known", "tlh", "Portuguese",
    ]  # fmt: skip

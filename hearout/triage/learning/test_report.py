"""Posts drawn by chance, what a person says of them, and what the report makes of it: counted by hand."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from hearout.listening.models import Archive, Post
from hearout.triage.learning.report import Report, Share, report_on
from hearout.triage.learning.sampling import check, draw, draw_weekly, monday, skip, to_check
from hearout.triage.learnt import Correction, SampledPost
from hearout.triage.models import Verdict
from hearout.triage.overruling import OverruleError, overrule

NINE = timedelta(days=9)


@pytest.fixture
def fifteen(triage: Any) -> Any:
    """Fifteen posts of the week before last Monday, read as whatever the reader says."""
    at = triage.cast.monday - timedelta(days=5)
    for number in range(15):
        triage.mention(f"@tidewing where is my bag number {number}?", posted_at=at)
    triage.decide()
    return triage


def said(verdict: Verdict, **other: str) -> dict[str, str]:
    """All labels as they were read, but for those given."""
    read = {name: getattr(verdict, name) for name in ("kind", "sentiment", "emotion", "urgency", "language")}
    return {**read, "needs_answer": "yes" if verdict.needs_answer else "no", **other}


def report(desk: Any) -> Report:
    from django.utils.timezone import now

    return report_on(desk.cast.brand, now=now(), weeks=400)


def test_ten_posts_of_the_last_whole_week_are_drawn_once(fifteen: Any) -> None:
    brand, now = fifteen.cast.brand, fifteen.cast.monday
    assert (draw_weekly(brand, now=now), draw_weekly(brand, now=now)) == (10, 0)
    assert {one.week for one in SampledPost.objects.all()} == {date(2026, 2, 23)}
    assert (draw(brand, now=now), draw(brand, now=now)) == (5, 0)
    assert draw(fifteen.cast.other_brand, now=now) == 0


def test_our_own_deleted_and_archived_posts_are_never_drawn(triage: Any) -> None:
    at = triage.cast.monday - timedelta(days=5)
    triage.mention("@tidewing gone", posted_at=at, deleted_at=at)
    triage.mention("@tidewing ours", how="ours", posted_at=at)
    triage.mention("@tidewing old", posted_at=at, archive=Archive.objects.create(name="old", path="x"))
    triage.decide()
    assert draw(triage.cast.brand, now=triage.cast.monday) == 0


def test_which_posts_are_drawn_does_not_hang_on_what_they_say(fifteen: Any) -> None:
    draw(fifteen.cast.brand, now=fifteen.cast.monday)
    drawn = set(SampledPost.objects.values_list("verdict_id", flat=True))
    SampledPost.objects.all().delete()
    Verdict.objects.update(kind="praise", confidence={})
    draw(fifteen.cast.brand, now=fifteen.cast.monday)
    assert set(SampledPost.objects.values_list("verdict_id", flat=True)) == drawn


def test_checking_confirms_what_was_right_and_corrects_the_rest(fifteen: Any) -> None:
    cast = fifteen.cast
    draw(cast.brand, now=cast.monday)
    one = to_check(cast.brand)[0]
    before = one.verdict
    wanted = said(before, kind="complaint", emotion="frustration")
    assert check(one, wanted, revision=0, by=cast.sol) == 2
    facts = {
        fact.label: (fact.read_as, fact.corrected_to) for fact in Correction.objects.filter(sampled=True)
    }
    assert len(facts) == 6
    assert facts["kind"] == (before.kind, "complaint")
    assert facts["urgency"] == (before.urgency, before.urgency)
    after = Verdict.objects.get(pk=before.pk)
    assert (after.kind, after.emotion, after.overruled_by) == ("complaint", "frustration", cast.sol)
    with pytest.raises(OverruleError, match="checked this post already"):
        check(one, wanted, revision=0, by=cast.ada)


def test_a_post_that_changed_since_it_was_shown_is_not_checked(fifteen: Any) -> None:
    cast = fifteen.cast
    draw(cast.brand, now=cast.monday)
    one = to_check(cast.brand)[0]
    Post.objects.filter(pk=one.verdict.post_id).update(text="edited", revision=1)
    with pytest.raises(OverruleError, match="changed on the network"):
        check(one, said(one.verdict), revision=0, by=cast.sol)
    assert not Correction.objects.exists()
    Post.objects.filter(pk=one.verdict.post_id).update(deleted_at=cast.monday)
    assert one not in to_check(cast.brand)


def test_precision_and_recall_are_those_counted_by_hand(fifteen: Any) -> None:
    """Ten posts read as questions: seven are, two are complaints, one nobody can tell. One read as a complaint is."""
    cast = fifteen.cast
    draw(cast.brand, now=cast.monday)
    ten = list(to_check(cast.brand))
    Verdict.objects.filter(pk__in=[one.verdict_id for one in ten]).update(kind="question")
    Verdict.objects.filter(pk=ten[0].verdict_id).update(kind="complaint")
    skip(ten[1], by=cast.sol)
    for place, one in enumerate(to_check(cast.brand)):
        truth = "complaint" if place in (1, 2) else one.verdict.kind
        check(one, said(one.verdict, kind=truth), revision=0, by=cast.sol)
    found = report(fifteen)
    kind = found.labels[0]
    assert (found.checked, found.skipped, found.waiting) == (9, 1, 0)
    assert (kind.right.k, kind.right.n) == (7, 9)
    classes = {one.name: one for one in kind.classes}
    assert (classes["question"].precision.k, classes["question"].precision.n) == (6, 8)
    assert (classes["question"].recall.k, classes["question"].recall.n) == (6, 6)
    assert (classes["complaint"].precision.k, classes["complaint"].precision.n) == (1, 1)
    assert (classes["complaint"].recall.k, classes["complaint"].recall.n) == (1, 3)
    assert [(one.name, one.right) for one in found.readers] == [(ten[0].verdict.reader, kind.right)]
    assert (round(kind.right.low, 4), round(kind.right.high, 4)) == (0.4526, 0.9368)


def test_what_agents_corrected_is_told_apart_and_moves_no_precision(fifteen: Any) -> None:
    for verdict in Verdict.objects.order_by("pk")[:4]:
        overrule(verdict, by=fifteen.cast.ana, kind="praise")
    found = report(fifteen)
    assert found.labels[0].right == Share.of(0, 0)
    assert [(one.label, one.corrected_to, one.n) for one in found.corrected] == [("kind", "praise", 4)]


def test_an_agents_earlier_correction_does_not_hide_what_was_read(fifteen: Any) -> None:
    cast = fifteen.cast
    draw(cast.brand, now=cast.monday)
    one = to_check(cast.brand)[0]
    read = one.verdict.kind
    overrule(one.verdict, by=cast.ana, kind="complaint")
    again = to_check(cast.brand)[0]
    check(again, said(Verdict.objects.get(pk=one.verdict_id)), revision=0, by=cast.sol)
    kind = report(fifteen).labels[0]
    assert (kind.right.k, kind.right.n) == (0, 1)
    assert [(c.name, c.precision.n, c.recall.n) for c in kind.classes] == [("complaint", 0, 1), (read, 1, 0)]


def test_calibration_compares_confidence_with_how_often_it_was_right(fifteen: Any) -> None:
    cast = fifteen.cast
    draw(cast.brand, now=cast.monday)
    for place, one in enumerate(to_check(cast.brand)):
        sure = 0.95 if place < 5 else 0.65
        Verdict.objects.filter(pk=one.verdict_id).update(confidence={"kind": sure}, kind="question")
    for place, one in enumerate(to_check(cast.brand)):
        check(
            one,
            said(one.verdict, kind="praise" if place in (0, 5, 6) else "question"),
            revision=0,
            by=cast.sol,
        )
    kind = report(fifteen).labels[0]
    told = [(one.low, one.confidence, one.right.k, one.right.n) for one in kind.bins]
    assert told == [(0.6, 0.65, 3, 5), (0.9, 0.95, 4, 5)]
    assert kind.error == pytest.approx((5 * 0.05 + 5 * 0.15) / 10)


def test_weeks_tell_what_was_read_and_what_stands_out(triage: Any) -> None:
    cast = triage.cast
    at = cast.monday - timedelta(days=5)
    for week in range(6):
        for number in range(50):
            made = triage.mention(f"@tidewing {week} {number}", posted_at=at - week * timedelta(days=7))
            made.due_at = None
            made.save()
            kind = "complaint" if number < (20 if week == 0 else 5 + week) else "other"
            Verdict.objects.create(
                mention=made, post=made.post, brand=cast.brand, kind=kind, sentiment="neutral", emotion="none",
                urgency="normal", needs_answer=True, reader="r", confidence={"kind": 0.8}, unsure=number < 10,
                due_at=None,
            )  # fmt: skip
    found = report_on(cast.brand, now=cast.monday, weeks=8)
    last = found.weeks[-1]
    assert (last.week, last.posts, last.kinds) == (date(2026, 2, 23), 50, {"complaint": 20, "other": 30})
    assert (last.confidence, last.unsure.k) == (0.8, 10)
    assert found.stands_out == [
        "Read as complaint: 40.0% in the last whole week, 12.0% to 20.0% in the 5 weeks before",
        "Read as other: 60.0% in the last whole week, 80.0% to 88.0% in the 5 weeks before",
    ]


def test_the_report_goes_through_json(fifteen: Any) -> None:
    draw(fifteen.cast.brand, now=fifteen.cast.monday)
    one = to_check(fifteen.cast.brand)[0]
    check(one, said(one.verdict), revision=0, by=fifteen.cast.sol)
    told = json.loads(json.dumps(report(fifteen).as_json()))
    assert told["labels"][0]["right"] == {
        "k": 1, "n": 1, "share": 1.0, "low": pytest.approx(0.2065, abs=1e-4), "high": 1.0,
    }  # fmt: skip
    assert told["weeks"][0]["week"] == "2026-02-23"


def test_a_week_begins_on_monday() -> None:
    from datetime import UTC, datetime

    assert monday(datetime(2026, 3, 8, 23, 59, tzinfo=UTC)) == date(2026, 3, 2)
    assert monday(datetime(2026, 3, 9, 0, 0, tzinfo=UTC)) == date(2026, 3, 9)

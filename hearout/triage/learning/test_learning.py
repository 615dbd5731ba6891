"""A brand's reader learns from its people, at night, on a real database: better, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction

from hearout.journal.models import Entry
from hearout.listening.models import Post
from hearout.triage.choosing import reader_of
from hearout.triage.deciding import decide
from hearout.triage.learning import nightly
from hearout.triage.learning.facts import ground_of, held_out
from hearout.triage.learning.nightly import base_reader, learn, learn_due, next_night
from hearout.triage.learning.versions import VersionError, in_use, roll_back, take_up
from hearout.triage.learnt import Correction, Lesson, ReaderVersion
from hearout.triage.models import ReadingSettings, Verdict
from hearout.triage.overruling import OverruleError, confirm, overrule
from hearout.triage.rulebook import rulebook
from hearout.understanding.reading import Reading

WHEN = ["today", "on Monday", "in Porto", "in Rome", "at noon", "last night", "this week", "on the way home"]
WHAT = ["my seat", "the gate", "breakfast", "our transfer", "the upgrade", "her bag tag"]
FLUFFED = [f"@tidewing {what} {when}: fluffed" for what, when in product(WHAT, WHEN)]
NEW = [f"@tidewing a stopover {when}, {what} fluffed" for what, when in product(WHAT[:3], WHEN[:4])]
PLAIN = [
    f"@tidewing {what} is at {row} {when}" for what, when, row in product(WHAT, WHEN, ("12A", "the front"))
]
COMPLAINTS = [
    f"@tidewing you cancelled {what} {when} and nobody answers, terrible"
    for what, when in product(WHAT, WHEN)
]


def posted(triage: Any, texts: Sequence[str]) -> list[Verdict]:
    mentions = [triage.mention(text) for text in texts]
    triage.decide()
    found = Verdict.objects.in_bulk([one.pk for one in mentions], field_name="mention_id")
    return [found[one.pk] for one in mentions]


def corrected(triage: Any, texts: Sequence[str], kind: str) -> None:
    for verdict in posted(triage, texts):
        if verdict.kind != kind:
            overrule(verdict, by=triage.cast.ana, kind=kind)


def read(brand: Any, texts: Sequence[str]) -> list[Reading]:
    """As the decide stage reads them now."""
    with connection.cursor() as cursor:
        return reader_of(brand.pk, rulebook(cursor).page(brand.pk)).read(texts)


@pytest.fixture(autouse=True)
def posts_numbered_alike(cast: Any) -> None:
    """Which posts are held out hangs on their numbers, and those on what ran before in this database."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE listening_post_id_seq RESTART WITH 1000")


@pytest.fixture
def fluffed(triage: Any) -> Any:
    """Tidewing's people called 48 posts with its own word for a mistake complaints; 96 others nobody touched."""
    posted(triage, PLAIN)
    corrected(triage, FLUFFED, "complaint")
    return triage


def test_a_correction_keeps_what_was_read_and_what_it_is(triage: Any) -> None:
    verdict = triage.verdict_on("@tidewing what a wonderful crew today, best flight ever!")
    before = (verdict.kind, verdict.confidence["kind"], verdict.reader)
    overrule(verdict, by=triage.cast.ana, kind="complaint", needs_answer=verdict.needs_answer)
    fact = Correction.objects.get()
    assert (fact.read_as, fact.sure, fact.reader) == before
    assert (fact.label, fact.corrected_to, fact.by, fact.sampled) == (
        "kind",
        "complaint",
        triage.cast.ana,
        False,
    )
    assert (fact.post_id, fact.brand_id, fact.revision) == (verdict.post_id, triage.cast.brand.pk, 0)


def test_every_label_can_be_corrected_and_the_reading_is_remembered(triage: Any) -> None:
    verdict = triage.verdict_on("@tidewing what a wonderful crew today, best flight ever!")
    said = {"sentiment": "negative", "emotion": "anger", "urgency": "high", "language": "pt"}
    overrule(verdict, by=triage.cast.ana, kind="complaint", needs_answer=True, **said)
    again = overrule(Verdict.objects.get(), by=triage.cast.sol, kind="other")
    assert {name: getattr(again, name) for name in said} == said
    facts = list(Correction.objects.filter(label="kind").order_by("pk"))
    assert [fact.corrected_to for fact in facts] == ["complaint", "other"]
    assert {fact.read_as for fact in facts} == {verdict.kind}


def test_a_correction_that_is_none_of_the_labels_is_refused_whole(triage: Any) -> None:
    verdict = triage.verdict_on("@tidewing hello")
    for wrong in ({"emotion": "rage"}, {"urgency": "now"}, {"sentiment": "bad"}, {"language": "'; DROP"}):
        with pytest.raises(OverruleError):
            overrule(verdict, by=triage.cast.ana, kind="complaint", **wrong)
    with pytest.raises(OverruleError):
        confirm(verdict, "priority", by=triage.cast.ana)
    assert not Correction.objects.exists()


def test_agreeing_is_a_fact_too_and_changes_nothing(triage: Any) -> None:
    verdict = triage.verdict_on("@tidewing where is my bag?")
    confirm(verdict, "kind", by=triage.cast.ana)
    confirm(verdict, "kind", by=triage.cast.ana)
    fact = Correction.objects.get()
    assert fact.read_as == fact.corrected_to == verdict.kind
    assert Verdict.objects.get().overruled_at is None


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_what_people_said(triage: Any, change: str) -> None:
    confirm(triage.verdict_on("@tidewing where is my bag?"), by=triage.cast.ana)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        getattr(Correction.objects.all(), change)(
            **({"corrected_to": "praise"} if change == "update" else {})
        )


def test_a_brand_whose_fluffed_means_complaint_is_understood_after_one_night(fluffed: Any) -> None:
    brand = fluffed.cast.brand
    assert [one.kind for one in read(brand, NEW)].count("complaint") <= 2
    version, told = learn(brand, now=fluffed.cast.monday)
    assert version is not None, told
    assert (version.reads, told) == (True, "version 1 reads from now on")
    verdicts = posted(fluffed, NEW)
    assert [one.kind for one in verdicts].count("complaint") >= 11
    assert {one.reader for one in verdicts} == {f"{version.base}+tidewing.1"}
    assert "fluffed" in verdicts[0].reasons["kind"]
    kind = version.facts["labels"]["kind"]
    assert kind["after"]["log_loss"] < kind["before"]["log_loss"]
    assert Entry.objects.get(verb="reader.taken_up").facts == {"number": 1, "instead_of": None}


def test_another_brand_reads_as_before(fluffed: Any) -> None:
    before = read(fluffed.cast.other_brand, NEW)
    learn(fluffed.cast.brand, now=fluffed.cast.monday)
    assert read(fluffed.cast.other_brand, NEW) == before


def test_rolling_back_brings_the_old_readings_back(fluffed: Any) -> None:
    brand, cast = fluffed.cast.brand, fluffed.cast
    before = read(brand, NEW + PLAIN)
    learn(brand, now=cast.monday)
    assert read(brand, NEW + PLAIN) != before
    assert roll_back(brand, by=cast.ada, why="too eager") is None
    assert read(brand, NEW + PLAIN) == before
    gone = ReaderVersion.objects.get()
    assert (gone.reads, gone.retired_by, gone.why) == (False, cast.ada, "too eager")
    entry = Entry.objects.get(verb="reader.rolled_back")
    assert (entry.actor_id, entry.facts["number"], entry.facts["back_to"]) == (cast.ada.pk, 1, None)
    with pytest.raises(VersionError, match="nothing to roll back"):
        roll_back(brand, by=cast.ada)


def test_after_a_roll_back_no_night_takes_a_version_up_until_a_person_does(fluffed: Any) -> None:
    brand, cast = fluffed.cast.brand, fluffed.cast
    learn(brand, now=cast.monday)
    roll_back(brand, by=cast.ada)
    corrected(fluffed, NEW, "complaint")
    second, told = learn(brand, now=cast.monday + timedelta(days=1))
    assert second is not None
    assert "waits for an admin" in told
    assert in_use(brand) is None
    take_up(second, by=cast.ada)
    assert in_use(brand) == second
    confirm(Verdict.objects.filter(brand=brand).latest("pk"), by=cast.ben)
    third, _ = learn(brand, now=cast.monday + timedelta(days=2))
    assert in_use(brand) == third


def test_rolling_back_a_second_version_reads_with_the_first_again(fluffed: Any) -> None:
    brand, cast = fluffed.cast.brand, fluffed.cast
    first, _ = learn(brand, now=cast.monday)
    readings = read(brand, NEW)
    corrected(fluffed, NEW, "praise")
    version = ReaderVersion.objects.create(
        brand=brand, number=2, base=first.base, arrays=bytes(first.arrays), facts={}
    )
    take_up(version, by=None)
    assert {one.reader for one in read(brand, NEW)} == {f"{first.base}+tidewing.2"}
    assert roll_back(brand, by=cast.ada) == first
    assert read(brand, NEW) == readings


def test_what_is_worse_is_kept_with_its_reason_and_cannot_be_taken_up(triage: Any) -> None:
    """The posts learnt from say complaint, those kept out say that all was well: what is learnt makes it worse."""
    brand = triage.cast.brand
    posted(triage, PLAIN)
    for verdict in posted(triage, FLUFFED):
        if held_out(verdict.post_id):
            confirm(verdict, "kind", by=triage.cast.ben)
        elif verdict.kind != "complaint":
            overrule(verdict, by=triage.cast.ana, kind="complaint")
    before = read(brand, NEW)
    version, told = learn(brand, now=triage.cast.monday)
    assert version is not None
    assert version.why_not.startswith("kind: its log loss would be")
    assert not version.arrays
    assert "not taken up" in told
    assert read(brand, NEW) == before
    with pytest.raises(VersionError, match="log loss"):
        take_up(version, by=triage.cast.ada)
    with pytest.raises(DatabaseError, match="what_is_worse_is_not_taken_up"), transaction.atomic():
        ReaderVersion.objects.update(taken_up_at=triage.cast.monday)


def test_ten_false_corrections_do_not_turn_other_posts(fluffed: Any) -> None:
    brand = fluffed.cast.brand
    posted(fluffed, COMPLAINTS[12:])
    corrected(fluffed, COMPLAINTS[:10], "praise")
    version, told = learn(brand, now=fluffed.cast.monday)
    assert version is not None, told
    assert version.reads, told
    others = [f"{text}!" for text in COMPLAINTS]
    base = base_reader(brand).read(others)
    assert [one.kind for one in read(brand, others)] == [one.kind for one in base]


def test_ten_corrections_alone_teach_nothing(triage: Any) -> None:
    corrected(triage, COMPLAINTS[:10], "praise")
    version, told = learn(triage.cast.brand, now=triage.cast.monday)
    assert version is None
    assert told.startswith("10 posts were corrected; 20 are needed")


def test_texts_that_were_edited_or_deleted_teach_nothing(fluffed: Any) -> None:
    brand = fluffed.cast.brand
    whole = ground_of(brand)
    posts = list(Correction.objects.order_by("pk").values_list("post_id", flat=True)[:4])
    Post.objects.filter(pk__in=posts[:2]).update(text="something else", revision=1)
    Post.objects.filter(pk__in=posts[2:]).update(deleted_at=fluffed.cast.monday)
    less = ground_of(brand)
    assert len(less.judged + less.held_out) == len(whole.judged + whole.held_out) - 4


@pytest.mark.parametrize("text", ["fluffed " * 9_000, "\u202e\u200ffluffed\u2066", "😡" * 500, "a" * 30_000])
def test_a_poisoned_text_is_learnt_from_without_an_error(fluffed: Any, text: str) -> None:
    corrected(fluffed, [text], "complaint")
    version, told = learn(fluffed.cast.brand, now=fluffed.cast.monday)
    assert version is not None, told
    assert len(read(fluffed.cast.brand, [text, "\0", "\ud800"])) == 3


def test_arrays_that_rotted_leave_posts_to_be_read_without_them(fluffed: Any) -> None:
    brand, now = fluffed.cast.brand, fluffed.cast.monday
    before = read(brand, NEW)
    ReaderVersion.objects.create(brand=brand, number=1, base="fast-2", arrays=b"rot", taken_up_at=now)
    assert read(brand, NEW) == before
    with pytest.raises(VersionError, match="no learnt weights"):
        take_up(ReaderVersion.objects.create(brand=brand, number=2, base="fast-2", arrays=b""), by=None)


def test_a_night_comes_once_a_day_on_the_brands_own_clock(fluffed: Any) -> None:
    cast = fluffed.cast
    assert learn_due(5, cast.monday) == 0  # a new brand begins in the coming night
    due = Lesson.objects.get(brand=cast.brand).due_at
    assert due.astimezone(ZoneInfo("Europe/Lisbon")) == datetime(
        2026, 3, 3, 3, 0, tzinfo=ZoneInfo("Europe/Lisbon")
    )
    assert learn_due(5, due - timedelta(seconds=1)) == 0
    assert learn_due(1, due) == 1
    assert learn_due(5, due) <= 1  # the other brand
    assert in_use(cast.brand) is not None
    lesson = Lesson.objects.get(brand=cast.brand)
    assert (lesson.due_at, lesson.told) == (next_night(cast.brand, due), "version 1 reads from now on")
    learn_due(5, lesson.due_at)
    assert "nobody corrected" in Lesson.objects.get(brand=cast.brand).told
    assert ReaderVersion.objects.count() == 1


def test_a_lesson_that_fails_is_told_and_waits_for_the_next_night(fluffed: Any, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no \0 numbers")

    brand, now = fluffed.cast.brand, fluffed.cast.monday
    monkeypatch.setattr(nightly, "learn", broken)
    Lesson.objects.create(brand=brand, due_at=now)
    assert learn_due(5, now) == 1
    lesson = Lesson.objects.get(brand=brand)
    assert (lesson.fault, lesson.due_at) == ("RuntimeError: no  numbers", next_night(brand, now))


def test_deciding_asks_no_more_of_the_database_for_what_was_learnt(
    fluffed: Any, django_assert_num_queries: Any
) -> None:
    def queries() -> int:
        for text in NEW:
            fluffed.mention(text)
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            decide(300, fluffed.cast.monday)
        return len(seen)

    queries()
    plain = queries()
    learn(fluffed.cast.brand, now=fluffed.cast.monday)
    queries()
    assert queries() == plain


def test_a_brand_read_by_rules_learns_on_top_of_the_rules(fluffed: Any) -> None:
    brand = fluffed.cast.brand
    ReadingSettings.objects.update_or_create(brand=brand, defaults={"tier": "rules"})
    version, told = learn(brand, now=fluffed.cast.monday)
    assert version is not None, told
    assert version.base == "rules-1"
    found = read(brand, NEW)
    assert {one.reader for one in found} == {"rules-1+tidewing.1"}
    assert [one.kind for one in found].count("complaint") >= 11
    ReadingSettings.objects.update(tier="fast")
    assert read(brand, NEW) == base_reader(brand).read(NEW)

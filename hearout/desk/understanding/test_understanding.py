"""The page of understanding: who may see, check and roll back, and what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from hearout.journal.models import Entry
from hearout.people.models import Brand, Membership
from hearout.triage.learning.sampling import draw
from hearout.triage.learnt import Correction, Lesson, ReaderVersion, SampledPost
from hearout.triage.models import Verdict

LABELS = {
    "kind": "complaint", "needs_answer": "yes", "sentiment": "negative", "emotion": "anger", "urgency": "normal",
    "language": "en", "revision": "0",
}  # fmt: skip


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def drawn(desk, cast):
    """Three posts of last week, drawn to be checked."""
    for number in range(3):
        at = timezone.now() - timedelta(days=7)
        desk.read(desk.post(cast.mira, f"you lost bag <b>{number}</b>", at), reader="fast-2")
    draw(cast.brand, now=timezone.now())
    return desk


@pytest.fixture
def version(cast):
    facts = {"n": 9, "right": 5, "log_loss": 0.9, "macro_f1": 0.5}
    lesson = {"before": facts, "after": {**facts, "right": 8}, "words": 3, "corrected": 21, "why_not": ""}
    return ReaderVersion.objects.create(
        brand=cast.brand, number=1, base="fast-2", facts={"labels": {"kind": lesson}}, arrays=b"x",
        taken_up_at=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "status"), [("ana", 404), ("sol", 200), ("ada", 200), ("lin", 200), ("stranger", 200)]
)
def test_the_page_is_for_those_who_lead_or_analyse(drawn, cast, who, status):
    answer = drawn.sign_in(getattr(cast, who)).get("/understanding/")
    assert answer.status_code == status
    assert ("bag &lt;b&gt;" in answer.content.decode()) is (who in ("sol", "ada"))


def test_an_empty_page_teaches(desk, cast):
    page = text_of(desk.sign_in(cast.sol).get("/understanding/"))
    assert "Nobody has checked a reading yet" in page
    assert "Draw ten now" in page
    assert "Nothing learnt yet" in page
    assert "Draw ten" not in text_of(desk.sign_in(cast.lin).get("/understanding/"))


def test_a_supervisor_draws_and_checks_posts(desk, cast):
    client = desk.sign_in(cast.sol)
    where = f"/understanding/{cast.brand.pk}/sample/"
    client.post(where)
    assert not SampledPost.objects.exists()
    verdict = desk.read(desk.post(cast.mira, "lost", timezone.now() - timedelta(days=7)), reader="fast-2")
    assert client.post(where).headers["location"] == f"/understanding/?brand={cast.brand.pk}#check"
    drawn = SampledPost.objects.get()
    client.post(f"/understanding/{cast.brand.pk}/checks/{drawn.pk}/", {**LABELS, "kind": "praise"})
    assert Verdict.objects.get(pk=verdict.pk).kind == "praise"
    assert set(Correction.objects.values_list("sampled", "by_id")) == {(True, cast.sol.pk)}
    page = text_of(client.get("/understanding/"))
    assert "1 post drawn by chance" in page
    assert "0 % to 79.3 %, n 1" in page


def test_with_htmx_the_next_post_comes_alone(drawn, cast):
    client = drawn.sign_in(cast.sol)
    first = SampledPost.objects.order_by("week", "pk").first()
    answer = client.post(
        f"/understanding/{cast.brand.pk}/checks/{first.pk}/", LABELS, headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert "<html" not in page
    assert "2 to go, 1 done this week" in text_of(answer)
    assert "Right as it was read." in page
    assert "<b>" not in page


def test_what_nobody_can_tell_counts_for_nothing(drawn, cast):
    first = SampledPost.objects.first()
    drawn.sign_in(cast.sol).post(f"/understanding/{cast.brand.pk}/checks/{first.pk}/", {"do": "skip"})
    first.refresh_from_db()
    assert (first.skipped, first.checked_by) == (True, cast.sol)
    assert not Correction.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "rant"},
        {"language": "zz9"},
        {"language": "'; --"},
        {"needs_answer": ""},
        {"revision": "x"},
        {"emotion": "\0"},
    ],
)
def test_a_check_that_makes_no_sense_is_refused_with_its_reason(drawn, cast, wrong):
    first = SampledPost.objects.first()
    where = f"/understanding/{cast.brand.pk}/checks/{first.pk}/"
    answer = drawn.sign_in(cast.sol).post(where, {**LABELS, **wrong})
    assert answer.status_code == 422
    assert not Correction.objects.exists()
    assert "errorlist" in answer.content.decode()


def test_a_post_that_somebody_else_checked_is_told(drawn, cast):
    first = SampledPost.objects.first()
    where = f"/understanding/{cast.brand.pk}/checks/{first.pk}/"
    drawn.sign_in(cast.ada).post(where, LABELS)
    answer = drawn.sign_in(cast.sol).post(where, LABELS, follow=True)
    assert "Somebody has checked this post already." in answer.content.decode()


@pytest.mark.parametrize("who", ["ana", "lin", "stranger"])
def test_who_does_not_lead_cannot_check_or_draw(drawn, cast, who):
    client, first = drawn.sign_in(getattr(cast, who)), SampledPost.objects.first()
    for path in ("sample/", f"checks/{first.pk}/"):
        assert client.post(f"/understanding/{cast.brand.pk}/{path}", LABELS).status_code == 404
    assert not Correction.objects.exists()


def test_a_sample_of_another_brand_is_not_found(drawn, cast):
    Membership.objects.create(user=cast.sol, brand=cast.other_brand, role="supervisor")
    first = SampledPost.objects.first()
    client = drawn.sign_in(cast.sol)
    assert client.post(f"/understanding/{cast.other_brand.pk}/checks/{first.pk}/", LABELS).status_code == 404
    assert client.get("/understanding/", {"brand": cast.other_brand.pk}).status_code == 200
    assert client.get("/understanding/", {"brand": "999999"}).status_code == 404


def test_an_admin_rolls_back_with_a_reason_and_takes_up_again(desk, cast, version):
    client = desk.sign_in(cast.ada)
    page = text_of(client.get("/understanding/"))
    assert "Version 1" in page
    assert "right on 5 of 9 before, on 8 after" in page
    client.post(f"/understanding/{cast.brand.pk}/rolling-back/", {"why": " odd\0 readings "})
    version.refresh_from_db()
    assert (version.reads, version.why, version.retired_by) == (False, "odd readings", cast.ada)
    assert Entry.objects.get(verb="reader.rolled_back").actor_id == cast.ada.pk
    page = text_of(client.get("/understanding/"))
    assert "A version was rolled back." in page
    answer = client.post(f"/understanding/{cast.brand.pk}/versions/{version.pk}/", follow=True)
    assert "cannot be taken up: these are no learnt weights" in answer.content.decode()
    answer = client.post(f"/understanding/{cast.brand.pk}/rolling-back/", follow=True)
    assert "there is nothing to roll back" in answer.content.decode()


@pytest.mark.parametrize("who", ["ana", "sol", "lin", "stranger"])
def test_only_an_admin_changes_which_version_reads(desk, cast, version, who):
    client = desk.sign_in(getattr(cast, who))
    for path in ("rolling-back/", f"versions/{version.pk}/"):
        assert client.post(f"/understanding/{cast.brand.pk}/{path}").status_code == 404
    version.refresh_from_db()
    assert version.reads
    assert "Roll back" not in client.get("/understanding/").content.decode()


def test_a_lesson_that_failed_is_told(desk, cast):
    Lesson.objects.create(brand=cast.brand, due_at=timezone.now(), fault="RuntimeError: <b>no</b>")
    page = desk.sign_in(cast.lin).get("/understanding/").content.decode()
    assert "The last lesson failed" in page
    assert "<b>no" not in page


def test_what_was_learnt_on_another_reader_is_said_to_rest(desk, cast, version):
    ReaderVersion.objects.update(base="older-0")
    page = text_of(desk.sign_in(cast.lin).get("/understanding/"))
    assert "What was learnt on <bdi>older-0</bdi> rests until the next lesson." in page


def test_charts_and_lines_have_a_table_beside_them(drawn, cast, tags_of):
    client = drawn.sign_in(cast.sol)
    for one in SampledPost.objects.all():
        client.post(f"/understanding/{cast.brand.pk}/checks/{one.pk}/", LABELS)
    answer = client.get("/understanding/")
    assert "Week by week" in answer.content.decode()
    assert not [attrs for _, attrs in tags_of(answer) if "style" in attrs]


def test_the_page_asks_the_same_of_the_database_with_many_posts(drawn, cast, django_assert_max_num_queries):
    for number in range(12):
        drawn.read(
            drawn.post(cast.mira, f"more {number}", timezone.now() - timedelta(days=6)), reader="fast-2"
        )
    draw(cast.brand, now=timezone.now())
    client = drawn.sign_in(cast.sol)
    with django_assert_max_num_queries(28):
        client.get("/understanding/")


def test_two_brands_are_chosen_by_tabs(drawn, cast):
    second = Brand.objects.create(slug="cargo", name="Tidewing Cargo")
    Membership.objects.create(user=cast.sol, brand=second, role="analyst")
    page = text_of(drawn.sign_in(cast.sol).get("/understanding/", {"brand": second.pk}))
    assert f'href="?brand={cast.brand.pk}"' in page
    assert "Check a post" not in page

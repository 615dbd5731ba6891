"""Who reads a brand's posts, and what mistakes cost it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from hearout.desk.settings.reading import PACE
from hearout.journal.models import Entry
from hearout.listening.models import Mention
from hearout.triage.models import ReadingSettings, Verdict

SAME = {"tier": "fast", "budget": "20", "share": "100", "cost_missed": "5", "cost_needless": "1"}


def words_of(answer):
    return " ".join(answer.content.decode().split())


def test_the_threshold_follows_from_the_costs_and_is_explained_by_example(office):
    shown = words_of(office.page("settings-reading"))
    assert "with a chance of 16.7 % or more" in shown
    assert "misses 16.7 of them: 16.7 × 5 = 83.3." in shown
    assert "needless 83.3 times: 83.3 × 1 = 83.3." in shown
    assert "The reading was sure of every post." in shown


def test_what_is_saved_holds_and_stands_in_the_history(office):
    answer = office.change(
        "settings-reading", tier="rules", budget="45", share="35", cost_missed="3", cost_needless="2.5"
    )
    assert answer.status_code == 302
    found = ReadingSettings.objects.get()
    assert (found.brand, found.tier) == (office.cast.brand, "rules")
    assert (found.accurate_budget, found.accurate_share) == (0.45, 0.35)
    assert (found.cost_missed, found.cost_needless) == (3, 2.5)
    changes = office.last().facts["changes"]
    assert (changes["cost_missed"], changes["share"]) == (["5", "3.0"], ["100", "35"])
    assert changes["budget"] == ["20", "45"]
    assert "45.5 % or more" in words_of(office.page("settings-reading"))
    history = words_of(office.page("settings-history"))
    assert "Reading of Tidewing" in history
    assert "cost missed" in history


def test_nothing_changed_is_nothing_noted(office):
    assert office.change("settings-reading", **SAME).status_code == 302
    assert not Entry.objects.filter(verb="settings.changed").exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cost_missed": "0"}, "greater than or equal to 0.1"),
        ({"cost_needless": "-1"}, "greater than or equal to 0.1"),
        ({"cost_needless": "nan"}, "Enter a number"),
        ({"cost_missed": "1e99"}, "less than or equal to 1000"),
        ({"budget": "101"}, "less than or equal to 100"),
        ({"budget": "-1"}, "greater than or equal to 0"),
        ({"budget": "2.5"}, "Enter a whole number"),
        ({"budget": ""}, "This field is required"),
        ({"share": "101"}, "less than or equal to 100"),
        ({"share": ""}, "This field is required"),
        ({"tier": "oracle"}, "Select a valid choice"),
    ],
)
@pytest.mark.parametrize("does", ["save", "try"])
def test_what_makes_no_sense_is_refused_at_its_field(office, fields, sentence, does):
    answer = office.change("settings-reading", do=does, **{**SAME, **fields})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert not ReadingSettings.objects.exists()


def test_the_page_says_how_many_posts_the_processor_time_reads_again(office):
    assert "reads about 4,100 posts a minute again" in words_of(office.page("settings-reading"))
    ReadingSettings.objects.create(brand=office.cast.brand, accurate_budget=0.01)
    assert "reads about 210 posts a minute again" in words_of(office.page("settings-reading"))
    refused = office.change("settings-reading", **{**SAME, "budget": "100", "share": ""})
    assert "reads about 21,000 posts a minute again" in words_of(refused)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("50", "about 10,000 posts"), ("0", "no post is read again"), ("", "A whole number"), ("٥0\0", "A whole number"),
     ("101", "A whole number"), ("9" * 5_000, "A whole number")],
)  # fmt: skip
def test_a_processor_time_that_is_typed_is_told_before_it_is_saved(office, typed, sentence):
    answer = office.page("settings-reading", budget=typed)
    assert answer.status_code == 200
    assert sentence in words_of(answer)
    assert not ReadingSettings.objects.exists()


def test_the_pace_on_the_page_is_the_one_that_the_model_card_tells():
    card = Path(__file__).parents[3] / "docs/model-card-accurate.md"
    assert f"**{PACE} posts/s with all labels**" in card.read_text("utf-8")


def test_what_is_finer_than_a_percent_stays_when_something_else_changes(office):
    ReadingSettings.objects.create(brand=office.cast.brand, accurate_budget=0.004, accurate_share=0.125)
    office.change("settings-reading", **{**SAME, "budget": "0", "share": "12", "cost_missed": "9"})
    found = ReadingSettings.objects.get()
    assert (found.accurate_budget, found.accurate_share, found.cost_missed) == (0.004, 0.125, 9)


def test_a_brands_own_numbers_are_saved_and_shown_by_example(office):
    assert "TW-###### would find TW-123456" in words_of(office.page("settings-reading"))
    lines = " TW-###### \r\n\r\n??####\r\nTW-######"
    assert office.change("settings-reading", **SAME, own_numbers=lines).status_code == 302
    assert ReadingSettings.objects.get().own_numbers == "TW-######\n??####"
    assert "own_numbers" in office.last().facts["changes"]
    shown = words_of(office.page("settings-reading"))
    assert "<bdi>TW-######</bdi> finds <bdi>TW-123456</bdi>, in capitals or not, with the gap" in shown
    assert "<bdi>??####</bdi> finds <bdi>AB1234</bdi>, in capitals or not." in shown
    before = Entry.objects.count()
    office.change("settings-reading", **SAME, own_numbers="TW-######\r\n??####\r\n")
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("TW-######\n??", "fits too many words: it needs at least 4"),
        ("TW-[0-9]+", "take # for a digit, ? for a letter"),
        ("\n".join(f"{n:02}-####" for n in range(51)), "51 masks are too many: at most 50."),
        ("#" * 9_000, "Ensure this value has at most 2000 characters"),
        ("TW-####\0", "Null characters are not allowed"),
    ],
)
def test_a_wrong_mask_is_refused_at_its_field(office, lines, sentence):
    answer = office.change("settings-reading", **SAME, own_numbers=lines)
    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors["own_numbers"])
    assert sentence in words_of(answer)
    assert not ReadingSettings.objects.exists()


def test_a_dry_run_shows_what_other_costs_would_have_opened(office, desk):
    cast = office.cast
    assert "nothing to try it on" in words_of(office.change("settings-reading", do="try", **SAME))
    verdict = desk.read(desk.post(cast.tom, "@tidewing seat 14E today"), "other", needs_answer=False)
    Mention.objects.filter(pk=verdict.mention_id).update(handle=cast.main_handle)
    answer = office.change("settings-reading", do="try", **{**SAME, "cost_missed": "30"})
    assert answer.status_code == 200
    shown = words_of(answer)
    assert "<strong>1 more</strong> and <strong>0 fewer</strong> cases" in shown
    assert "unsure: whether an answer is wanted" in shown
    assert not ReadingSettings.objects.exists()


def test_the_page_counts_what_was_unsure_last_week(office, desk):
    cast = office.cast
    for needs, days in ((True, 1), (True, 2), (False, 1), (True, 9)):
        post = desk.post(cast.tom, "hm", timezone.now() - timedelta(days=days))
        desk.read(post, needs_answer=needs, unsure=True)
    Verdict.objects.create(
        mention=Mention.objects.create(post=post, brand=cast.other_brand, how="direct"),
        post=post, brand=cast.other_brand, needs_answer=True, unsure=True,
    )  # fmt: skip
    shown = words_of(office.page("settings-reading"))
    assert "2 posts went to a person" in shown
    assert "1 was set aside" in shown


def test_only_admins_choose_how_posts_are_read(office):
    for user in (office.cast.sol, office.cast.ana):
        assert office.page("settings-reading", by=user).status_code == 404
        assert office.change("settings-reading", by=user, **SAME).status_code == 404

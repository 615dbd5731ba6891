"""Business hours and standards."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from hearout.clocks.models import DayOverride, Hours, Standard
from hearout.desk.settings.shifts import ShiftError, read, week, written
from hearout.desk.settings.standards import seconds_of, words_of

DAYS = {f"day_{number}": "07:00-13:00" for number in range(5)}
SAME = {"name": "Care desk", "timezone": "Europe/Lisbon", "country": "PT", **DAYS}


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("closed", []),
        ("9-13", [(time(9), time(13))]),
        ("14:00–22:00, 07:00 to 13:00", [(time(7), time(13)), (time(14), time(22))]),
        ("22:00-06:00", [(time(22), time(6))]),
        ("00:00-24:00", [(time(0), time(0))]),
    ],
)
def test_shifts_are_read_as_people_write_them(text, spans):
    assert read(text) == spans
    assert read(written(spans)) == spans


@pytest.mark.parametrize(
    "text", ["nine to five", "25:00-26:00", "9:70-10:00", "9-12, 11-14", "9-", "\x00", "9-13," * 20]
)
def test_what_is_no_shift_is_told(text):
    if text == "\x00":
        assert read(text) == []
        return
    with pytest.raises(ShiftError):
        read(text)


def test_a_night_shift_runs_on_into_the_next_day_of_the_picture():
    days = week([(6, time(22), time(6))])
    assert [len(day.bars) for day in days] == [1, 0, 0, 0, 0, 0, 1]
    assert sum(bar.width for day in days for bar in day.bars) == 8 * 24


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30 min", 1800), ("45", 2700), ("1 h 30 min", 5400), ("1.5h", 5400), ("2 days", 172_800)],
)
def test_promised_times_are_read_as_people_write_them(text, seconds):
    assert seconds_of(text) == seconds
    assert seconds_of(words_of(seconds)) == seconds


def test_a_week_with_several_shifts_a_day_is_kept(office):
    fields = {**SAME, "day_0": "07:00-13:00, 14:00-22:00", "day_5": "22-6"}
    assert office.change("settings-hour", office.hours.pk, **fields).status_code == 302
    monday = office.hours.shifts.filter(weekday=0).values_list("starts", "ends")
    assert list(monday) == [(time(7), time(13)), (time(14), time(22))]
    changes = office.last().facts["changes"]
    assert changes == {
        "day_0": ["07:00–13:00", "07:00–13:00, 14:00–22:00"],
        "day_5": ["closed", "22:00–06:00"],
    }


def test_changed_hours_give_running_clocks_new_due_times(office):
    case = office.desk.case(office.cast.mira)
    clock = office.desk.clock(case, minutes=30)
    clock.standard = office.standards[0]
    clock.save()
    case.clocks_due_at = None
    case.save()
    office.change("settings-hour", office.hours.pk, **SAME)
    case.refresh_from_db()
    assert case.clocks_due_at is None
    office.change("settings-hour", office.hours.pk, **{**SAME, "day_6": "9-10"})
    case.refresh_from_db()
    assert case.clocks_due_at is not None


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("day_2", "9-12, 11-14", "begins before"),
        ("timezone", "Europe/Atlantis", "no such time zone"),
        ("country", "XX", "No public holidays"),
        ("name", "", "required"),
    ],
)
def test_wrong_hours_are_refused_at_the_right_field(office, field, value, sentence, tags_of):
    answer = office.change("settings-hour", office.hours.pk, **{**SAME, field: value})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    wrong = [attrs["name"] for name, attrs in tags_of(answer) if attrs.get("aria-invalid") == "true"]
    assert wrong == [field]
    assert office.hours.shifts.count() == 5


def test_one_day_differs_and_can_be_like_the_others_again(office):
    office.change("settings-day", office.hours.pk, day__date="2099-12-31", day__spans="9-12, 13-15")
    day = DayOverride.objects.filter(hours=office.hours, date=date(2099, 12, 31))
    assert day.count() == 2
    office.change("settings-day", office.hours.pk, day__date="2099-12-31", day__spans="")
    assert [(one.starts, one.ends) for one in day] == [(None, None)]
    office.change("settings-day-removal", office.hours.pk, day[0].pk)
    assert not day.all().exists()
    assert "Put it back" in office.page("settings-hour", office.hours.pk).content.decode()
    assert "Put it back" not in office.page("settings-hour", office.hours.pk).content.decode()


def test_hours_that_a_standard_counts_by_stay(office):
    office.change("settings-hours-removal", office.hours.pk)
    assert Hours.objects.filter(pk=office.hours.pk).exists()
    office.change("settings-hours", name="Night", timezone="UTC")
    night = Hours.objects.get(name="Night")
    office.change("settings-hours-removal", night.pk)
    assert not Hours.objects.filter(pk=night.pk).exists()


def standard_fields(standard, **changes):
    return {
        "name": standard.name, "measure": standard.measure, "target": words_of(standard.target_seconds),
        "warn": "75", "kind": standard.kind, "hours": standard.hours_id, **changes,
    }  # fmt: skip


def test_editing_a_standard_makes_a_new_version_and_keeps_the_old(office):
    old = office.standards[0]
    office.change("settings-standard", old.pk, **standard_fields(old, target="20 min"))
    new = Standard.objects.get(replaces=old)
    old.refresh_from_db()
    assert (new.version, new.target_seconds, new.retired_at) == (2, 1200, None)
    assert old.retired_at is not None
    history = office.page("settings-standard", new.pk).content.decode()
    assert "20 min" in history
    assert "1 h" in history
    assert (
        office.change("settings-standard", old.pk, **standard_fields(old, target="5 min")).status_code == 422
    )


def test_saving_a_standard_unchanged_makes_no_version(office):
    old = office.standards[0]
    assert office.change("settings-standard", old.pk, **standard_fields(old)).status_code == 302
    assert not Standard.objects.filter(replaces=old).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("target", "soon"), ("target", "0"), ("target", "9999 d"), ("warn", "0"), ("warn", "101"), ("name", "")],
)
def test_a_promise_that_makes_no_sense_is_refused(office, field, value):
    fields = standard_fields(office.standards[0], **{field: value})
    assert office.change("settings-standards", **fields).status_code == 422


def test_hours_and_teams_of_another_brand_cannot_be_promised(office):
    theirs = Hours.objects.create(brand=office.cast.other_brand, name="Theirs")
    fields = standard_fields(office.standards[0], hours=theirs.pk)
    assert office.change("settings-standards", **fields).status_code == 422


def test_a_retired_standard_is_promised_no_more(office):
    one = office.standards[0]
    office.change("settings-retirement", one.pk)
    one.refresh_from_db()
    assert timezone.now() - one.retired_at < timedelta(minutes=5)
    assert office.last().facts["did"] == "retired"


def test_the_history_says_what_a_new_version_promises_instead(office):
    old = office.standards[0]
    office.change("settings-standard", old.pk, **standard_fields(old, target="20 min"))
    page = " ".join(office.page("settings-history").content.decode().split())
    assert "revised standard <bdi>First response</bdi>" in page
    assert "time: <del><bdi>1 h</bdi></del> → <ins><bdi>20 min</bdi></ins>" in page

"""The commands that give figures, as a person or a program calls them."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from typer.testing import CliRunner

from hearout.cli import metric
from hearout.cli.ground import TroubleError
from hearout.insight.catalogue import metric_names


@pytest.fixture
def call(cast, monkeypatch):
    """Runs `hearout metric ...` in the test's transaction."""

    @contextmanager
    def ground():
        yield ""

    monkeypatch.setattr(metric, "ground", ground)

    def call(*words: str):
        return CliRunner().invoke(metric.app, words, catch_exceptions=False, env={"COLUMNS": "160"})

    return call


@pytest.fixture
def archive(cast):
    """Two questions to Tidewing, one answered after ten minutes."""
    from hearout.customers.models import Author
    from hearout.listening.models import Archive, Post

    archive = Archive.objects.create(name="tweets", path="x", imported_at=cast.monday)
    care = Author.objects.create(network="simulator", external_id="u_tidewing", handle="tidewing")
    numbers = count()

    def post(author, text, minutes, under=None, handle=None):
        made = Post.objects.create(
            network="simulator", external_id=f"a{next(numbers)}", author=author, handle=handle, text=text,
            posted_at=cast.monday + timedelta(minutes=minutes), parent=under, archive=archive,
            parent_external_id=under.external_id if under else "",
        )  # fmt: skip
        Post.objects.filter(pk=made.pk).update(root=under or made)
        return made

    asked = post(cast.tom, "@tidewing where?", 0)
    post(care, "here", 10, asked, cast.main_handle)
    post(cast.mira, "@tidewing why?", 20)
    return archive


def test_a_figure_for_programs_has_value_interval_and_counts(call, archive) -> None:
    result = call("first-response", "--json")
    told = json.loads(result.stdout)
    assert (told["metric"], told["scope"]["of"], told["n"]) == ("first-response", "tweets", 1)
    assert told["value"]["median"] == 600
    assert (told["numerator"], told["denominator"]) == ({"answered": 1}, {"openings": 2})
    assert set(told["exclusions"]) >= {"orphans", "unaddressed", "automatic_answers"}
    assert "how to choose" not in result.stdout
    assert "--of live" in result.stderr


def test_a_figure_for_people_says_definition_counts_and_interval(call, archive) -> None:
    text = call("response-rate", "--of", "tweets", "--by", "tone").stdout
    for words in (
        "of the archive tweets",
        "Response rate = openings answered / openings",
        "answered 1, openings 2",
    ):
        assert words in text
    assert "50.0 %" in text
    assert "9.5 % to 90.5 %" in text
    assert "unread" in text


def test_a_figure_is_split_by_topic(call, archive) -> None:
    parts = json.loads(call("response-rate", "--by", "topic", "--json").stdout)["by"]
    assert [(part["group"], part["n"]) for part in parts] == [({"topic": "none"}, 2)]


def test_without_an_archive_figures_are_of_what_is_live(call) -> None:
    result = call("response-rate", "--json")
    assert json.loads(result.stdout)["scope"]["of"] == "live"
    assert json.loads(result.stdout)["value"] == {"share": None}


def test_brand_and_dates_narrow_the_scope(call, archive) -> None:
    told = json.loads(
        call("response-rate", "--since", "2026-03-02T10:05", "--brand", "tidewing", "--json").stdout
    )
    assert told["denominator"] == {"openings": 1}
    assert told["scope"]["since"] == "2026-03-02T10:05:00+00:00"
    told = json.loads(call("response-rate", "--brand", "orchard", "--json").stdout)
    assert told["denominator"] == {"openings": 0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--of", "nowhere"], "no archive 'nowhere'"),
        (["--by", "colour"], "no dimension 'colour'"),
        (["--brand", "nobody"], "no brand 'nobody'"),
        (["--since", "yesterday"], "not a date such as"),
    ],
)
def test_what_does_not_exist_is_said_in_a_sentence(call, words, said) -> None:
    with pytest.raises(TroubleError, match=said):
        call("response-rate", *words)


def test_the_list_and_the_help_name_every_metric_with_its_definition(call) -> None:
    listed = call("list").stdout
    for name in metric_names():
        assert name in listed
        assert f"hearout metric {name}" in call(name, "--help").stdout
    assert [line["metric"] for line in json.loads(call("list", "--json").stdout)] == metric_names()


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (813, "seconds", "13 min 33 s"),
        (31936.2, "seconds", "8 h 52 min"),
        (0, "seconds", "0 s"),
        (86400 * 3, "seconds", "3 d"),
        (0.7212, "share", "72.1 %"),
        (0.714, "score", "0.71"),
        ("B", "grade", "B"),
        (None, "seconds", "unknown"),
    ],
)
def test_values_are_said_as_a_person_says_them(value, unit, said) -> None:
    assert metric.in_words(value, unit) == said

"""`hearout understanding report` and `learn` as a person or a program calls them."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from hearout.cli import app, understanding_report
from hearout.cli.ground import TroubleError
from hearout.listening.models import Mention, Post
from hearout.triage.learning.sampling import check, draw, to_check
from hearout.triage.models import Verdict
from hearout.triage.overruling import overrule


@pytest.fixture
def call(cast, monkeypatch):
    """Runs a command in the test's transaction."""

    @contextmanager
    def ground():
        yield ""

    monkeypatch.setattr(understanding_report, "ground", ground)

    def call(*words):
        return CliRunner().invoke(
            app, ["understanding", *words], catch_exceptions=False, env={"COLUMNS": "200"}
        )

    return call


@pytest.fixture
def read(cast):
    """Two posts of today read as complaints."""
    for number in range(2):
        post = Post.objects.create(
            network="simulator",
            external_id=f"r{number}",
            author=cast.mira,
            text="lost",
            posted_at=timezone.now(),
        )
        mention = Mention.objects.create(post=post, brand=cast.brand, how="direct", due_at=None)
        Verdict.objects.create(
            mention=mention, post=post, brand=cast.brand, kind="complaint", sentiment="negative", emotion="anger",
            urgency="normal", language="en", needs_answer=True, reader="fast-2", confidence={"kind": 0.9}, due_at=None,
        )  # fmt: skip
    return list(Verdict.objects.order_by("pk"))


def test_who_has_checked_nothing_is_told_how(call):
    page = call("report", "--brand", "tidewing").stdout
    assert "0 posts drawn by chance" in page
    assert "at the desk, under Understanding" in page


def test_the_report_says_precision_with_interval_and_counts(call, cast, read):
    draw(cast.brand, now=timezone.now())
    same = {
        "kind": "complaint",
        "sentiment": "negative",
        "emotion": "anger",
        "urgency": "normal",
        "language": "en",
    }
    first, second = to_check(cast.brand)
    check(first, same, revision=0, by=cast.sol)
    check(second, {**same, "kind": "question"}, revision=0, by=cast.sol)
    page = call("report", "--brand", "tidewing").stdout
    assert "kind: right 50.0% (1 of 2; 9.5% to 90.5%), calibration error 0.400" in page
    (told,) = json.loads(call("report", "--brand", "tidewing", "--json").stdout)
    assert told["labels"][0]["classes"][0]["precision"]["n"] == 2
    assert len(json.loads(call("report", "--json").stdout)) == 2


def test_what_agents_corrected_is_listed_apart(call, cast, read):
    overrule(read[0], by=cast.ana, kind="praise")
    page = call("report", "--brand", "tidewing").stdout
    assert "chosen because it was wrong" in page
    assert "kind: complaint was praise" in page


def test_a_lesson_can_be_given_at_once(call, cast):
    assert "0 posts were corrected; 20 are needed" in call("learn", "--brand", "tidewing").stdout


def test_a_brand_that_is_none_is_said(call):
    with pytest.raises(TroubleError, match=r"no brand 'nobody'\. There are: orchard, tidewing"):
        call("report", "--brand", "nobody")

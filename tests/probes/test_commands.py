"""`hearout probe`, as a person calls it."""

from __future__ import annotations

import json
import tomllib
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from hearout.cli import probe as commands
from hearout.cli.ground import TroubleError
from hearout.insight.probes import sending
from hearout.insight.probes.models import Plan, Probe, Shopper
from hearout.insight.probes.plan_file import PlanError, parse_plan
from hearout.insight.probes.planning import lay
from hearout.insight.probes.reporting import standing
from hearout.journal.models import Entry
from tests.probes.net import answer, plan_text, time_passes


@pytest.fixture
def call(net, monkeypatch):
    """Runs `hearout probe ...` in the test's transaction."""

    @contextmanager
    def ground():
        yield ""

    monkeypatch.setattr(commands, "ground", ground)
    monkeypatch.setattr(commands.out, "width", 200, raising=False)

    def call(*words: str):
        return CliRunner().invoke(commands.app, words, catch_exceptions=False, env={"COLUMNS": "200"})

    return call


def test_the_commands_lead_from_an_example_to_a_report(net, call, tmp_path, cast):
    assert tomllib.loads(call("plan", "--example").output)["texts"]
    file = tmp_path / "probes.toml"
    file.write_text(plan_text(net))
    drawn = call("plan", str(file)).output
    assert "tidewing take surfboards" in drawn.lower()
    assert "blindfold" in call("plan").output
    with pytest.raises(TroubleError, match="already"):
        call("plan", str(file))
    call("plan", str(file), "--replace")
    time_passes()
    assert "9 sent" in call("run", "--once").output
    answer(net, Probe.objects.order_by("sent_at").first(), "Here we are.")
    told = json.loads(call("report", "--interim", "--json", "-").output)
    assert (told["all"]["answered"], told["plan"]["reported"]) == (1, None)
    html, out = tmp_path / "r.html", tmp_path / "r.json"
    assert "all" in call("report", "--html", str(html), "--json", str(out)).output
    assert json.loads(out.read_text())["plan"]["reported"]
    assert "Tests of 25 online retailers" in html.read_text()
    assert oct(out.stat().st_mode & 0o777) == "0o600"


def test_a_report_before_all_are_sent_must_be_wanted_and_ends_the_plan(net, call, plan):
    with pytest.raises(TroubleError, match="have not been sent"):
        call("report")
    assert call("report", "--interim").exit_code == 0
    assert standing(plan)["waiting"] == 9
    call("report", "--early")
    assert standing(plan)["failed"] == 9
    time_passes()
    assert sending.send_due([plan.pk]) == 0


def test_somebody_elses_handle_is_tested_only_with_a_flag_and_a_warning(net, call, tmp_path, cast):
    net.control("POST", "accounts", {"handle": "orchardrail", "token": "o-token", "brand": True})
    file = tmp_path / "probes.toml"
    changes = (
        ('handle = "@tidewing"', 'handle = "@orchardrail"'),
        ('call_it = "Tidewing"', 'call_it = "Orchard Rail"'),
        ('places = ["elsewhere", "own page"]', 'places = ["elsewhere"]'),
    )
    file.write_text(plan_text(net, *changes))
    with pytest.raises(TroubleError, match="networks' terms allow"):
        call("plan", str(file))
    assert not Plan.objects.exists()
    assert "@orchardrail" in call("plan", str(file), "--others").output
    assert Probe.objects.filter(brand__isnull=False).count() == 0
    time_passes()
    call("run", "--once")
    answer(net, Probe.objects.get(tone="praise", directness="direct"), "Thanks!", token="o-token")
    answer(net, Probe.objects.get(tone="praise", directness="indirect"), "Not ours!")
    told = json.loads(call("report", "--json", "-").output)
    assert [(one["brand"], one["openings"], one["answered"]) for one in told["brands"]] == [
        ("@orchardrail", 6, 1)
    ]
    assert not Entry.objects.filter(verb__startswith="probe").exists()


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ('"env:JO_TOKEN"', '"env:NO_SUCH_TOKEN"', "NO_SUCH_TOKEN, which is not set"),
        ('"env:JO_TOKEN"', '"env:CARE_TOKEN"', "handle of a brand"),
        ("pause_minutes = 20", "pause_minutes = 2000", "do not fit"),
        ("each = 1", "each = 2", "need as many texts"),
        ('network = "simulator"', 'network = "nowhere"', "no handle of yours on nowhere"),
        ('channel = "simulator"', 'channel = "archive"', "cannot be connected"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_whole(net, monkeypatch, old, new, cause):
    monkeypatch.setenv("CARE_TOKEN", "care-token")
    with pytest.raises(PlanError, match=cause):
        lay(parse_plan(plan_text(net, (old, new))))
    assert not Plan.objects.exists()
    assert not Shopper.objects.exists()

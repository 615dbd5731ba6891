"""Mystery shopping over real HTTP: sent once, blind at the desk, apart from customers' figures, and reported."""

from __future__ import annotations

import dataclasses
import json
import time
import tomllib
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import httpx2
import pytest
from django.test import Client
from django.utils.timezone import now
from typer.testing import CliRunner

from hearout import pipeline
from hearout.cases.models import Case, CasePost
from hearout.channels.base import ChannelError
from hearout.cli import probe as commands
from hearout.cli.ground import TroubleError
from hearout.desk.test_doors import ROUTES
from hearout.insight.engine import run
from hearout.insight.facts import facts
from hearout.insight.figures import figure
from hearout.insight.live import overview
from hearout.insight.probes import sending
from hearout.insight.probes.hearing import hear
from hearout.insight.probes.models import Plan, Probe, Shopper
from hearout.insight.probes.plan_file import EXAMPLE, PlanError, parse_plan
from hearout.insight.probes.planning import lay
from hearout.insight.probes.reporting import report, reveal, standing
from hearout.insight.probes.shoppers import channel_of
from hearout.insight.scope import Scope
from hearout.insight.tables import live_tables
from hearout.journal.models import Entry
from hearout.listening.connecting import channel_of as listening_channel_of
from hearout.listening.connecting import connect
from hearout.listening.models import Connection
from hearout.replies.network import KilledError
from simulator.running import running_simulator

TOKEN = "tidewing-token"
CARE = "tidewingcare:Tidewing Care:care-token"


class Net:
    """The network, and what a test does to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx2.Client(base_url=url, trust_env=False, timeout=30)

    def control(self, method: str, path: str, body=None):
        answer = self._http.request(method, f"/control/{path}", json=body)
        answer.raise_for_status()
        return answer

    def call(self, method: str, path: str, body=None, *, token: str = TOKEN):
        answer = self._http.request(
            method, f"/api/{path}", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        answer.raise_for_status()
        return answer.json()

    def faults(self, **shares) -> None:
        self.control("PUT", "faults", shares)

    def written_by(self, handle: str) -> Counter[str]:
        """How often each text arrived, by the network's own log."""
        lines = [json.loads(line) for line in self.control("GET", "truth").text.splitlines()]
        return Counter(
            line["text"] for line in lines if line["event"] == "posted" and line["author"] == handle
        )


@pytest.fixture(scope="module")
def urls():
    with (
        running_simulator(account=CARE) as keyed,
        running_simulator(account=CARE, no_idempotency=True) as keyless,
    ):
        yield {"keys": keyed.url, "no keys": keyless.url}


@pytest.fixture(params=["keys"])
def net(urls, request, cast, monkeypatch):
    net = Net(urls[request.param])
    net.control("DELETE", "all")
    for handle, token in (("jo_travels", "jo-token"), ("kim_flies", "kim-token")):
        net.control("POST", "accounts", {"handle": handle, "name": handle, "token": token})
        monkeypatch.setenv(f"{token[:2].upper()}_TOKEN", token)
    for handle, token in ((cast.main_handle, "tidewing-token"), (cast.care_handle, "care-token")):
        handle.external_id = net.call("GET", "me", token=token)["id"]
        handle.save()
    if request.param == "no keys":
        manifest = sending.registry.manifest("simulator")
        known = dataclasses.replace(manifest, idempotent=False)
        monkeypatch.setattr(sending.registry, "manifest", lambda name: known)
    return net


def plan_text(net, *changes: tuple[str, str]) -> str:
    """The documented example, on this network and this week."""
    begin = now() - timedelta(hours=1)
    end = now() + timedelta(days=7)
    text = EXAMPLE.replace("http://127.0.0.1:8099", net.url).replace('zone = "Europe/Lisbon"', 'zone = "UTC"')
    text = text.replace("2026-03-02T00:00:00", f"{begin:%Y-%m-%dT%H:%M:%S}")
    text = text.replace("2026-03-09T00:00:00", f"{end:%Y-%m-%dT%H:%M:%S}")
    text = text.replace('"march"', '"blindfold"')
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def plan(net) -> Plan:
    return lay(parse_plan(plan_text(net)))


def time_passes(due: bool = True) -> None:
    """All waits, leases and looks are over, and every probe is due."""
    ago = now() - timedelta(minutes=5)
    if due:
        Probe.objects.filter(due_at__isnull=False).update(due_at=ago)
    Probe.objects.filter(lease_until__isnull=False).update(lease_until=ago)
    Probe.objects.filter(uncertain_at__isnull=False).update(uncertain_at=ago)


def send(plan: Plan, rounds: int = 60) -> None:
    """Until nothing is due, over as many deaths of the process as it takes."""
    for _ in range(rounds):
        time_passes()
        try:
            if not sending.send_due([plan.pk]):
                return
        except KilledError:
            pass


def test_a_plan_is_sent_through_the_channel_each_probe_once_and_where_it_belongs(net, plan, cast):
    send(plan)
    assert net.written_by("jo_travels") == Counter(plan.probes.values_list("text", flat=True))
    assert standing(plan) == {"planned": 9, "sent": 9, "waiting": 0, "failed": 0, "parked": 0}
    for probe in plan.probes.all():
        post = net.call("GET", f"posts/{probe.external_id}")
        assert post["page_of"] == (cast.main_handle.external_id if probe.own_page else None)
        assert ("@tidewing" in post["text"]) is (probe.directness == "direct" and not probe.own_page)


@pytest.mark.parametrize("net", ["keys", "no keys"], indirect=True)
@pytest.mark.parametrize("fault", ["drop_after_accept", "error_after_accept"])
def test_after_a_lost_answer_no_probe_is_posted_twice(net, plan, fault):
    net.faults(**{fault: 1.0})
    time_passes()
    sending.send_due([plan.pk])
    assert len(net.written_by("jo_travels")) > 3
    assert standing(plan)["sent"] == 0
    net.faults(**{fault: 0.4, "rate_limited": 0.2, "seed": 3})
    for _ in range(4):
        time_passes()
        sending.send_due([plan.pk])
    net.faults()
    send(plan)
    assert set(net.written_by("jo_travels").values()) == {1}
    assert standing(plan)["sent"] == 9


@pytest.mark.parametrize("net", ["keys", "no keys"], indirect=True)
def test_killed_between_the_networks_yes_and_ours_no_probe_is_posted_twice(net, plan, monkeypatch):
    real, deaths = sending._accepted, []

    def dies(probe, receipt):
        deaths.append(probe.pk)
        if len(deaths) % 2:
            raise KilledError
        real(probe, receipt)

    monkeypatch.setattr(sending, "_accepted", dies)
    send(plan)
    assert len(deaths) >= 9
    assert set(net.written_by("jo_travels").values()) == {1}
    assert standing(plan)["sent"] == 9


@pytest.mark.parametrize("net", ["keys", "no keys"], indirect=True)
def test_a_network_slower_than_our_patience_gets_no_probe_twice(net, plan, monkeypatch):
    from hearout.channels.simulator.calls import Calls

    defaults = Calls._answer.__wrapped__.__kwdefaults__
    patient = defaults["timeout"]
    monkeypatch.setitem(defaults, "timeout", httpx2.Timeout(0.05))
    net.faults(delay=1.0, delay_seconds=0.2)
    time_passes()
    sending.send_due([plan.pk], limit=3)
    assert plan.probes.filter(uncertain_at__isnull=False).count() == 3
    net.faults()
    monkeypatch.setitem(defaults, "timeout", patient)
    deadline = time.monotonic() + 20
    while len(net.written_by("jo_travels")) < 3:  # it takes effect after we gave up
        assert time.monotonic() < deadline
    send(plan)
    assert net.written_by("jo_travels") == Counter(plan.probes.values_list("text", flat=True))


def test_what_another_process_holds_is_left_to_it(net, plan, monkeypatch):
    def dies(probe, receipt):
        raise KilledError

    monkeypatch.setattr(sending, "_accepted", dies)
    time_passes()
    with pytest.raises(KilledError):
        sending.send_due([plan.pk], limit=1)
    held = Probe.objects.get(lease_until__isnull=False)
    monkeypatch.undo()
    assert sending.send_due([plan.pk]) == 8
    held.refresh_from_db()
    assert held.sent_at is None


def test_a_plan_nobody_ran_for_long_is_drawn_anew_and_not_sent_in_a_heap(net, plan):
    Probe.objects.update(due_at=now() - timedelta(hours=2))
    sending.send_due([plan.pk], limit=50)
    assert net.written_by("jo_travels") == {}
    assert {probe.due_at > now() for probe in plan.probes.all()} == {True}
    Plan.objects.update(starts_at=now() - timedelta(days=2), ends_at=now() - timedelta(days=1))
    Probe.objects.update(due_at=now() - timedelta(hours=2))
    sending.send_due([plan.pk], limit=50)
    assert net.written_by("jo_travels") == {}
    assert standing(plan)["failed"] == 9


def test_the_brake_holds_probes_too(net, plan, cast):
    from hearout.replies.brake import pull, release

    pull(cast.brand, by=cast.sol, reason="A wrong text went round.")
    time_passes()
    assert sending.send_due([plan.pk]) == 0
    release(cast.brand, by=cast.sol)
    send(plan)
    assert standing(plan)["sent"] == 9


def test_a_refused_token_ends_the_attempt_with_a_cause(net, plan):
    net.control("POST", "token", {"handle": "jo_travels", "token": "another"})
    send(plan)
    assert standing(plan)["failed"] == 9
    assert "renew the token" in plan.probes.first().cause


def answer(net, probe: Probe, text: str, token: str = TOKEN) -> None:
    net.call("POST", "posts", {"text": text, "in_reply_to": probe.external_id}, token=token)


def test_a_report_fills_the_studies_tables_from_what_the_test_account_was_answered(net, plan, cast):
    send(plan)
    direct = plan.probes.get(tone="complaint", directness="direct", own_page=False)
    indirect = plan.probes.get(tone="question", directness="indirect")
    answer(net, direct, "Sorry about the queue. Send us a direct message, please.")
    answer(net, indirect, "It does, up to two metres.", token="care-token")
    net.call("POST", f"users/{Shopper.objects.get().external_id}/follow")
    assert hear(plan) == {}
    told = report(plan)
    assert (told["all"]["openings"], told["all"]["answered"]) == (9, 2)
    assert [brand["brand"] for brand in told["brands"]] == ["Tidewing"]
    assert told["all"]["moved_to_private"] == 0.5
    assert told["all"]["by"]["tone"]["complaint"]["response_rate"]["value"] == pytest.approx(1 / 3)
    assert (told["all"]["loop_closed"], told["all"]["kudos_rate"]) == (None, None)
    assert told["followed_back"]["value"] == 1.0
    assert len(told["cells"]) == 9
    answered = [(row["tone"], row["directness"], row["place"]) for row in told["cells"] if row["answered"]]
    assert answered == [("question", "indirect", "elsewhere"), ("complaint", "direct", "elsewhere")]
    retailers = {row["label"]: row for table in told["studies"][0]["tables"] for row in table["rows"]}
    assert retailers["Brands that followed the customer back"]["yours"][-1]["value"] == 1
    assert retailers["Brands answering an indirect mention"]["yours"][-1]["value"] == 1
    assert [(one["tone"], one["answered"]) for one in told["each"] if one["answered"]]
    assert told["plan"]["shoppers"][0]["disclosed_to"].startswith("Sol Reyes")
    json.dumps(told)


def test_an_answer_by_somebody_else_or_automatic_or_in_private_answers_nothing(net, plan):
    send(plan)
    first, second, third = plan.probes.all()[:3]
    answer(net, first, "I had the same!", token="kim-token")
    net.call("POST", "posts", {"text": "We got it.", "in_reply_to": second.external_id, "automatic": True})
    net.call("POST", "messages", {"to": third.shopper.external_id, "text": "Hello"})
    hear(plan)
    told = report(plan)
    assert (told["all"]["openings"], told["all"]["answered"]) == (9, 0)
    assert told["exclusions"]["automatic_answers"] == 1


def test_hearing_twice_tells_nothing_twice_and_a_deaf_network_is_said(net, plan):
    send(plan)
    hear(plan)
    once = report(plan)["archive"]["posts"]
    hear(plan)
    assert report(plan)["archive"]["posts"] == once == 9
    net.control("POST", "token", {"handle": "jo_travels", "token": "another"})
    assert "renew the token" in hear(plan)["jo"]


def test_hostile_answers_hold_nothing_up(net, plan, cast):
    send(plan)
    first, second = plan.probes.all()[:2]
    for raw in ({"author": []}, {"created_at": "soon"}, {"text": "a\0"}, {"id": 7}):
        net.control("POST", "posts", {
            "author": "tidewing", "text": "Hello", "in_reply_to": first.external_id, "raw": raw,
        })  # fmt: skip
    for text in (
        "\u202e" * 300,
        "<script>alert(1)</script>" * 100,
        "%s {brand} '; DROP TABLE x; --",
        "x" * 200_000,
    ):
        body = {"author": "tidewing", "text": text, "in_reply_to": second.external_id}
        net.control("POST", "posts", body)
    assert hear(plan) == {}
    told = report(plan)
    assert told["archive"]["rejected"] == 5  # the long one too
    assert [one["answered"] for one in told["each"] if one["text"] == second.text] == [True]
    assert [one["answered"] for one in told["each"] if one["text"] == first.text] == [False]


# Blind


def test_secrets_are_sealed_in_their_row_and_nowhere_else(net, plan):
    shopper = Shopper.objects.get()
    assert "jo-token" not in shopper.secrets
    assert "jo-token" not in json.dumps(shopper.settings)
    assert "jo-token" not in Plan.objects.get().source
    other = Shopper.objects.create(
        name="kim", channel="simulator", network="simulator", external_id="x", handle="x",
        secrets=shopper.secrets, disclosed_to="Sol",
    )  # fmt: skip
    with pytest.raises(ChannelError, match="another place"):
        channel_of(other)


@pytest.fixture
def live(net, cast, plan, settings):
    """The desk hears the network; the probes and one customer have written, and all is worked through."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    Connection.objects.all().delete()
    for handle, token in ((cast.main_handle, TOKEN), (cast.care_handle, "care-token")):
        made = connect(handle, "simulator", {"base_url": net.url}, {"token": token})
        listening_channel_of(made).prepare(webhook_url=None, words=["Tidewing"])
    post = net.control(
        "POST", "posts", {"author": "mira_k", "text": "@tidewing you lost my bag, where is it?"}
    ).json()
    work()
    net.call("POST", "posts", {"text": "Found it, Mira!", "in_reply_to": post["id"]})
    work()
    return net


def work() -> None:
    Connection.objects.update(due_at=now(), lease_until=None)
    pipeline.run_until_idle()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


GIVEAWAYS = ("probe", "shopper", "mystery", "test account", "blindfold", "disclosed", "jo-token")


def given_away(user) -> Counter[tuple[str, str]]:
    """How often each page of the desk, those of each case among them, has each word, as this person sees it."""
    client, found = signed_in(user), Counter()
    plain = ["/" + route for route, _ in ROUTES if "<" not in route]
    of_cases = [
        "/" + route.replace("<int:case_id>", str(case.pk))
        for route, pattern in ROUTES
        for case in Case.objects.all()
        if list(pattern.pattern.converters) == ["case_id"]
    ]
    for address in [*plain, "/inbox/all/", "/search/?q=tidewing", *of_cases]:
        answer = client.get(address)
        if answer.status_code == 200 and not answer.streaming:
            page = answer.content.decode().lower()
            found[address, "page"] = 1
            found.update({(address, word): page.count(word) for word in (*GIVEAWAYS, "jo_travels")})
    return found


@pytest.mark.parametrize("who", ["ana", "ada"])
def test_no_page_and_no_journal_entry_names_a_probe_before_it_is_reported(live, plan, cast, who):
    person = getattr(cast, who)
    # some pages speak of mystery shopping whether there is any or not: the studies did it
    before = given_away(person)
    send(plan)
    work()
    cases = CasePost.objects.filter(post__external_id__in=plan.probes.values_list("external_id", flat=True))
    assert cases.count() >= 5
    answer(live, plan.probes.first(), "We are on it.")
    work()
    hear(plan)
    report(plan)
    news = given_away(person) - before
    assert sum(news[address, "jo_travels"] for address, _ in news) >= 1
    assert {address: word for address, word in news if word in GIVEAWAYS} == {}
    journal = json.dumps(list(Entry.objects.values_list("verb", "noun", "facts"))).lower()
    assert [word for word in GIVEAWAYS if word in journal] == []
    assert reveal(plan)
    assert not reveal(plan)
    page = signed_in(person).get(f"/cases/{cases.first().case_id}/").content.decode()
    assert "mystery shopper" in page
    assert Entry.objects.filter(verb="probes.reported", brand_id=cast.brand.pk).count() == 1
    assert Entry.objects.filter(verb="probe.revealed").count() == cases.count()


def test_probes_change_no_customer_figure_and_are_counted_once_reported(live, plan, cast):
    moment = now() + timedelta(hours=1)

    def taken():
        """What every figure is made of, and one figure as people see it."""
        known = facts(live_tables(), Scope(now=moment), None)
        rows = run(known.openings.order_by("id"), known.exclusions)
        told = figure("response-rate", scope=Scope(now=moment), by="tone").as_json()
        threads = figure("moved-to-private", scope=Scope(now=moment)).as_json()
        return rows, told, threads, overview(["tidewing"], now=moment)

    before = taken()
    assert (before[1]["n"], before[3].week.openings) == (1, 1)
    send(plan)
    work()
    answer(live, plan.probes.first(), "We are on it.")
    work()
    assert CasePost.objects.filter(post__author__handle="jo_travels").exists()
    assert taken() == before
    reveal(plan)
    rows, told, *_ = taken()
    assert rows[0] == before[0][0]
    assert (told["n"], told["exclusions"]["probes"]) == (1, 9)


# The commands


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

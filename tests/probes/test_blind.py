"""Nothing at the desk tells a probe from a customer's post until it is reported, and no figure counts it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from hearout import pipeline
from hearout.cases.models import Case, CasePost
from hearout.channels.base import ChannelError
from hearout.desk.test_doors import ROUTES
from hearout.insight.engine import run
from hearout.insight.facts import facts
from hearout.insight.figures import figure
from hearout.insight.live import overview
from hearout.insight.probes.hearing import hear
from hearout.insight.probes.models import Plan, Shopper
from hearout.insight.probes.reporting import report, reveal
from hearout.insight.scope import Scope
from hearout.insight.tables import live_tables
from hearout.journal.models import Entry
from hearout.listening.connecting import channel_of, connect
from hearout.listening.connecting import channel_of as listening_channel_of
from hearout.listening.models import Connection
from tests.probes.net import TOKEN, answer, send


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

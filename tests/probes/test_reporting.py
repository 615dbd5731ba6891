"""What a report of probes says, and what it is made of."""

from __future__ import annotations

import json

import pytest

from hearout.insight.probes.hearing import hear
from hearout.insight.probes.models import Shopper
from hearout.insight.probes.reporting import report
from tests.probes.net import answer, send


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

"""Faults on demand: each strikes where it should, and the truth log knows."""

import httpx2
import pytest

from simulator.conftest import Wire, wire_to
from simulator.running import running_simulator


def test_an_error_after_accepting_has_taken_effect(net: Wire) -> None:
    post = net.post("@tidewing help")
    net.control.put("/control/faults", json={"error_after_accept": 1})
    answer = net.reply(post, "Sorry", key="k1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert [line["key"] for line in net.truth("accepted")] == ["k1"]
    assert net.truth("fault")[0]["fault"] == "error_after_accept"


def test_a_dropped_connection_after_accepting_has_taken_effect(net: Wire) -> None:
    post = net.post("@tidewing help")
    net.control.put("/control/faults", json={"drop_after_accept": 1})
    with pytest.raises(httpx2.TransportError):
        net.reply(post, "Sorry", key="k1")
    net.control.put("/control/faults", json={})
    assert net.brand.get("/api/own").json()["posts"][0]["idempotency_key"] == "k1"
    assert net.reply(post, "Sorry", key="k1").status_code == 201
    assert len(net.truth("accepted")) == 1


def test_faults_after_accepting_strike_no_reads_and_no_refusals(net: Wire) -> None:
    net.control.put("/control/faults", json={"error_after_accept": 1, "drop_after_accept": 1})
    assert net.brand.get("/api/me").status_code == 200
    assert net.brand.post("/api/posts", json={"text": "x" * 501}).status_code == 422
    assert net.truth("fault") == []


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("rate_limited", 429, "rate_limited"), ("token_expired", 401, "token_expired")],
)
def test_a_refused_write_has_not_taken_effect(net: Wire, fault: str, status: int, code: str) -> None:
    net.control.put("/control/faults", json={fault: 1})
    answer = net.brand.post("/api/posts", json={"text": "hello"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers["X-RateLimit-Limit"]
    assert ("Retry-After" in answer.headers) == (status == 429)
    assert net.truth("accepted") == []


def test_a_delayed_call_is_answered_late_and_noted(net: Wire) -> None:
    net.control.put("/control/faults", json={"delay": 1, "delay_seconds": 0.3})
    answer = net.brand.get("/api/me")
    # The server cannot answer before it has slept, so this cannot fail by a slow machine.
    assert answer.elapsed.total_seconds() >= 0.3
    assert net.truth("fault")[0]["fault"] == "delay"


def test_a_share_of_calls_is_hit_the_same_way_with_the_same_seed(net: Wire) -> None:
    def pattern(seed: int) -> list[int]:
        net.control.put("/control/faults", json={"rate_limited": 0.3, "seed": seed})
        return [net.brand.get("/api/me").status_code for _ in range(40)]

    first = pattern(7)
    assert {200, 429} == set(first)
    assert pattern(7) == first
    assert pattern(8) != first


@pytest.mark.parametrize("wanted", [{"meteor": 1}, {"delay": 2}, {"delay": "much"}, {"delay_seconds": -1}])
def test_nonsense_faults_are_refused(net: Wire, wanted: dict[str, object]) -> None:
    assert net.control.put("/control/faults", json=wanted).status_code == 400


def test_without_idempotency_the_same_key_answers_twice_and_the_truth_says_so() -> None:
    with running_simulator(no_idempotency=True) as running:
        net = wire_to(running)
        post = net.post("@tidewing help")
        first, second = net.reply(post, "Sorry", key="k1"), net.reply(post, "Sorry", key="k1")
        assert first.json()["id"] != second.json()["id"]
        assert [line["reason"] for line in net.summary()["answered_twice"]] == ["same text"]

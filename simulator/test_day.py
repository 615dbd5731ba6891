"""A day of the customers: its rhythm, its speed, and how they take what the brand does."""

import json
import random
from collections import Counter
from typing import Any

from simulator.conftest import Wire, wire_to
from simulator.journal import Journal
from simulator.moments import HOUR, Clock, from_iso
from simulator.rhythm import arrivals
from simulator.running import running_simulator
from simulator.world import World


def told(net: Wire) -> list[tuple[Any, ...]]:
    names = ("event", "id", "at", "author", "text", "in_reply_to", "persona", "kind", "wants_answer")
    return [tuple(line[name] for name in names) for line in net.truth("posted") + net.truth("edited")]


def test_the_same_seed_gives_the_same_day_and_another_seed_another(net: Wire) -> None:
    days = []
    for seed in (3, 3, 4):
        net.control.delete("/control/all")
        net.live(posts=300, seed=seed)
        days.append(told(net))
    assert len(days[0]) > 300
    assert days[0] == days[1]
    assert days[0] != days[2]


def test_the_day_has_the_number_of_openings_asked_for_at_any_speed(net: Wire) -> None:
    by_speed = []
    for speed in (50_000, 1_000_000):
        net.control.delete("/control/all")
        progress = net.live(posts=150, speed=speed)
        assert (progress["running"], progress["arrived"], progress["expected"]) == (False, 150, 150)
        by_speed.append(told(net))
    assert by_speed[0] == by_speed[1]


def test_five_thousand_posts_run_through(net: Wire) -> None:
    progress = net.live(posts=5000)
    assert progress["arrived"] == 5000
    # However fast the day and slow the machine, the network's time is where the customers are.
    assert 0 <= from_iso(progress["now"]) - from_iso(progress["end"]) < HOUR
    texts = Counter(line["text"] for line in net.truth("posted") if line["in_reply_to"] is None)
    assert len(texts) > 0.9 * texts.total()


def test_a_day_has_all_kinds_of_posts_in_all_places(net: Wire) -> None:
    net.brand.put("/api/search-words", json={"words": ["tidewing", "tidemiles"]})
    net.live(posts=1000)
    truth = net.truth("posted")
    assert {line["kind"] for line in truth} == {"complaint", "question", "praise", "other", "noise"}
    assert not any(
        line["concerns_brand"] or line["wants_answer"] for line in truth if line["kind"] == "noise"
    )
    posts = net.feed(limit=1000)["posts"]
    assert any(post["page_of"] for post in posts)
    assert any(post["visibility"] == "private" for post in posts)
    assert any("@" not in post["text"] and "Tidewing" in post["text"] for post in posts)
    assert any("#tidewing" in post["text"] for post in posts)
    assert {post["language"] for post in posts} == {"en", "de", "es", "fr"}
    assert net.truth("edited")
    assert net.truth("deleted")


def test_created_at_is_simulated_time_and_ids_grow_with_it(net: Wire) -> None:
    net.live(posts=100, start="2026-03-02T00:00:00Z")
    posts = net.truth("posted")
    times, ids = [from_iso(line["at"]) for line in posts], [int(line["id"]) for line in posts]
    start = from_iso("2026-03-02T00:00:00Z")
    assert start <= min(times) <= max(times) < start + 24 * HOUR
    assert ids == sorted(ids)
    assert [one >> 22 for one in ids] == times


def test_nights_are_quiet_and_evenings_are_not() -> None:
    start = from_iso("2026-03-02T00:00:00Z")
    moments = arrivals(random.Random(7), start, 24, 5000)
    by_hour = Counter((moment - start) // HOUR for moment in moments)
    assert len(moments) == 5000
    assert moments == sorted(moments)
    assert by_hour[3] * 5 < by_hour[12]
    assert by_hour[16] < by_hour[20]


def test_the_unanswered_come_back_and_the_answered_do_not(net: Wire) -> None:
    net.live(posts=300, people=300)
    ignored = sum(line["in_reply_to"] is not None for line in net.truth("posted"))
    net.control.delete("/control/all")
    net.live(posts=300, people=300, patience=1000)
    patient = sum(line["in_reply_to"] is not None for line in net.truth("posted"))
    assert ignored > 5 * patient


def test_the_answered_react_and_praise_the_agent_by_name(net: Wire) -> None:
    net.live(posts=400, staffed=1.0, patience=1000, after=12)
    posts = net.truth("posted")
    answers = [line for line in posts if line["brand"]]
    assert len(answers) > 100
    assert net.summary()["answered_twice"] == []
    ids = {line["id"] for line in answers}
    reactions = [line for line in posts if line["in_reply_to"] in ids]
    assert {line["kind"] for line in reactions} >= {"praise", "question", "complaint"}
    assert any("Ana" in line["text"] and line["kind"] == "praise" for line in reactions)


def test_an_answer_through_the_api_moves_the_customer(net: Wire) -> None:
    day = {"posts": 60, "hours": 1, "after": 200, "speed": 3600, "patience": 1000}
    net.control.post("/control/day", json=day | {"start": "2026-03-02T18:00:00Z"})
    progress = net.control.get("/control/day", params={"wait": 1.5}).json()
    assert progress["running"] is True
    page = net.feed(limit=1000)
    answered = {
        net.reply(post, "That is solved now. ^Ana").json()["id"]
        for post in page["posts"]
        if post["visibility"] == "public" and not post["deleted_at"]
    }
    with net.brand.stream("GET", "/api/stream", params={"cursor": page["cursor"]}) as lines:
        told = (json.loads(line)["post"] for line in lines.iter_lines() if line)
        reaction = next(post for post in told if post["in_reply_to"] in answered)
    net.control.delete("/control/day")
    assert reaction["author"]["handle"] != "tidewing"
    answer = net.brand.get(f"/api/posts/{reaction['in_reply_to']}").json()
    assert reaction["created_at"] > answer["created_at"]


def test_time_waits_for_what_is_to_happen_and_goes_on_afterwards() -> None:
    clock = Clock()
    world = World(Journal(None), clock)
    start = from_iso("2026-03-02T00:00:00Z")
    world.set_clock(start, 1_000_000, hold=True)
    assert {clock.now() for _ in range(10_000)} == {start}
    clock.hold(start + 1)
    assert {clock.now() for _ in range(10_000)} <= {start, start + 1}
    for speed in (1_000_000, 1.0):
        held = clock.now()
        clock.hold(held)
        world.set_clock(None, speed)
        assert any(clock.now() > held for _ in range(1_000_000))


def test_a_day_can_be_stopped_and_bad_ones_are_refused(net: Wire) -> None:
    net.control.post("/control/day", json={"posts": 1000, "speed": 1})
    assert net.control.get("/control/day").json()["running"] is True
    assert net.control.delete("/control/day").json()["running"] is False
    for wanted in ({"brand": "nobody"}, {"speed": 0}, {"posts": "many"}, {"start": "soon"}):
        assert net.control.post("/control/day", json=wanted).status_code in (400, 404)


def test_a_history_is_there_from_the_start_and_mostly_answered() -> None:
    with running_simulator(backfill=72, posts_per_day=200, people=120) as running:
        net = wire_to(running)
        posts = net.truth("posted")
        customers = {line["author"] for line in posts if not line["brand"]}
        times = [from_iso(line["at"]) for line in posts]
        assert 60 < len(customers) <= 120
        assert 60 * HOUR < max(times) - min(times) <= 72 * HOUR
        assert max(times) <= from_iso(net.control.get("/control/health").json()["now"])
        summary = net.summary()
        assert summary["answered_twice"] == []
        assert 0 < len(summary["unanswered"]) < 0.6 * summary["wants_answer"]
        assert net.control.get("/control/day").json()["running"] is True

"""With a data folder the network comes back as it was, whatever ended it."""

from pathlib import Path

import httpx2

from simulator.conftest import Wire, wire_to
from simulator.running import running_simulator


def fill(net: Wire) -> None:
    net.brand.put("/api/search-words", json={"words": ["tidemiles"]})
    net.control.post(
        "/control/accounts", json={"handle": "other", "name": "Other", "token": "t", "brand": True}
    )
    post = net.post("@tidewing help")
    net.reply(post, "Sorry", key="k1")
    net.brand.post(f"/api/posts/{post['id']}/like")
    net.brand.post(f"/api/users/{post['author']['id']}/follow")
    net.post("my tidemiles")
    net.control.put(f"/control/posts/{post['id']}", json={"text": "@tidewing help me"})
    net.control.delete(f"/control/posts/{post['id']}")


def state(net: Wire) -> list[object]:
    posts = [{name: value for name, value in post.items() if name != "url"} for post in net.feed()["posts"]]
    return [posts, net.feed()["cursor"], net.summary(), net.control.get("/control/truth").text]


def test_everything_comes_back_after_a_restart(tmp_path: Path) -> None:
    with running_simulator(data=tmp_path) as running:
        net = wire_to(running)
        fill(net)
        before = state(net)
        first = net.feed()["posts"][0]
    with running_simulator(data=tmp_path) as running:
        net = wire_to(running)
        assert state(net) == before
        assert net.brand.get(f"/api/posts/{first['id']}/liked").json() == {"value": True}
        assert net.brand.get(f"/api/users/{first['author']['id']}/followed").json() == {"value": True}
        second = net.post("@tidewing hello")
        assert int(second["id"]) > int(first["id"])
        net.reply(second, "Sorry", key="k1")
        assert len(net.truth("accepted")) == 1


def test_what_was_answered_survives_kill_and_a_torn_line(tmp_path: Path) -> None:
    with running_simulator(data=tmp_path) as running:
        net = wire_to(running)
        fill(net)
        before = state(net)
        running.process.kill()
        running.process.wait()
    with (tmp_path / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"step": {"do": "post", "id"')
    for _ in range(2):
        with running_simulator(data=tmp_path) as running:
            net = wire_to(running)
            assert state(net) == before
            net.post("@tidewing written over what was torn")
            before = state(net)


def test_forgetting_everything_outlives_a_restart_and_old_cursors_begin_again(tmp_path: Path) -> None:
    with running_simulator(data=tmp_path) as running:
        net = wire_to(running)
        fill(net)
        cursor = net.feed()["cursor"]
        net.control.delete("/control/all")
        assert net.feed()["posts"] == []
    with running_simulator(data=tmp_path) as running:
        net = wire_to(running)
        post = net.post("@tidewing anew")
        assert [one["id"] for one in net.feed(cursor=cursor)["posts"]] == [post["id"]]


def test_simulated_time_goes_on_where_it_was(tmp_path: Path) -> None:
    with running_simulator(data=tmp_path) as running:
        wire_to(running).live(posts=20, start="2026-03-02T00:00:00Z")
    with running_simulator(data=tmp_path) as running:
        now = wire_to(running).control.get("/control/health").json()["now"]
        assert now.startswith("2026-03-0")


def test_a_free_port_is_told_and_answers() -> None:
    with running_simulator() as running:
        assert httpx2.get(f"{running.url}/control/health").json()["ok"] is True
        process = running.process
    assert process.returncode == 0

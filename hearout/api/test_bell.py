"""The doorbell: a browser hears what its user may hear, each ring once, and nothing it missed is lost."""

import asyncio

import pytest

from hearout.api.asking import ask, scope_of
from hearout.api.bell import QUEUE, Bell
from hearout.api.permit import permit


class Browser:
    """Reads a stream until it is told to leave."""

    def __init__(self, bell, topics, last_id=""):
        headers = [("last-event-id", last_id)] if last_id else []
        self.scope = scope_of("GET", "/live/", headers, f"topics={topics}")
        self.text = ""
        self.leave = asyncio.Event()
        self.task = asyncio.create_task(bell(self.scope, self.receive, self.send))

    async def receive(self):
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.text += message.get("body", b"").decode()

    async def heard(self, times):
        """Event names, once there are that many."""
        async with asyncio.timeout(10):
            while self.text.count("event: ") < times:
                await asyncio.sleep(0)
        return [line[7:] for line in self.text.splitlines() if line.startswith("event: ")]

    async def settled(self):
        async with asyncio.timeout(10):
            while "retry:" not in self.text:
                await asyncio.sleep(0)


def everything(cookie, topics):
    return set(topics)


def test_a_browser_hears_its_topics_and_no_others():
    async def run():
        bell = Bell("", everything)
        browser = Browser(bell, "case:1,brand:2")
        await browser.settled()
        bell.ring(["case:1", "case:9", "brand:2"])
        return await browser.heard(2)

    assert asyncio.run(run()) == ["case-1", "brand-2"]


def test_a_stranger_hears_nothing():
    answer = asyncio.run(ask(Bell("", lambda cookie, topics: set()), "GET", "/live/"))
    assert answer.status == 404


def test_a_browser_that_comes_back_gets_what_it_missed_once():
    async def run():
        bell = Bell("", everything)
        first = Browser(bell, "case:1")
        await first.settled()
        bell.ring(["case:1"])
        await first.heard(1)
        last_id = first.text.rpartition("id: ")[2].splitlines()[0]
        first.leave.set()
        await first.task
        bell.ring(["case:1", "case:2", "case:1"])
        second = Browser(bell, "case:1", last_id)
        return await second.heard(2), bell.listeners

    assert asyncio.run(run()) == (["case-1", "case-1"], 1)


def test_after_a_restart_every_topic_is_rung():
    async def run():
        browser = Browser(Bell("", everything), "case:1,brand:2", "00000000-7")
        return await browser.heard(2)

    assert sorted(asyncio.run(run())) == ["brand-2", "case-1"]


def test_a_browser_that_does_not_read_is_cut_off_and_forgotten():
    async def run():
        bell = Bell("", everything)
        browser = Browser(bell, "case:1")
        await browser.settled()
        bell.ring(["case:1"] * (QUEUE + 1))
        async with asyncio.timeout(10):
            await browser.task
        return bell.listeners

    assert asyncio.run(run()) == 0


def test_a_stream_dies_with_its_users_permission(monkeypatch):
    monkeypatch.setattr("hearout.api.bell.RECHECK", 0.01)
    allowed = {"case:1"}

    async def run():
        bell = Bell("", lambda cookie, topics: set(topics) & allowed)
        recheck = asyncio.create_task(bell._recheck())
        browser = Browser(bell, "case:1")
        await browser.settled()
        allowed.clear()
        async with asyncio.timeout(10):
            await browser.task
        recheck.cancel()
        return bell.listeners

    assert asyncio.run(run()) == 0


@pytest.mark.django_db
def test_topics_go_through_the_ordinary_doors(client, cast):
    client.force_login(cast.ana)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    mine = f"brand:{cast.brand.pk}"
    assert permit(cookie, [mine, f"brand:{cast.other_brand.pk}", "case:1", "brand:x", "user:1"]) == {mine}
    cast.ana.set_password("another long password")
    cast.ana.save()
    assert permit(cookie, [mine]) == set()


@pytest.mark.parametrize("cookie", ["", "sessionid=", "sessionid=forged", "\x00;;=,", "sessionid"])
@pytest.mark.django_db
def test_strangers_are_permitted_nothing(cast, cookie):
    assert permit(cookie, [f"brand:{cast.brand.pk}"]) == set()

"""From the network to an agent's screen: `python bench/screen.py [--quick]`.

The real front and a worker process run. Signed webhooks bring 50 posts a second, each by a new
customer; an agent who has signed in listens to the doorbell and, as the browser does, fetches the
inbox's list 0.7 s after a ring (rings meanwhile are one) and looks for each post's mark in it. A
post's time runs from when its webhook was due to be sent until the list that shows it has arrived.

Reference, in the same run: the same list fetched once at the end, alone; less cannot be.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ground import ground, post_of, tidewing
from measure import QUICK, percentile, print_goal, print_head, print_line, print_machine
from wire import Line, lines, request_of

RATE, SECONDS = 50, 5 if QUICK else 60
PATIENCE = 15.0
"""Seconds after the last post; what is not on the screen then is missing."""
COALESCED = 0.7
"""As `desk/static/desk/live.js`: a busy brand rings many times a second."""
MOST_PAGES = 12
MEDIAN_S = 2.0
UNCOUNTED = 99_999

_MARK = re.compile(r"mark-(\d{5})-")
_OLDER = re.compile(r'hx-get="\?([^"]*)"')


@dataclass
class Agent:
    """A browser with a session. `seen`: when each mark was first in a list that had arrived."""

    port: int
    cookie: str
    brand: int
    seen: dict[int, float] = field(default_factory=dict)
    fetched: list[float] = field(default_factory=list)
    rings: int = 0

    async def listen(self, rung: asyncio.Event) -> None:
        """Follow the doorbell; when it hangs up, come back, as a browser does."""
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(self._get(f"/live/?topics=brand:{self.brand}", "text/event-stream"))
            try:
                if b" 200 " not in await reader.readline():
                    raise RuntimeError("the doorbell does not let the agent in")
                rung.set()  # what rang before is unknown
                async for line in _lines(reader):
                    if line.startswith(b"event: brand-"):
                        self.rings += 1
                        rung.set()
            finally:
                writer.close()

    async def watch(self, rung: asyncio.Event) -> None:
        while True:
            await rung.wait()
            await asyncio.sleep(COALESCED)
            rung.clear()
            await asyncio.gather(self.look(), self._fetch("/queues/?at=all"))

    async def look(self) -> None:
        """Read the list down to what is known already."""
        after = ""
        for _ in range(MOST_PAGES):
            began = time.perf_counter()
            page = await self._fetch(f"/inbox/all/?{after}")
            now = time.perf_counter()
            self.fetched.append(now - began)
            marks = {int(one) for one in _MARK.findall(page)}
            fresh = marks - self.seen.keys()
            self.seen |= dict.fromkeys(fresh, now)
            older = _OLDER.search(page)
            if not older or len(fresh) < len(marks) or not marks:
                return
            after = older[1].replace("&amp;", "&")

    async def _fetch(self, path: str) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(
                self._get(path, "text/html", "HX-Request: true\r\nHX-Target: older\r\nConnection: close\r\n")
            )
            answer = (await reader.read()).decode()
        finally:
            writer.close()
        if not answer.startswith("HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {answer[:200]}")
        return answer

    def _get(self, path: str, accept: str, more: str = "") -> bytes:
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: {accept}\r\n"
            f"Cookie: {self.cookie}\r\n{more}\r\n"
        ).encode()


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while line := await reader.readline():
        yield line


def sign_in() -> str:
    """The cookie of an agent's session, made as the sign-in page makes it."""
    from django.conf import settings
    from django.test import Client

    from hearout.people.models import User

    client = Client()
    client.force_login(User.objects.get(email="a0@tidewing.example"))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


async def run(agent: Agent, path: str) -> dict[int, float]:
    """Send, and let the agent watch. Returns when each post was due."""
    rung = asyncio.Event()
    await agent.look()  # the page that listens has been opened before
    watching = [asyncio.create_task(agent.listen(rung)), asyncio.create_task(agent.watch(rung))]
    try:
        await _warm_up(agent, path, watching)
        due = await _send(agent.port, path, watching)
        deadline = time.perf_counter() + PATIENCE
        while len(agent.seen) < len(due) and time.perf_counter() < deadline:
            _raise_from(watching)
            await asyncio.sleep(0.05)
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    return due


async def _warm_up(agent: Agent, path: str, watching: list[asyncio.Task[None]]) -> None:
    """One post, not counted: the first makes server and worker load their word lists and templates."""
    first = (await lines(agent.port, 1))[0]
    await _post(first, path, UNCOUNTED)
    deadline = time.perf_counter() + PATIENCE
    while UNCOUNTED not in agent.seen and time.perf_counter() < deadline:
        _raise_from(watching)
        await asyncio.sleep(0.05)
    first.close()
    agent.seen.clear()
    agent.fetched.clear()


async def _send(port: int, path: str, watching: list[asyncio.Task[None]]) -> dict[int, float]:
    opened = await lines(port, 8)
    began = time.perf_counter() + 0.1
    due = {number: began + number / RATE for number in range(RATE * SECONDS)}
    for number, moment in due.items():
        await asyncio.sleep(moment - time.perf_counter())
        _raise_from(watching)
        await _post(opened[number % len(opened)], path, number)
    for line in opened:
        line.close()
    return due


async def _post(line: Line, path: str, number: int) -> None:
    text = f"@tidewing mark-{number:05}- where is my bag? Nobody answers the phone"
    post = post_of(number, text, f"customer_{number}", datetime.now(UTC), mentions=("tidewing",))
    if (status := await line.ask(request_of(path, number, [post]))) != 200:
        raise RuntimeError(f"the front answered {status}")


def _raise_from(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done():
            task.result()


async def alone(agent: Agent) -> list[float]:
    agent.fetched.clear()
    for _ in range(20):
        await agent._fetch("/inbox/all/?")
        began = time.perf_counter()
        await agent._fetch("/inbox/all/?")
        agent.fetched.append(time.perf_counter() - began)
    return agent.fetched


def main() -> None:
    print_machine()
    with ground() as here:
        connection = tidewing()
        port = here.serve()
        here.start("work", "--inside", ready="working:")
        agent = Agent(port, sign_in(), connection.handle.brand_id)
        due = asyncio.run(run(agent, f"/hooks/{connection.hook_id}/"))
        waits = [agent.seen[number] - moment for number, moment in due.items() if number in agent.seen]
        missing, fetched = len(due) - len(waits), list(agent.fetched)
        reference = asyncio.run(alone(agent))
    if not waits:
        raise RuntimeError("no post reached the screen")
    print(f"\n{RATE} posts a second for {SECONDS} s; {agent.rings:,} rings, {len(fetched):,} lists fetched")
    print_head("posts", "s")
    print_line("", "reference: the list, fetched alone", reference, digits=3)
    print_line("", "the list, fetched meanwhile", fetched, reference, digits=3)
    print_line(len(due), "webhook due to post on the screen", waits, reference, digits=3)
    median, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
    print(
        f"{'':>8} p50 {median:.2f} s, p95 {percentile(waits, 0.95):.2f} s, p99 {p99:.2f} s, missing {missing}"
    )
    print_goal(f"median under {MEDIAN_S:.0f} s", f"{median:.2f} s", median < MEDIAN_S)
    print_goal(f"p99 under {MEDIAN_S:.0f} s, none missing", f"{p99:.2f} s", p99 < MEDIAN_S and not missing)


if __name__ == "__main__":
    main()

"""A real browser, the real front, the simulated network, and the pipeline run by the test itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from simulator.running import running_simulator
from tests.drill.day import connect, running_front, wait_for
from tests.programs import FLAGS, find_browser

# the browser's driver runs an event loop in this thread; nothing else does
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.nodeid:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        message = "NO BROWSER: install chromium, or set HEAROUT_BROWSER to one"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@dataclass
class Town:
    """The brand, its network and its desk."""

    cast: Any
    url: str
    control: httpx2.Client
    browser: Browser

    def says(self, who: str, text: str, **more: Any) -> str:
        """A customer posts on the network. Returns the post's id there."""
        answer = self.control.post("/control/posts", json={"author": who, "text": text, **more})
        answer.raise_for_status()
        return str(answer.json()["id"])

    def settle(self, ready: Any = None) -> None:
        """Let the pipeline work until nothing moves, or until `ready()`."""
        from hearout import pipeline
        from hearout.listening.models import Connection

        Connection.objects.update(due_at="2020-01-01T00:00Z")
        pipeline.run_until_idle(
            pipeline.choose(names={"fetch", "hear", "decide", "open", "hand out", "reckon"})
        )
        if ready:
            wait_for(lambda: bool(pipeline.run_once() + 1) and ready(), 60, "what the journey waits for")

    def context(self, size: str = "desktop", **more: Any) -> BrowserContext:
        return self.browser.new_context(viewport=SIZES[size], base_url=self.url, **more)

    def enter(self, name: str, size: str = "desktop", **more: Any) -> Page:
        """Somebody of the cast signs in, as people do."""
        page = self.context(size, **more).new_page()
        page.set_default_timeout(15_000)
        page.goto("/")
        page.get_by_label("E-mail", exact=False).fill(f"{name}@tidewing.example")
        page.locator("input[type=password]").fill("a long password")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/accounts/" not in url)
        return page


@pytest.fixture
def town(transactional_db: None, request: pytest.FixtureRequest, browser: Browser) -> Iterator[Town]:
    cast = request.getfixturevalue("cast")
    prepare(cast)
    with (
        running_simulator(account=["tidewingcare:Tidewing Care:care-token"]) as network,
        running_front() as front,
        httpx2.Client(base_url=network.url, timeout=30, trust_env=False) as control,
    ):
        connect(cast, network.url, front)
        made = Town(cast, front, control, browser)
        yield made
        for context in browser.contexts:
            context.close()


def prepare(cast: Any) -> None:
    """Hours, promises, rules and a saved reply, as the demo has them."""
    from hearout.clocks.models import Hours
    from hearout.clocks.standards import default_standards
    from hearout.replies.models import SavedReply
    from hearout.triage.default_rules import give_default_rules

    hours = Hours.objects.create(brand=cast.brand, name="Always", always=True)
    default_standards(cast.brand, hours)
    give_default_rules(cast.brand)
    SavedReply.objects.create(brand=cast.brand, name="Hello", text="Hi {first_name}, we are on it. {agent}")

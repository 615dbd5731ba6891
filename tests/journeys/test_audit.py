"""A head of care takes the audit of the live brand, reads it by keyboard and sends it on."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from hearout.listening.models import Post
from hearout.people.models import Brand

SERIOUS = {"serious", "critical"}
SHOTS = os.environ.get("HEAROUT_SHOTS", "")


@pytest.fixture
def heard(town):
    """Openings of the last days, some answered, in two tones; a hostile name among the brands."""
    texts = (
        "my bag has been gone for 3 days!!",
        "what time does the desk open?",
        "the crew was wonderful, thank you",
    )
    posts = [
        town.says(who, f"@tidewing {texts[number % 3]} ({number})")
        for number, who in enumerate(("mira_k", "tom_on_tour", "priya_sky") * 3)
    ]
    town.settle(lambda: Post.objects.filter(external_id__in=posts).count() == len(posts))
    Brand.objects.filter(pk=town.cast.brand.pk).update(name="Tidewing <img src=x onerror=alert(1)>")
    for number, post in enumerate(Post.objects.filter(external_id__in=posts).order_by("pk")):
        at = timezone.now() - timedelta(hours=3 * number + 2)
        Post.objects.filter(pk=post.pk).update(posted_at=at)
        if number % 3:
            Post.objects.create(
                network=post.network, external_id=f"answer{number}", author=town.cast.mira, text="On it",
                posted_at=at + timedelta(minutes=7 * number), parent=post, root=post,
                parent_external_id=post.external_id, handle=town.cast.main_handle,
            )  # fmt: skip
    return town


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']} {rule['nodes'][0]['html'][:120]}" for rule in found if rule["impact"] in SERIOUS]


def see_the_grade(page: Page) -> None:
    """The first audit after a start loads what draws charts, so it may take its time."""
    expect(page.get_by_role("heading", name=re.compile("^Grade "))).to_be_visible(timeout=60_000)


def shot(page: Page, name: str) -> None:
    """A picture for who wants to look: HEAROUT_SHOTS names the folder."""
    if SHOTS:
        page.evaluate("document.querySelector('.shell')?.style.setProperty('height', 'auto')")
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("size", "theme"), [("desktop", "light"), ("desktop", "dark"), ("phone", "light")])
def test_the_audit_is_accessible_and_runs_no_strangers_script(heard, size, theme):
    page = heard.enter("sol", size, color_scheme=theme)
    said, dialogs = [], []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto("/audit/")
    see_the_grade(page)
    expect(page.locator("#methods")).to_contain_text("What this audit cannot tell")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    assert page.evaluate("document.querySelector('main').scrollWidth <= innerWidth + 1")
    assert serious(page) == []
    assert (said, dialogs) == ([], [])
    shot(page, f"audit_{size}_{theme}")


def test_the_audit_is_taken_by_keyboard_and_sent_as_one_file(heard, tmp_path):
    page = heard.enter("sol")
    page.keyboard.press("g")
    page.keyboard.press("u")
    see_the_grade(page)
    page.keyboard.press("d")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Report (HTML)").press("Enter")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    sheet = heard.context(java_script_enabled=False).new_page()
    asked: list[str] = []
    sheet.on("request", lambda request: asked.append(request.url))
    sheet.goto(path.as_uri())
    expect(sheet.get_by_role("heading", level=1)).to_contain_text("answers its customers")
    expect(sheet.locator("#studies")).to_contain_text("58")
    assert asked == [path.as_uri()]


@pytest.mark.parametrize(("size", "theme"), [("desktop", "light"), ("desktop", "dark"), ("phone", "light")])
def test_the_report_is_accessible_wherever_it_is_opened(heard, tmp_path, size, theme):
    answer = heard.enter("sol").request.get("/audit/file/html/")
    path = tmp_path / "report.html"
    path.write_bytes(answer.body())
    page = heard.context(size, color_scheme=theme).new_page()
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    assert serious(page) == []


def test_the_audit_works_without_javascript(heard):
    page = heard.enter("lin", java_script_enabled=False)
    page.goto("/audit/")
    page.get_by_role("link", name="Show the audit").click()
    see_the_grade(page)
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_label("To", exact=True).fill("2019-01-01")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("comes after the last")

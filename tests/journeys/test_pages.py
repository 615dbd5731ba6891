"""Every page: accessible in both themes, on desktop and phone, and silent in the console."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from hearout.cases.models import Case

SETTINGS = [
    "people",
    "teams",
    "handles",
    "watchwords",
    "hours",
    "standards",
    "rules",
    "topics",
    "reading",
    "saved-replies",
    "history",
]
SERIOUS = {"serious", "critical"}


def pages(town):
    brand = town.cast.brand.pk
    case = Case.objects.order_by("id").first().pk
    queues = [f"/inbox/{queue}/" for queue in ("mine", "unassigned", "at-risk", "praise", "snoozed", "all")]
    settings = [f"/settings/{brand}/{page}/" for page in SETTINGS]
    return [*queues, f"/cases/{case}/", "/overview/", "/settings/profile/", *settings, "/inbox/all/?q=bag"]


def hear_everybody(town):
    first = town.says("mira_k", "@tidewing my bag has been gone for 3 days, where is it??")
    town.says("mira_k", "@tidewing hello? anybody there?", in_reply_to=first)
    town.says("tom_on_tour", "What time does the Tidewing desk in Porto open?")
    town.says("priya_sky", "@tidewing the crew on TW12 was wonderful, thank you Ana!")
    town.says(
        "evil", "@tidewing <script>alert(1)</script> \u202egnp.exe <img src=x onerror=alert(2)> help me now!"
    )
    town.settle(lambda: Case.objects.count() >= 3)


@pytest.mark.parametrize(("size", "theme"), [("desktop", "light"), ("desktop", "dark"), ("phone", "light")])
def test_every_page_is_accessible_and_says_nothing_in_the_console(town, size, theme):
    hear_everybody(town)
    page = town.enter("ada", size, color_scheme=theme)
    said, dialogs, found = [], [], []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for address in pages(town):
        response = page.goto(address)
        assert response.status == 200, address
        page.evaluate("document.querySelectorAll('details.why').forEach(why => why.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), (
            f"{address} is too wide"
        )
        results = Axe().run(page)
        found += [
            f"{address}: {rule['id']} {rule['nodes'][0]['html'][:120]}"
            for rule in results.response["violations"]
            if rule["impact"] in SERIOUS
        ]
    assert found == []
    assert said == []
    assert dialogs == []


def test_the_sign_in_page_is_accessible_and_tells_strangers_nothing(town):
    page = town.context().new_page()
    page.goto("/cases/1/")
    page.wait_for_url("**/accounts/login/**")
    results = Axe().run(page)
    assert [rule["id"] for rule in results.response["violations"] if rule["impact"] in SERIOUS] == []


def test_only_the_parts_of_a_page_scroll_never_the_frame(town):
    hear_everybody(town)
    page = town.enter("ada")
    page.goto("/inbox/all/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator("#case-thread").wait_for()
    for address in (None, *pages(town)[-6:], "/overview/"):
        if address:
            page.goto(address)
        page.evaluate("document.querySelector('main :last-child').scrollIntoView(false)")
        assert page.evaluate("[document.documentElement.scrollHeight <= innerHeight, scrollY]") == [
            True,
            0,
        ], address

"""An agent sees why a post was read as it was, and says what it is, by the keyboard and without scripts."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from hearout.cases.models import Case
from hearout.triage.learnt import Correction
from hearout.triage.models import Verdict
from tests.drill.day import wait_for

COMPLAINT = "@tidewing my bag has been gone for 3 days and nobody answers, where is it??"


def heard(town) -> Case:
    town.says("mira_k", COMPLAINT)
    town.settle(lambda: Case.objects.exists())
    return Case.objects.get()


def test_why_opens_by_the_keyboard_and_a_label_is_confirmed(town):
    case = heard(town)
    page = town.enter("ana")
    page.goto(f"/cases/{case.pk}/")
    why = page.locator("details.why > summary").first
    expect(why).to_contain_text("Complaint")
    expect(why).to_contain_text("because of")
    why.focus()
    page.keyboard.press("Enter")
    right = page.get_by_role("button", name=re.compile("Right ?: Kind is Complaint"))
    expect(right).to_be_visible()
    right.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Noted: that was read rightly.")).to_be_visible()
    wait_for(lambda: Correction.objects.filter(label="kind").count() == 1, 5, "the fact")


def test_several_labels_are_corrected_in_one_form_without_scripts(town):
    case = heard(town)
    cookies = town.enter("ana").context.cookies()
    context = town.context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"/cases/{case.pk}/")
    page.locator("details.why > summary").first.click()
    form = page.locator("details.why form.row-wise").first
    form.get_by_label("Kind").select_option("request")
    form.get_by_label("Urgency").select_option("high")
    form.get_by_role("button", name="Correct").click()
    expect(page.get_by_text("Noted: your word counts")).to_be_visible()
    verdict = Verdict.objects.get()
    assert (verdict.kind, verdict.urgency, verdict.overruled_by) == ("request", "high", town.cast.ana)

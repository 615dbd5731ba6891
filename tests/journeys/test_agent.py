"""An agent's day in a real browser: from a post on the network to an answer seen there."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from hearout import pipeline
from hearout.cases.models import Case
from hearout.replies.models import Reply
from tests.drill.day import wait_for

COMPLAINT = "@tidewing my bag has been gone for 3 days and nobody answers, where is it??"


def ten_seconds_pass():
    Reply.objects.filter(due_at__isnull=False).update(due_at="2020-01-01T00:00Z")


def network_shows(town, post_id):
    """Texts of the thread, as anybody on the network sees them."""
    truth = [line for line in town.control.get("/control/truth").text.splitlines() if '"accepted"' in line]
    return [line for line in truth if post_id in line]


def send_and_read_back(town, case):
    ten_seconds_pass()
    town.settle(lambda: not Reply.objects.filter(case=case, queued_at__isnull=False, seen_at=None).exists())
    town.settle(lambda: case.posts.filter(ours=True).exists())


def test_a_complaint_is_found_claimed_answered_seen_and_resolved(town):
    post_id = town.says("mira_k", COMPLAINT)
    town.settle(lambda: Case.objects.filter(customer__name__icontains="mira").exists())
    case = Case.objects.get()
    page = town.enter("ana")
    page.goto("/inbox/all/")
    expect(page.get_by_text("my bag has been gone")).to_be_visible()
    page.goto(f"/cases/{case.pk}/")
    expect(page.locator("#case-thread")).to_contain_text("nobody answers")
    expect(page.locator("body")).to_contain_text("Complaint")
    page.keyboard.press("c")
    wait_for(lambda: Case.objects.get().assignee_id == town.cast.ana.pk, 15, "the claim")
    page.keyboard.press("r")
    page.keyboard.type("Hi Mira, I am on it and will write to you within the hour. Ana")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name=re.compile("Undo"))).to_be_visible()
    assert Reply.objects.get().queued_at
    send_and_read_back(town, case)
    assert len(network_shows(town, post_id)) == 1
    page.goto(f"/cases/{case.pk}/")
    expect(page.locator("#case-thread")).to_contain_text("I am on it")
    expect(page.locator("#case-thread")).to_contain_text(re.compile("seen", re.I))
    page.keyboard.press("e")
    page.get_by_role("button", name="Solved", exact=True).click()
    wait_for(lambda: not Case.objects.get().is_open, 15, "the closing")


def test_a_reply_can_be_taken_back_for_ten_seconds(town):
    town.says("mira_k", COMPLAINT)
    town.settle(lambda: Case.objects.exists())
    case = Case.objects.get()
    page = town.enter("ana")
    page.goto(f"/cases/{case.pk}/")
    page.locator("#reply-text").fill("Too quick.")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name=re.compile("Undo")).click()
    expect(page.locator("#reply-text")).to_have_value("Too quick.")
    pipeline.run_once()
    assert Reply.objects.get().queued_at is None


def test_who_answers_an_old_page_is_shown_what_is_new(town):
    post_id = town.says("mira_k", COMPLAINT)
    town.settle(lambda: Case.objects.exists())
    page = town.enter("ana", java_script_enabled=False)
    page.goto(f"/cases/{Case.objects.get().pk}/")
    town.says("mira_k", "@tidewing never mind, the bag has just come!", in_reply_to=post_id)
    town.settle(lambda: Case.objects.get().posts.count() == 2)
    page.locator("#reply-text").fill("We are looking for it.")
    page.locator("#act-send").click()
    expect(page.get_by_role("alert")).to_contain_text("the bag has just come")
    assert Reply.objects.get().queued_at is None


def test_everything_an_agent_needs_works_without_javascript(town):
    town.says("mira_k", COMPLAINT)
    town.settle(lambda: Case.objects.exists())
    case = Case.objects.get()
    page = town.enter("ana", java_script_enabled=False)
    page.goto("/inbox/unassigned/")
    page.get_by_role("link", name=re.compile("my bag has been gone")).first.click()
    page.get_by_role("button", name=re.compile("^Claim")).first.click()
    assert Case.objects.get().assignee_id == town.cast.ana.pk
    page.locator("#reply-text").fill("Hi Mira, I am on it. Ana")
    page.locator("#act-send").click()
    assert Reply.objects.get().queued_at
    send_and_read_back(town, case)
    page.goto(f"/cases/{case.pk}/")
    expect(page.locator("#case-thread")).to_contain_text("I am on it")


def test_a_new_post_is_announced_and_never_moves_the_list(town):
    town.says("mira_k", COMPLAINT)
    town.settle(lambda: Case.objects.exists())
    page = town.enter("ana")
    page.goto("/inbox/all/")
    expect(page.get_by_text("my bag has been gone")).to_be_visible()
    town.says("tom_on_tour", "@tidewing what time does check-in for Lisbon open tomorrow?")
    town.settle(lambda: Case.objects.count() == 2)
    expect(page.get_by_text("check-in for Lisbon")).to_have_count(0)
    expect(page.get_by_text(re.compile("1 new"))).to_be_visible(timeout=20_000)
    page.keyboard.press(".")
    expect(page.get_by_text("check-in for Lisbon")).to_be_visible()


def test_the_inbox_is_worked_by_keyboard_alone(town):
    for number, who in enumerate(("mira_k", "tom_on_tour", "priya_sky")):
        town.says(who, f"@tidewing my refund number {number} is late, please help!")
    town.settle(lambda: Case.objects.count() == 3)
    page = town.enter("ana")
    page.goto("/inbox/all/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/cases/\d+/|/inbox/all/"))
    expect(page.locator("#case-thread")).to_contain_text("my refund number")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Reply")

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hearout.cases.errors import CaseError
from hearout.cases.models import Case, Tag
from hearout.customers.models import Identifier
from hearout.desk.case.views import snoozed_until
from hearout.journal.models import Entry
from hearout.listening.models import PostVersion
from hearout.replies.models import Reply

MOST_QUERIES = 15


@pytest.fixture
def case(desk, cast):
    return desk.case(cast.mira, "@tidewing you lost my bag in Lisbon", team=cast.care)


@pytest.fixture
def ana(desk, cast):
    return desk.sign_in(cast.ana)


def page(client, case):
    answer = client.get(f"/cases/{case.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def send(client, case, what, data=None, **headers):
    answer = client.post(f"/cases/{case.pk}/{what}/", data or {}, headers=headers)
    case.refresh_from_db()
    return answer


def test_the_thread_shows_who_said_what_where_and_when(desk, cast, case, ana):
    first = case.opening
    ours = desk.post(
        cast.tom, "We are looking for it.", parent=first, handle=cast.care_handle, automatic=True
    )
    desk.joins(case, ours, ours=True)
    desk.joins(case, desk.post(cast.mira, "Here is my number", private=True))
    html = page(ana, case)
    assert 'class="said ours depth-1"' in html
    assert "Automatic" in html
    assert 'class="said theirs private depth-0"' in html
    assert f'href="{first.url}"' in html
    assert "On the network" in html
    assert "heard" in html


def test_edits_show_the_earlier_text_and_deletions_say_so(desk, cast, case, ana):
    post = case.opening
    PostVersion.objects.create(post=post, revision=0, text="the first wording")
    post.revision, post.edited_at = 1, timezone.now()
    post.save()
    gone = desk.post(cast.mira, "regretted words", deleted_at=timezone.now())
    desk.joins(case, gone)
    html = page(ana, case)
    assert "earlier text" in html
    assert "the first wording" in html
    assert "Deleted on the network" in html


def test_a_permalink_that_is_no_web_address_is_not_a_link(desk, cast, case, ana):
    case.opening.url = "javascript:alert(1)"
    case.opening.save()
    assert "javascript:alert" not in page(ana, case)


def test_the_reading_says_how_sure_it_is_and_marks_the_words(case, ana):
    html = page(ana, case)
    assert "you <mark>lost</mark> my bag" in html
    for words in ("(95 %)", "55 %", "complaints go to Care", "Heard as direct, by"):
        assert words in html


def test_the_customer_panel_shows_identifiers_followers_and_earlier_cases(desk, cast, case, ana):
    Identifier.objects.create(customer=case.customer, kind="mail", value="mira@mail.example")
    cast.mira.followers = 18_432
    cast.mira.save()
    case.close(by=cast.ana, reason="solved")
    later = desk.case(cast.mira, "and again")
    html = page(ana, later)
    for words in ("mira@mail.example", "18.4 k followers", f'href="/cases/{case.pk}/"'):
        assert words in html


def test_earlier_cases_at_a_brand_one_may_not_see_stay_hidden(desk, cast, case, ana):
    secret = desk.case(cast.mira, "a word to the railway", brand=cast.other_brand)
    html = page(ana, case)
    assert "a word to the railway" not in html
    assert f"/cases/{secret.pk}/" not in html


def test_both_clocks_stand_side_by_side_with_their_state_in_words(desk, case, ana):
    desk.clock(case, minutes=-5)
    done = timezone.now()
    desk.clock(
        case, minutes=30, measure="next_response", stopped_at=done, customer_seconds=60, staffed_seconds=30
    )
    html = page(ana, case)
    for words in (
        "First response, Overdue",
        "over</time>",
        "Next response: Met",
        "Customer’s clock",
        "Staffed",
    ):
        assert words in html


def test_notes_and_history_are_there_for_colleagues(cast, case, ana):
    send(ana, case, "notes", {"text": "She flies tomorrow."})
    html = page(ana, case)
    assert "She flies tomorrow." in html
    assert "Ana <bdi>wrote a note</bdi>" in html


def test_every_journal_verb_of_a_case_has_its_words(case, cast, ana):
    from hearout.journal.verbs import VERBS
    from hearout.journal.writing import note

    for verb in VERBS:
        note(verb, brand_id=case.brand_id, noun="case", noun_id=case.pk, by=cast.ana.pk)
    assert page(ana, case)


def test_the_case_costs_the_same_few_queries_however_long_it_is(desk, cast, case):
    client = desk.sign_in(cast.sol)
    desk.clock(case, minutes=20)
    desk.clock(case, minutes=50, measure="next_response")
    page(client, case)  # the book of promises is read once a process
    costs = []
    for more in (1, 30):
        for _ in range(more):
            post = desk.post(cast.mira, "and another thing", parent=case.opening, revision=1)
            desk.read(post)
            desk.joins(case, post)
            case.note(by=cast.ana, text="noted")
            stamp = timezone.now()
            Reply.objects.create(
                case=case, brand=case.brand, handle=cast.care_handle, act="public_reply", target=post, by=cast.ben,
                text="Sorry", thread_version=1, queued_at=stamp, failed_at=stamp, cause="refused",
            )  # fmt: skip
            desk.clock(
                case,
                minutes=9,
                measure="next_response",
                started_at=stamp,
                stopped_at=stamp,
                staffed_seconds=1,
            )
        with CaptureQueriesContext(connection) as queries:
            page(client, case)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= MOST_QUERIES


def test_htmx_gets_the_case_without_the_frame_and_history_gets_the_page(case, ana):
    part = ana.get(f"/cases/{case.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<article")
    whole = ana.get(
        f"/cases/{case.pk}/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    ).content.decode()
    assert whole.startswith("<!DOCTYPE html>")


def test_back_leads_to_the_list_one_came_from_and_nowhere_else(case, ana):
    def back(came):
        return ana.get(f"/cases/{case.pk}/", headers={"Referer": came}).content.decode()

    assert 'href="/inbox/praise/?q=x"' in back("http://testserver/inbox/praise/?case=7&q=x")
    assert 'class="button quiet icon-only small back" href="/inbox/mine/"' in back(
        "https://evil.example/inbox/x/"
    )


def test_claiming_by_a_plain_form_redirects_and_by_htmx_shows_the_case(desk, cast, case, ana):
    assert send(ana, case, "claim").headers["location"] == f"/cases/{case.pk}/"
    assert case.assignee == cast.ana
    other = desk.case()
    answer = send(ana, other, "claim", None, HX_Request="true")
    assert answer.status_code == 200
    assert "changed" in answer.headers["HX-Trigger-After-Swap"]
    assert "The case is yours." in answer.content.decode()


def test_what_cannot_be_done_is_a_sentence_and_422(desk, cast, case, ana):
    case.claim(by=cast.ben)
    for headers in ({}, {"HX_Request": "true"}):
        answer = send(ana, case, "claim", None, **headers)
        assert answer.status_code == 422
        assert "Ben was faster" in answer.content.decode()


def test_a_case_goes_to_a_person_to_a_team_and_back(cast, case, ana):
    send(ana, case, "assignment", {"to": cast.ben.pk})
    assert case.assignee == cast.ben
    send(ana, case, "release")
    assert case.assignee is None
    send(ana, case, "assignment", {"team": cast.praise.pk})
    assert case.team == cast.praise
    assert send(ana, case, "assignment", {"to": cast.stranger.pk}).status_code == 422
    assert send(ana, case, "assignment", {"team": "x"}).status_code == 422


def test_priority_and_tags_change(cast, case, ana):
    send(ana, case, "priority", {"priority": "3"})
    assert case.priority == 3
    assert send(ana, case, "priority", {"priority": "9"}).status_code == 422
    assert send(ana, case, "priority", {"priority": ""}).status_code == 422
    send(ana, case, "tags", {"name": "Baggage"})
    assert Tag.objects.get().name == "Baggage"
    send(ana, case, "tags", {"remove": "Baggage"})
    assert not case.tags.exists()


def test_a_case_sleeps_until_a_time_or_a_reply_and_wakes(case, ana):
    send(ana, case, "snooze", {"until": "tomorrow"})
    assert case.snoozed.until > timezone.now()
    send(ana, case, "waking")
    assert case.snoozed is None
    send(ana, case, "snooze", {"until": "reply"})
    assert case.snoozed.until is None


def test_snooze_choices_mean_what_they_say():
    zone = ZoneInfo("Europe/Lisbon")
    now = timezone.now().astimezone(zone)
    tomorrow = snoozed_until("tomorrow", "", zone)
    assert (tomorrow.date(), tomorrow.hour) == (now.date() + timedelta(days=1), 9)
    assert snoozed_until("monday", "", zone).weekday() == 0
    assert snoozed_until("reply", "", zone) is None
    assert snoozed_until("at", "2030-01-02T03:04", zone).isoformat() == "2030-01-02T03:04:00+00:00"
    for nonsense in ("", "2030-99-99T00:00", "soon"):
        with pytest.raises(CaseError):
            snoozed_until("at", nonsense, zone)


def test_resolving_offers_an_undo_and_moves_the_list_on(case, ana):
    answer = send(ana, case, "closure", {"reason": "solved"}, HX_Request="true")
    assert not case.is_open
    assert "resolved" in answer.headers["HX-Trigger-After-Swap"]
    assert "Undo" in answer.content.decode()
    assert "Reopen" in page(ana, case)
    send(ana, case, "reopening")
    assert case.is_open


def test_resolving_wants_a_reason(case, ana):
    assert send(ana, case, "closure", {"reason": "merged"}).status_code == 422
    assert case.is_open


def test_a_case_is_merged_into_another_by_its_number(desk, cast, case, ana):
    other = desk.case(cast.tom)
    send(ana, case, "merging", {"into": f"#{other.pk}"})
    assert case.closure.merged_into == other
    assert f"case {other.pk}" in page(ana, case)


def test_merging_into_what_is_not_there_says_so_and_betrays_nothing(desk, cast, case, ana):
    theirs = desk.case(brand=cast.other_brand)
    for number in (theirs.pk, 999_999, "x", "", "²"):
        assert send(ana, case, "merging", {"into": number}).status_code == 422


def test_posts_are_split_off_into_a_case_of_their_own(desk, cast, case, ana):
    tom = desk.case(cast.tom, "mine is lost too")
    send(ana, tom, "merging", {"into": case.pk})
    send(ana, case, "splitting", {"post": tom.opening.pk})
    assert Case.objects.filter(opening=tom.opening, closure=None).exists()
    assert send(ana, case, "splitting", {"post": "999999"}).status_code == 422


def test_an_analyst_reads_the_case_and_changes_nothing(desk, cast, case):
    lin = desk.sign_in(cast.lin)
    html = page(lin, case)
    assert 'id="composer"' not in html
    assert 'data-key="e"' not in html
    assert send(lin, case, "claim").status_code == 404
    assert send(lin, case, "notes", {"text": "x"}).status_code == 404
    assert not Entry.objects.filter(noun="case", noun_id=case.pk, actor_id=cast.lin.pk).exists()


def test_the_next_page_is_one_of_ours(case, ana):
    for target, goes in (("/inbox/mine/", "/inbox/mine/"), ("https://evil.example/", f"/cases/{case.pk}/")):
        assert send(ana, case, "notes", {"text": "x", "next": target}).headers["location"] == goes

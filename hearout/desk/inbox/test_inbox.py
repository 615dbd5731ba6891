from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hearout.cases.models import Case
from hearout.triage.models import Verdict
from hearout.triage.overruling import overrule
from hearout.triage.topics import Topic

MOST_QUERIES = 15


def numbers(response):
    return [row.case.pk for row in response.context["page"].rows]


def test_each_queue_holds_its_cases_and_nothing_else(desk, cast):
    mine = desk.case(assignee=cast.ana, minutes_ago=1)
    free = desk.case(minutes_ago=2)
    praise = desk.case(kind="praise", assignee=cast.ben, minutes_ago=3)
    risky = desk.case(assignee=cast.ben, minutes_ago=4)
    desk.clock(risky, minutes=5)
    desk.clock(free, minutes=50)
    asleep = desk.case(assignee=cast.ana, minutes_ago=5)
    asleep.snooze(by=cast.ana)
    done = desk.case(assignee=cast.ana, minutes_ago=6)
    done.close(by=cast.ana, reason="solved")
    client = desk.sign_in(cast.ana)
    expected = {
        "mine": [mine],
        "unassigned": [free],
        "at-risk": [risky],
        "praise": [praise],
        "snoozed": [asleep],
        "all": [mine, free, praise, risky, asleep],
        "closed": [done],
    }
    found = {slug: numbers(client.get(f"/inbox/{slug}/")) for slug in expected}
    assert found == {slug: [case.pk for case in cases] for slug, cases in expected.items()}
    shown = {link.queue.slug: link.count for link in client.get("/inbox/mine/").context["shell"].queues}
    assert shown == {
        "mine": "1", "unassigned": "1", "at-risk": "1", "praise": "1", "snoozed": "1", "all": "5", "closed": "",
    }  # fmt: skip


def test_a_queue_that_does_not_exist_is_not_found(desk, cast):
    assert desk.sign_in(cast.ana).get("/inbox/nothing/").status_code == 404


def test_a_row_says_who_what_how_and_until_when(desk, cast):
    case = desk.case(cast.mira, "Where is my bag?", kind="question", assignee=cast.ben, priority=3)
    desk.clock(case, minutes=5)
    page = desk.sign_in(cast.ana).get("/inbox/all/").content.decode()
    for words in (
        "Mira K.",
        "@mira_k",
        "Simulator",
        "Where is my bag?",
        "Question",
        "Direct",
        "Urgent",
        "left",
        "Ben has it",
    ):
        assert words in page, words


def test_the_preview_is_the_last_thing_said(desk, cast):
    case = desk.case(cast.mira)
    desk.joins(case, desk.post(cast.tom, "We are on it.", handle=cast.care_handle), ours=True)
    (row,) = desk.sign_in(cast.ana).get("/inbox/all/").context["page"].rows
    assert (row.preview, row.ours) == ("We are on it.", True)


@pytest.mark.parametrize("query", ["kind=praise", "priority=3", "assignee=me", "how=hashtag", "team={team}"])
def test_a_filter_leaves_only_what_fits(desk, cast, query):
    desk.case(minutes_ago=2)
    wanted = desk.case(
        kind="praise", priority=3, assignee=cast.ana, how="hashtag", team=cast.praise, minutes_ago=1
    )
    found = desk.sign_in(cast.ana).get(f"/inbox/all/?{query.format(team=cast.praise.pk)}")
    assert numbers(found) == [wanted.pk]


def test_what_was_opened_unsure_is_marked_counted_and_can_be_filtered_for(desk, cast):
    sure, unsure, settled = desk.case(minutes_ago=3), desk.case(minutes_ago=2), desk.case(minutes_ago=1)
    Verdict.objects.filter(post__in=[unsure.opening, settled.opening]).update(unsure=True)
    overrule(Verdict.objects.get(post=settled.opening), by=cast.ana, kind="question")
    client = desk.sign_in(cast.ana)
    whole = client.get("/inbox/all/")
    assert [row.unsure for row in whole.context["page"].rows] == [False, True, False]
    assert whole.content.decode().count("1 unsure") == 1
    found = client.get("/inbox/all/?reading=unsure")
    assert numbers(found) == [unsure.pk]
    assert "Unsure (1)" in found.content.decode()
    assert "unsure" not in client.get("/inbox/closed/").content.decode().replace('value="unsure"', "")
    news = client.get("/inbox/all/news/", {"seen": f"{unsure.pk},{sure.pk},"}).content.decode()
    assert news.count("Unsure</span>") == 1


def test_requests_have_a_mark_and_a_filter_of_their_own(desk, cast):
    wanted = desk.case(kind="request")
    desk.case(kind="question")
    found = desk.sign_in(cast.ana).get("/inbox/all/?kind=request")
    assert numbers(found) == [wanted.pk]
    assert '<span class="tone request">Request</span>' in found.content.decode()


def test_a_topic_is_filtered_for_whichever_post_of_the_case_has_it(desk, cast):
    opened, later, elsewhere, ours = (desk.case(minutes_ago=n) for n in (1, 2, 3, 4))
    Topic.objects.create(brand=cast.brand, name="Lounge", words="lounge")
    Verdict.objects.filter(post=opened.opening).update(topics=["Jobs", "Lounge"])
    Verdict.objects.filter(post=elsewhere.opening).update(topics=["Jobs"])
    second, answer = desk.post(cast.mira, "the lounge"), desk.post(cast.tom, "Our lounge!")
    desk.joins(later, second)
    desk.joins(ours, answer, ours=True)
    for post in (second, answer):
        desk.read(post, topics=["Lounge"])
    client = desk.sign_in(cast.ana)
    found = client.get("/inbox/all/?topic=Lounge")
    assert numbers(found) == [opened.pk, later.pk]
    assert "Topic: Lounge" in found.content.decode()
    assert numbers(client.get("/inbox/all/?topic=Jobs")) == [opened.pk, elsewhere.pk]
    assert len(numbers(client.get("/inbox/all/?topic=Nonsense'%22"))) == 4


def test_nobody_is_an_owner_one_can_filter_for(desk, cast):
    free = desk.case()
    desk.case(assignee=cast.ben)
    assert numbers(desk.sign_in(cast.ana).get("/inbox/all/?assignee=nobody")) == [free.pk]


def test_a_filter_value_that_nobody_offered_is_ignored(desk, cast):
    case = desk.case()
    assert numbers(desk.sign_in(cast.ana).get("/inbox/all/?kind=x&team=999&assignee=1%27--")) == [case.pk]


def test_search_finds_words_people_handles_and_numbers(desk, cast):
    client = desk.sign_in(cast.ana)
    case = desk.case(cast.mira, "the wheel of my pram is broken")
    desk.case(cast.tom, "a lounge in Porto?")
    for words in ("pram broken", "mira", "@mira_k", "Mira K", f"#{case.pk}", str(case.pk)):
        assert numbers(client.get("/inbox/all/", {"q": words})) == [case.pk], words
    assert numbers(client.get("/inbox/all/", {"q": "zeppelin"})) == []


@pytest.mark.parametrize("words", ["\x00", "a\x00b", "'; DROP", "9" * 40, "%", "\\", '"', "²", "-", ":*&|!"])
def test_no_search_can_break_the_inbox(desk, cast, words):
    desk.case()
    assert desk.sign_in(cast.ana).get("/inbox/all/", {"q": words}).status_code == 200


def test_older_pages_follow_without_a_gap_or_a_repeat(desk, cast):
    at = timezone.now()
    made = [desk.case(minutes_ago=1) for _ in range(45)]
    Case.objects.filter(pk__in=[case.pk for case in made[:30]]).update(last_post_at=at)
    client = desk.sign_in(cast.ana)
    first = client.get("/inbox/all/")
    second = client.get("/inbox/all/", {"after": first.context["page"].older})
    seen = numbers(first) + numbers(second)
    assert len(seen) == len(set(seen)) == 45
    assert second.context["page"].older == ""


def test_what_is_due_soonest_comes_first_among_those_at_risk(desk, cast):
    made = [desk.case(minutes_ago=n) for n in range(1, 46)]
    for n, case in enumerate(made):
        clock = desk.clock(case, minutes=10 - n)
        desk.clock(case, minutes=0, measure="resolution", due_at=clock.due_at)
        desk.clock(case, minutes=200, measure="next_response")
    client = desk.sign_in(cast.ana)
    first = client.get("/inbox/at-risk/")
    second = client.get("/inbox/at-risk/", {"after": first.context["page"].older})
    assert numbers(first) + numbers(second) == [case.pk for case in reversed(made)]
    seen = {"seen": ",".join(map(str, numbers(first))), "bottom": first.context["page"].older}
    assert "new, press" not in client.get("/inbox/at-risk/news/", seen).content.decode()


@pytest.mark.parametrize("after", ["x", "1_", "nan_1", "1e999_1", "inf_2", "-1_1"])
def test_a_cursor_that_makes_no_sense_does_not_break_the_page(desk, cast, after):
    desk.case()
    assert desk.sign_in(cast.ana).get("/inbox/all/", {"after": after}).status_code == 200


def test_the_inbox_costs_the_same_few_queries_whatever_it_holds(desk, cast):
    client = desk.sign_in(cast.sol)
    costs = []
    for more in (1, 44):
        for _ in range(more):
            case = desk.case(team=cast.care, assignee=cast.ben)
            desk.clock(case, minutes=30)
            case.snooze(by=cast.ana)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/inbox/all/")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= MOST_QUERIES


def test_news_are_counted_and_the_list_stays_where_it_is(desk, cast):
    old = desk.case(minutes_ago=30)
    client = desk.sign_in(cast.ana)
    assert "new, press" not in client.get("/inbox/all/news/", {"seen": f"{old.pk},"}).content.decode()
    desk.case(minutes_ago=1)
    desk.case(minutes_ago=2)
    told = client.get("/inbox/all/news/", {"seen": f"{old.pk},"}).content.decode()
    assert "2 new, press" in told
    assert f'id="row-{old.pk}"' in told
    assert told.count("<li") == 1


def test_what_lies_below_the_rows_shown_is_no_news(desk, cast):
    made = [desk.case(minutes_ago=minute) for minute in range(1, 46)]
    client = desk.sign_in(cast.ana)
    page = client.get("/inbox/all/").context["page"]
    shown = {"seen": ",".join(str(row.case.pk) for row in page.rows), "bottom": page.older}
    assert "new, press" not in client.get("/inbox/all/news/", shown).content.decode()
    Case.objects.filter(pk=made[-1].pk).update(last_post_at=timezone.now())
    Case.objects.filter(pk=made[0].pk).update(last_post_at=timezone.now())
    assert "1 new, press" in client.get("/inbox/all/news/", shown).content.decode()


def test_a_row_in_the_list_is_refreshed_in_place(desk, cast):
    case = desk.case()
    case.claim(by=cast.ben)
    told = desk.sign_in(cast.ana).get("/inbox/unassigned/news/", {"seen": f"{case.pk}"}).content.decode()
    assert 'hx-swap-oob="true"' in told
    assert "Ben has it" in told


def test_many_cases_are_claimed_at_once_and_a_lost_race_is_told(desk, cast):
    ours, taken = desk.case(), desk.case(assignee=cast.ben)
    client = desk.sign_in(cast.ana)
    answer = client.post(
        "/bulk/", {"do": "claim", "case": [ours.pk, taken.pk], "next": "/inbox/all/"}, follow=True
    )
    assert answer.redirect_chain == [("/inbox/all/", 302)]
    said = answer.content.decode()
    assert "1 case claimed." in said
    assert "Ben was faster" in said
    ours.refresh_from_db()
    assert ours.assignee == cast.ana


def test_many_cases_are_resolved_and_the_undo_opens_them_again(desk, cast):
    cases = [desk.case(), desk.case()]
    client = desk.sign_in(cast.ana)
    answer = client.post(
        "/bulk/", {"do": "close", "reason": "solved", "case": [c.pk for c in cases]}, follow=True
    )
    assert "2 cases resolved." in answer.content.decode()
    assert "Undo" in answer.content.decode()
    assert not Case.objects.filter(closure=None).exists()
    client.post("/bulk/", {"do": "reopen", "case": [c.pk for c in cases]})
    assert Case.objects.filter(closure=None).count() == 2


def test_cases_are_given_to_a_colleague_but_not_to_a_stranger(desk, cast):
    case = desk.case()
    client = desk.sign_in(cast.ana)
    client.post("/bulk/", {"do": "assign", "to": cast.stranger.pk, "case": case.pk})
    case.refresh_from_db()
    assert case.assignee is None
    client.post("/bulk/", {"do": "assign", "to": cast.ben.pk, "case": case.pk})
    case.refresh_from_db()
    assert case.assignee == cast.ben


def test_one_foreign_case_among_the_chosen_stops_them_all(desk, cast):
    ours, theirs = desk.case(), desk.case(brand=cast.other_brand)
    answer = desk.sign_in(cast.ana).post("/bulk/", {"do": "claim", "case": [ours.pk, theirs.pk]})
    assert answer.status_code == 404
    assert not Case.objects.exclude(assignee=None).exists()


def test_an_empty_queue_teaches_what_it_is_for(desk, cast):
    client = desk.sign_in(cast.ana)
    assert "press C" in client.get("/inbox/mine/").content.decode()
    assert "Take a filter off" in client.get("/inbox/mine/?kind=praise").content.decode()


def test_an_analyst_sees_cases_and_is_offered_no_way_to_change_them(desk, cast):
    desk.case()
    client = desk.sign_in(cast.lin)
    page = client.get("/inbox/all/").content.decode()
    assert 'class="bulk"' not in page
    assert client.get("/").headers["location"] == "/overview/"


def test_snoozed_cases_say_until_when(desk, cast):
    case = desk.case()
    case.snooze(by=cast.ana, until=timezone.now() + timedelta(days=2))
    assert "until" in desk.sign_in(cast.ana).get("/inbox/snoozed/").content.decode()

"""The page of handles: roles, leaks, impostors with their evidence; and the count on every page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hearout.journal.models import Entry
from hearout.listening.impostors import Impostor, ImpostorPost
from hearout.listening.models import Connection
from hearout.replies.models import Move

MOST_QUERIES = 24
WORDS = "Send us your card number in private"


@pytest.fixture
def alarm(desk, cast):
    def make(handle="tidewlng", name="Tidewing Help", brand=None, text=WORDS, **fields):
        case = desk.case(text="@tidewing my bag")
        author = desk.author(handle, name)
        post = desk.post(author, text, parent=case.opening, parent_external_id=case.opening.external_id)
        known = {
            "where": "handle",
            "how": "drawn",
            "ours": "@tidewing",
            "alarmed_at": timezone.now(),
            "due_at": None,
        }
        one = Impostor.objects.create(
            brand=brand or cast.brand,
            author=author,
            shown_handle=handle,
            shown_name=name,
            **{**known, **fields},
        )
        ImpostorPost.objects.create(impostor=one, post=post)
        one.case = case
        return one

    return make


def page(client, **query):
    answer = client.get("/handles/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_handles_stand_by_role_with_how_they_fare(desk, cast):
    html = page(desk.sign_in(cast.ana))
    roles = html.split('id="roles-title"')[1]
    places = [roles.index(word) for word in (">Main ", "@tidewing<", ">Care ", "@tidewingcare<")]
    assert places == sorted(places)
    assert "Not connected" in html
    assert "/settings/" not in roles
    assert "a care handle and not connected" in html


def test_a_brand_without_a_care_handle_is_told_what_that_costs(desk, cast):
    cast.care_handle.delete()
    assert "There is no care handle" in page(desk.sign_in(cast.ada))


def test_leaks_are_shown_with_their_trend_and_what_was_moved(desk, cast):
    Connection.objects.create(handle=cast.care_handle, channel="simulator")
    case = desk.case(cast.mira, "@tidewing my bag is gone")
    desk.case(cast.tom, "@tidewingcare when do you open?")
    for post in (case.opening, desk.case(cast.priya, "@tidewing and mine").opening):
        post.mentions.update(handle=cast.main_handle)
    Move.objects.create(
        case=case, brand=cast.brand, main=cast.main_handle, care=cast.care_handle, by=cast.ana
    )
    html = " ".join(page(desk.sign_in(cast.ana)).split())
    assert "of 3 openings that want care leaked: 2. Cases moved to care: 1." in html
    assert '<strong class="figure">2</strong>' in html
    assert 'points="0.0,22.0 ' in html
    assert "2 this week, 0 the week before" in html
    waiting = html.split("Waiting at a main handle")[1].split("</ul>")[0]
    assert "@priya_sky" in waiting
    assert "@mira_k" not in waiting


def test_an_impostor_is_shown_with_what_it_wrote_and_to_whom(desk, cast, alarm):
    one = alarm("tіdewing")
    html = " ".join(page(desk.sign_in(cast.ana)).split())
    for words in (
        "Its handle looks like <strong><bdi>@tidewing</bdi></strong>, and it has answered 1 customer of yours.",
        "і is cyrillic small letter byelorussian-ukrainian i",
        WORDS,
        f'<a href="/cases/{one.case.pk}/">their case {one.case.pk}</a>',
        f'href="{one.posts.get().url}"',
        "A supervisor says what it is.",
    ):
        assert words in html, words


def test_who_was_only_noticed_is_not_accused(desk, cast, alarm):
    alarm(alarmed_at=None)
    html = page(desk.sign_in(cast.sol))
    assert "Nobody pretends to be you" in html
    assert "tidewlng" not in html


def test_a_supervisor_says_what_it_is_and_takes_it_back(desk, cast, alarm):
    one = alarm()
    sol = desk.sign_in(cast.sol)
    answer = sol.post(f"/handles/impostors/{one.pk}/", {"outcome": "fan", "why": "a fan page"})
    assert answer.headers["location"] == f"/handles/?brand={cast.brand.pk}#impostors"
    one.refresh_from_db()
    assert (one.outcome, one.why, one.settled_by) == ("fan", "a fan page", cast.sol)
    html = page(sol)
    assert "Nobody pretends to be you" in html
    assert "A fan or a namesake: <bdi>a fan page</bdi>" in html
    assert (
        "has settled this already"
        in sol.post(f"/handles/impostors/{one.pk}/", {"outcome": "us"}, follow=True).content.decode()
    )
    sol.post(f"/handles/impostors/{one.pk}/", {"do": "reopen"})
    assert WORDS in page(sol)
    assert list(Entry.objects.filter(noun="impostor").values_list("verb", flat=True)) == [
        "impostor.settled", "impostor.reopened",
    ]  # fmt: skip


def test_an_agent_or_a_stranger_settles_nothing(desk, cast, alarm):
    one = alarm()
    for user in (cast.ana, cast.lin, cast.stranger):
        assert desk.sign_in(user).post(f"/handles/impostors/{one.pk}/", {"outcome": "us"}).status_code == 404
    assert Impostor.objects.get().settled_at is None


def test_every_page_counts_the_alarms_that_stand_and_a_ring_brings_the_count(desk, cast, alarm):
    client = desk.sign_in(cast.ana)
    assert '<span id="handles-count" class="count hot"></span>' in client.get("/inbox/mine/").content.decode()
    alarm()
    alarm("tidewing_help", alarmed_at=None)
    alarm("tidewinghelp", settled_at=timezone.now(), outcome="us")
    alarm("orchardrall", brand=cast.other_brand)
    html = client.get("/inbox/mine/").content.decode()
    assert (
        '<span id="handles-count" class="count hot">1<span class="hidden-text"> impostor</span></span>'
        in html
    )
    part = client.get("/queues/").content.decode()
    assert '<span id="handles-count" class="count hot" hx-swap-oob="true">1<' in part


def test_another_brands_handles_are_not_shown(desk, cast, alarm):
    alarm(brand=cast.other_brand)
    client = desk.sign_in(cast.ana)
    assert WORDS not in page(client)
    assert client.get("/handles/", {"brand": cast.other_brand.pk}).status_code == 404
    assert WORDS in page(desk.sign_in(cast.stranger))


def test_names_and_texts_of_strangers_stay_text(desk, cast, alarm, tags_of):
    evil = '<script>alert(1)</script>"\u202e'
    alarm(evil, evil, text=evil, why=evil, ours=evil)
    alarm(f"x{evil}", evil, text="", settled_at=timezone.now(), outcome="fan", why=evil)
    answer = desk.sign_in(cast.sol).get("/handles/")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert not [attrs for _, attrs in tags_of(answer) if "style" in attrs or "onclick" in attrs]


def test_the_page_costs_the_same_few_queries_whatever_it_shows(desk, cast, alarm):
    client = desk.sign_in(cast.sol)
    Connection.objects.create(handle=cast.care_handle, channel="simulator")
    costs = []
    for more in (1, 12):
        for number in range(more):
            alarm(f"tidewing_{more}_{number}", alarmed_at=timezone.now() - timedelta(minutes=number))
        page(client)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= MOST_QUERIES


def test_settings_lead_to_the_page(desk, cast):
    html = desk.sign_in(cast.ada).get(f"/settings/{cast.brand.pk}/handles/").content.decode()
    assert f'href="/handles/?brand={cast.brand.pk}"' in html

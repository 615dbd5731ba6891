"""Every address of the desk, read off the patterns, tried by a stranger and by nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from hearout.insight.trends.incidents import open_incident
from hearout.insight.trends.models import Alarm, Series
from hearout.listening.impostors import Impostor
from hearout.replies.models import Reply
from hearout.triage.models import Verdict

OUTSIDE = ("accounts/", "theme/")
"""Sign-in is for everybody, and so is the colour of the page."""


def addresses(patterns=None, prefix="") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif not route.startswith(OUTSIDE):
            yield route, pattern


ROUTES = sorted(dict(addresses()).items())
BY_NUMBER = [(route, pattern) for route, pattern in ROUTES if "<int:" in route]


@pytest.fixture
def known(desk, cast):
    """What each number in an address stands for: real rows of Tidewing."""
    case = desk.case(cast.mira, "a word nobody else may read")
    reply = Reply.objects.create(
        case=case, brand=case.brand, handle=cast.main_handle, act="public_reply", target=case.opening,
        text="hello", by=cast.ana, thread_version=1, queued_at=timezone.now(),
    )  # fmt: skip
    verdict = Verdict.objects.get(post=case.opening)
    impostor = Impostor.objects.create(
        brand=cast.brand, author=cast.tom, ours="@tidewing", where="handle", how="copy",
        alarmed_at=timezone.now(), shown_handle="a word nobody else may read",
    )  # fmt: skip
    at = timezone.now()
    alarm = Alarm.objects.create(
        brand=cast.brand, series=Series.objects.create(brand=cast.brand, by="brand"), began_at=at, last_at=at,
        count=9, expected=1, weeks=2, severity=1,
    )  # fmt: skip
    alarm.posts.add(case.opening)
    incident = open_incident(alarm, by=cast.sol, name="a word nobody else may read")
    return {
        "brand_id": cast.brand.pk,
        "case_id": case.pk,
        "alarm_id": alarm.pk,
        "incident_id": incident.pk,
        "reply_id": reply.pk,
        "verdict_id": verdict.pk,
        "impostor_id": impostor.pk,
        "queue": "all",
    }


def address(pattern, known):
    names = pattern.pattern.converters
    return reverse(pattern.name, kwargs={name: known.get(name, 1) for name in names})


def test_there_are_addresses_to_try():
    assert len(BY_NUMBER) > 15


@pytest.mark.parametrize(("route", "pattern"), BY_NUMBER, ids=[route for route, _ in BY_NUMBER])
def test_a_stranger_finds_nothing_behind_a_number(desk, cast, known, route, pattern):
    client = desk.sign_in(cast.stranger)
    answers = {method(address(pattern, known)).status_code for method in (client.get, client.post)}
    assert 404 in answers
    assert answers <= {404, 405}


@pytest.mark.parametrize(("route", "pattern"), ROUTES, ids=[route or "home" for route, _ in ROUTES])
def test_a_stranger_reads_no_word_of_another_brand(desk, cast, known, route, pattern):
    answer = desk.sign_in(cast.stranger).get(
        address(pattern, known), {"seen": known["case_id"], "case": known["case_id"]}
    )
    text = answer.content.decode()
    assert "a word nobody else may read" not in text
    assert "Tidewing" not in text


@pytest.mark.parametrize(("route", "pattern"), ROUTES, ids=[route or "home" for route, _ in ROUTES])
def test_who_has_not_signed_in_is_sent_to_the_door(known, route, pattern):
    client = Client()
    for method in (client.get, client.post):
        answer = method(address(pattern, known))
        assert answer.status_code in (302, 405)
        assert answer.status_code == 405 or answer.headers["location"].startswith("/accounts/login/")


def test_who_left_the_brand_sees_nothing_of_it(desk, cast, known):
    client = desk.sign_in(cast.ana)
    assert client.get(f"/cases/{known['case_id']}/").status_code == 200
    cast.ana.memberships.all().delete()
    assert client.get(f"/cases/{known['case_id']}/").status_code == 404
    assert "a word nobody else may read" not in client.get("/inbox/all/").content.decode()

"""The case page offers a leaked case the care handle: one click there, one click back."""

from __future__ import annotations

import pytest

from hearout.listening.models import Connection
from hearout.replies.models import Move, Reply


@pytest.fixture
def case(desk, cast):
    Connection.objects.create(handle=cast.care_handle, channel="simulator")
    return desk.case(cast.mira, "@tidewing you lost my bag")


def do(client, case, what="move", **headers):
    return client.post(f"/cases/{case.pk}/moving/", {"do": what}, headers=headers)


def test_a_leaked_case_offers_the_care_handle_and_moves_with_one_click(desk, cast, case):
    ana = desk.sign_in(cast.ana)
    assert "Answer from <bdi>@tidewingcare</bdi>" in ana.get(f"/cases/{case.pk}/").content.decode()
    assert do(ana, case).headers["location"] == f"/cases/{case.pk}/"
    html = ana.get(f"/cases/{case.pk}/").content.decode()
    assert "Moved from <bdi>@tidewing</bdi> to <strong><bdi>@tidewingcare</bdi></strong> by Ana" in html
    assert "this is @tidewingcare, the account of Tidewing" in html
    assert f'<option value="{cast.care_handle.pk}" selected>' in html
    assert "moved the case to @tidewingcare, and away from @tidewing" in html
    assert Reply.objects.get().handle == cast.care_handle


def test_undo_takes_the_move_and_the_line_back(desk, cast, case):
    ana = desk.sign_in(cast.ana)
    do(ana, case)
    answer = do(ana, case, "undo", HX_Request="true")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="composer"' in html
    assert "this is @tidewingcare" not in html
    assert "Answer from <bdi>@tidewingcare</bdi>" in html
    assert Move.objects.get().undone_by == cast.ana


def test_a_second_click_says_why_not(desk, cast, case):
    ana = desk.sign_in(cast.ana)
    do(ana, case)
    assert do(desk.sign_in(cast.ben), case).status_code == 422
    assert Move.objects.count() == 1


def test_who_only_looks_is_offered_nothing(desk, cast, case):
    lin = desk.sign_in(cast.lin)
    assert "act-move" not in lin.get(f"/cases/{case.pk}/").content.decode()
    assert do(lin, case).status_code == 404


def test_a_case_that_came_to_care_is_offered_nothing(desk, cast, case):
    other = desk.case(cast.tom, "@tidewingcare when do you open?")
    assert "act-move" not in desk.sign_in(cast.ana).get(f"/cases/{other.pk}/").content.decode()

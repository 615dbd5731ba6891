from __future__ import annotations

import re

from django.contrib.auth import get_user_model
from django.test import Client

from hearout.people.models import Brand, Membership, Role

User = get_user_model()
PASSWORD = "a long password"


def password_in(answer):
    return re.search(r"<code>([^<]+)</code>", answer.content.decode())[1]


def signs_in(email, password):
    answer = Client().post("/accounts/login/", {"login": email, "password": password})
    return answer.status_code == 302


def test_an_added_person_gets_a_password_that_is_shown_once(office):
    cast = office.cast
    answer = office.change(
        "settings-people", email="Noa@tidewing.example", name="Noa", role="agent", teams=[cast.care.pk]
    )
    assert answer["Cache-Control"] == "no-store"
    assert signs_in("noa@tidewing.example", password_in(answer))
    member = Membership.objects.get(user__email="noa@tidewing.example")
    assert (member.role, list(member.teams.all())) == ("agent", [cast.care])
    assert (office.last().actor_id, office.last().facts["did"]) == (cast.ada.pk, "added")
    assert password_in(answer) not in str(office.last().facts)
    assert password_in(answer) not in office.page("settings-people").content.decode()


def test_who_works_elsewhere_joins_with_the_account_they_have(office):
    cast = office.cast
    answer = office.change("settings-people", email=cast.stranger.email, name="Other", role="analyst")
    assert answer.status_code == 302
    cast.stranger.refresh_from_db()
    assert cast.stranger.name == "Stranger"
    assert Membership.objects.filter(user=cast.stranger).count() == 2


def test_nobody_is_added_twice(office):
    answer = office.change("settings-people", email=office.cast.ana.email.upper(), name="Ana", role="agent")
    assert answer.status_code == 422
    assert "They work here already" in answer.content.decode()


def test_a_role_teams_and_room_are_changed_and_noted(office):
    cast, member = office.cast, office.cast.ana.memberships.get()
    office.change(
        "settings-person", member.pk, role="supervisor", teams=[cast.praise.pk], capacity="5", away="on"
    )
    member.refresh_from_db()
    assert (member.role, member.capacity, list(member.teams.all())) == ("supervisor", 5, [cast.praise])
    assert member.away_since is not None
    changes = office.last().facts["changes"]
    assert changes["role"] == ["Agent", "Supervisor"]
    assert changes["teams"] == ["Care", "Praise"]
    assert changes["away"] == ["no", "yes"]


def test_saving_without_a_change_leaves_no_entry(office):
    cast, member = office.cast, office.cast.ana.memberships.get()
    same = {"role": "agent", "teams": [cast.care.pk], "capacity": "12"}
    assert office.change("settings-person", member.pk, **same).status_code == 302
    assert office.page("settings-history").content.decode().count("<tr>") == 0


def test_who_is_deactivated_is_signed_out_at_once_and_their_cases_are_free(office):
    cast = office.cast
    case = office.desk.case(cast.mira, assignee=cast.ana)
    ana = office.client(cast.ana)
    assert ana.get("/inbox/mine/").status_code == 200
    office.change("settings-account", cast.ana.memberships.get().pk, do="deactivate")
    assert ana.get("/inbox/mine/").status_code == 302
    case.refresh_from_db()
    assert case.assignee is None
    assert not signs_in(cast.ana.email, PASSWORD)
    back = office.change("settings-account", cast.ana.memberships.get().pk, do="activate")
    assert ana.get("/inbox/mine/").status_code == 302
    assert signs_in(cast.ana.email, password_in(back))


def test_a_new_password_ends_every_session(office):
    cast = office.cast
    ana = office.client(cast.ana)
    assert ana.get("/inbox/mine/").status_code == 200
    answer = office.change("settings-account", cast.ana.memberships.get().pk, do="password")
    assert ana.get("/inbox/mine/").status_code == 302
    assert signs_in(cast.ana.email, password_in(answer))


def test_an_account_of_another_brand_too_is_not_this_admins_to_take(office):
    cast = office.cast
    Membership.objects.create(user=cast.ana, brand=cast.other_brand, role=Role.AGENT)
    member = cast.ana.memberships.get(brand=cast.brand)
    for does in ("password", "deactivate"):
        office.change("settings-account", member.pk, do=does)
        cast.ana.refresh_from_db()
        assert cast.ana.is_active
        assert cast.ana.check_password(PASSWORD)
    office.change("settings-account", member.pk, do="remove")
    assert list(cast.ana.memberships.values_list("brand", flat=True)) == [cast.other_brand.pk]


def test_a_brand_is_never_left_without_an_admin(office):
    cast, member = office.cast, office.cast.ada.memberships.get()
    answer = office.change("settings-person", member.pk, role="agent", capacity="12")
    assert answer.status_code == 422
    assert "only admin" in answer.content.decode()
    for does in ("deactivate", "remove"):
        office.change("settings-account", member.pk, do=does)
    cast.ada.refresh_from_db()
    assert cast.ada.is_active
    assert Membership.objects.filter(user=cast.ada, brand=cast.brand, role=Role.ADMIN).exists()


def test_who_becomes_an_analyst_gives_their_cases_back(office):
    cast = office.cast
    case = office.desk.case(cast.mira, assignee=cast.ana)
    office.change("settings-person", cast.ana.memberships.get().pk, role="analyst", capacity="12")
    case.refresh_from_db()
    assert case.assignee is None


def test_a_supervisor_marks_people_as_away_and_people_mark_themselves(office):
    cast, member = office.cast, office.cast.ana.memberships.get()
    office.change("settings-presence", member.pk, by=cast.sol, away="yes")
    member.refresh_from_db()
    assert member.away_since is not None
    assert office.last().facts["did"] == "away"
    office.change("settings-own-presence", by=cast.ana, away="no")
    member.refresh_from_db()
    assert member.away_since is None


def test_everybody_changes_their_own_name_and_no_other(office):
    cast = office.cast
    assert office.client(cast.lin).post("/settings/profile/", {"name": "Lin Zhao"}).status_code == 302
    cast.lin.refresh_from_db()
    assert cast.lin.name == "Lin Zhao"
    assert office.last().facts["changes"] == {"name": ["Lin", "Lin Zhao"]}
    assert office.client(cast.lin).post("/settings/profile/", {"name": ""}).status_code == 422


def test_members_of_a_team_are_chosen_from_those_who_work_cases(office):
    cast = office.cast
    ben = cast.ben.memberships.get()
    office.change("settings-team", cast.praise.pk, name="Praise", round_robin="on", members=[ben.pk])
    assert list(cast.praise.members.all()) == [ben]
    assert office.last().facts["changes"]["members"] == ["nothing", "Ben"]
    lin = cast.lin.memberships.get()
    answer = office.change("settings-team", cast.praise.pk, name="Praise", members=[lin.pk])
    assert answer.status_code == 422
    assert office.change("settings-teams", name="praise").status_code == 422


def test_a_team_that_is_needed_stays(office):
    cast = office.cast
    case = office.desk.case(cast.mira, team=cast.care)
    office.change("settings-team-removal", cast.care.pk)
    case.refresh_from_db()
    assert case.team == cast.care
    office.change("settings-team-removal", cast.praise.pk)
    assert list(Brand.objects.get(pk=cast.brand.pk).teams.all()) == [cast.care]

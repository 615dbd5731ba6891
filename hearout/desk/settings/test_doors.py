"""Who may open and change which settings, read off the addresses."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hearout.desk.settings.urls import urlpatterns
from hearout.journal.models import Entry
from hearout.listening.queries import Query, QueryVersion
from hearout.people.models import Brand, Membership

BRANDED = [pattern for pattern in urlpatterns if "brand_id" in pattern.pattern.converters]
FOR_LEADS = {
    "settings-people",
    "settings-presence",
    "settings-saved-replies",
    "settings-saved-reply",
    "settings-saved-reply-removal",
    "settings-preview",
}
FOR_ALL = {"settings-own-presence"}


def a_query(brand):
    query, made = Query.objects.get_or_create(brand=brand, name="Care")
    if made:
        QueryVersion.objects.create(query=query, number=1, expression="tidewing")
    return query


def address(pattern, office):
    cast, name = office.cast, pattern.name
    rows = {
        "person": cast.ana.memberships.get().pk,
        "account": cast.ana.memberships.get().pk,
        "presence": cast.ana.memberships.get().pk,
        "team": cast.care.pk,
        "handle": cast.care_handle.pk,
        "connection": cast.main_handle.pk,
        "disconnection": cast.main_handle.pk,
        "watchword": cast.brand.watchwords.all()[0].pk,
        "hour": office.hours.pk,
        "hours": office.hours.pk,
        "day": office.hours.pk,
        "standard": office.standards[0].pk,
        "retirement": office.standards[0].pk,
        "rule": office.rules[0].pk,
        "saved": office.saved.pk,
        "topic": office.topic.pk,
        "query": a_query(cast.brand).pk,
    }
    values = {"brand_id": cast.brand.pk, "day_id": office.hours.overrides.get().pk}
    if "pk" in pattern.pattern.converters:
        values["pk"] = rows[name.removeprefix("settings-").split("-")[0]]
    return reverse(name, kwargs={key: values[key] for key in pattern.pattern.converters})


@pytest.mark.parametrize("pattern", BRANDED, ids=[pattern.name for pattern in BRANDED])
def test_settings_open_for_their_roles_and_for_nobody_else(office, pattern):
    cast, where = office.cast, address(pattern, office)
    admits = {cast.ada}
    if pattern.name in FOR_LEADS | FOR_ALL:
        admits.add(cast.sol)
    if pattern.name in FOR_ALL:
        admits |= {cast.ana, cast.lin}
    for user in (cast.ana, cast.lin, cast.sol, cast.stranger):
        if user in admits:
            continue
        client = office.client(user)
        assert client.get(where).status_code in (404, 405), user
        assert client.post(where, {"away": "yes", "do": "deactivate"}).status_code == 404, user
    assert not Entry.objects.filter(verb="settings.changed").exists()
    for user in sorted(admits, key=lambda one: one.pk):
        assert office.client(user).get(where).status_code in (200, 404 if "row" in pattern.name else 405), (
            user
        )


@pytest.mark.parametrize("pattern", BRANDED, ids=[pattern.name for pattern in BRANDED])
def test_an_admin_of_another_brand_cannot_reach_a_row_through_their_own(office, pattern):
    if "pk" not in pattern.pattern.converters:
        return
    theirs = address(pattern, office).replace(
        f"/settings/{office.cast.brand.pk}/", f"/settings/{office.cast.other_brand.pk}/"
    )
    client = office.client(office.cast.stranger)
    assert client.get(theirs).status_code in (404, 405)
    assert client.post(theirs, {"away": "yes", "do": "deactivate", "to": "up"}).status_code == 404
    assert not Entry.objects.filter(verb="settings.changed").exists()


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 2**200])
def test_absurd_numbers_are_not_found(office, number):
    client = office.client(office.cast.ada)
    assert client.get(f"/settings/{number}/handles/").status_code == 404
    assert client.get(office.url("settings-handles") + f"{number}/").status_code == 404


def test_the_first_page_is_one_that_the_role_may_change(office):
    cast = office.cast
    first = {
        user.name: office.client(user).get("/settings/").headers["location"]
        for user in (cast.ana, cast.sol, cast.ada)
    }
    assert first == {
        "Ana": "/settings/profile/",
        "Sol": office.url("settings-saved-replies"),
        "Ada": office.url("settings-handles"),
    }


def test_supervisors_see_people_but_cannot_add_or_edit_them(office):
    page = office.page("settings-people", by=office.cast.sol).content.decode()
    assert "Mark as away" in page
    assert "Add a person" not in page
    assert office.change("settings-people", by=office.cast.sol, email="x@y.example").status_code == 422


def test_with_two_brands_the_address_says_whose_settings_these_are(office):
    cast = office.cast
    cargo = Brand.objects.create(slug="cargo", name="Tidewing Cargo")
    Membership.objects.create(user=cast.ada, brand=cargo, role="admin")
    client = office.client(cast.ada)
    page = client.get(f"/settings/{cargo.pk}/handles/").content.decode()
    assert "Settings of <bdi>Tidewing Cargo</bdi>" in page
    assert 'name="next" value="/settings/"' in page
    assert "<bdi>@tidewing" not in page
    client.post("/brand/", {"brand": cargo.pk, "next": "/settings/"})
    assert client.get("/settings/").headers["location"] == f"/settings/{cargo.pk}/handles/"

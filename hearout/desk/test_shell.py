from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from hearout.desk.conftest import PASSWORD
from hearout.people.models import Brand, Membership, Role
from hearout.replies.models import Brake

STATIC = Path(__file__).parent / "static" / "desk"


def test_one_signs_in_with_an_address_and_a_password(cast):
    client = Client()
    page = client.get("/accounts/login/").content.decode()
    assert "Sign in to your desk" in page
    wrong = client.post("/accounts/login/", {"login": cast.ana.email, "password": "no"})
    assert 'class="notice error"' in wrong.content.decode()
    right = client.post("/accounts/login/", {"login": cast.ana.email, "password": PASSWORD})
    assert right.headers["location"] == "/"
    assert client.get("/", follow=True).status_code == 200


def test_nobody_signs_up_by_themselves(db):
    client = Client()
    assert "by invitation" in client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", {"email": "x@y.example", "password1": PASSWORD})
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/password/change/", "/accounts/logout/"])
def test_the_pages_of_ones_account_have_the_desks_frame(desk, cast, path, tags_of):
    answer = desk.sign_in(cast.ana).get(path, follow=True)
    assert answer.status_code == 200
    assert 'class="shell"' in answer.content.decode()
    assert not [attrs for name, attrs in tags_of(answer) if "style" in attrs]


def test_the_password_can_be_asked_for_anew(db):
    assert Client().get("/accounts/password/reset/").status_code == 200


def test_the_theme_is_in_the_first_byte(desk, cast):
    client = desk.sign_in(cast.ana)
    assert 'data-theme="auto"' in client.get("/inbox/mine/").content.decode()
    answer = client.post("/theme/", {"theme": "dark", "next": "/inbox/all/"})
    assert answer.headers["location"] == "/inbox/all/"
    assert 'data-theme="dark"' in client.get("/inbox/mine/").content.decode()
    client.post("/theme/", {"theme": '"><script>'})
    assert 'data-theme="auto"' in client.get("/inbox/mine/").content.decode()
    client.cookies["theme"] = "nonsense"
    assert 'data-theme="auto"' in client.get("/inbox/mine/").content.decode()


def test_who_works_for_two_brands_chooses_one_or_both(desk, cast):
    second = Brand.objects.create(slug="cargo", name="Tidewing Cargo")
    Membership.objects.create(user=cast.ana, brand=second, role=Role.AGENT)
    here, there = desk.case(text="a bag"), desk.case(brand=second, text="a crate")
    client = desk.sign_in(cast.ana)

    def seen():
        return {row.case.pk for row in client.get("/inbox/all/").context["page"].rows}

    assert seen() == {here.pk, there.pk}
    client.post("/brand/", {"brand": second.pk})
    assert seen() == {there.pk}
    client.post("/brand/", {"brand": ""})
    assert seen() == {here.pk, there.pk}


def test_a_brand_of_others_cannot_be_chosen(desk, cast):
    client = desk.sign_in(cast.ana)
    for wanted in (cast.other_brand.pk, "x", "9" * 30, "²"):
        assert client.post("/brand/", {"brand": wanted}).status_code == 404
    client.cookies["brand"] = str(cast.other_brand.pk)
    assert "Orchard" not in client.get("/inbox/all/").content.decode()


def test_a_form_never_leads_to_another_site(desk, cast):
    client = desk.sign_in(cast.ana)
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"):
        assert client.post("/theme/", {"theme": "dark", "next": target}).headers["location"] == "/"


def test_everybody_finds_the_overview_and_their_own_settings(desk, cast):
    for user in (cast.ana, cast.lin, cast.sol):
        page = desk.sign_in(user).get("/inbox/mine/").content.decode()
        assert 'href="/overview/"' in page
        assert 'href="/settings/"' in page


def test_a_pulled_brake_is_on_every_page(desk, cast):
    Brake.objects.create(brand=cast.brand, reason="wrong account", by=cast.sol)
    Brake.objects.create(brand=cast.other_brand, reason="not your business")
    page = desk.sign_in(cast.ana).get("/inbox/mine/").content.decode()
    assert "Nothing is being sent for Tidewing" in page
    assert "not your business" not in page


def test_pages_carry_a_policy_that_allows_no_inline_code(desk, cast, tags_of):
    answer = desk.sign_in(cast.ana).get("/inbox/mine/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for name, attrs in tags_of(answer):
        assert "style" not in attrs
        assert name != "style"
        assert name != "script" or attrs["src"].startswith("/static/")
        assert not [attr for attr in attrs if attr.startswith(("on", "hx-on"))]


def test_scripts_stay_few_and_short():
    scripts = list(STATIC.glob("*.js"))
    assert len(scripts) <= 6
    assert {
        script.name: len(script.read_text().splitlines())
        for script in scripts
        if len(script.read_text().splitlines()) > 80
    } == {}


def test_every_style_is_in_a_layer_and_every_colour_a_token():
    for sheet in STATIC.glob("*.css"):
        text = sheet.read_text()
        assert "@layer" in text, sheet.name
        if sheet.name != "tokens.css":
            assert "#" not in "".join(
                line for line in text.splitlines() if "color" in line and "#" in line and "href" not in line
            ), sheet.name


def test_what_is_not_there_is_said_in_the_desks_frame(desk, cast):
    answer = desk.sign_in(cast.ana).get("/cases/999999/")
    assert answer.status_code == 404
    assert "There is nothing here for you" in answer.content.decode()
    assert Client().get("/nothing-here/").status_code == 404


def test_no_browser_keeps_a_page_or_takes_a_part_for_one(desk, cast):
    answer = desk.sign_in(cast.ana).get("/inbox/mine/")
    assert "no-store" in answer.headers["cache-control"]
    assert "HX-Request" in answer.headers["vary"]

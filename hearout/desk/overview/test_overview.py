from __future__ import annotations

import pytest
from django.utils import timezone

from hearout.desk.overview import standing, taken
from hearout.desk.overview.words import percent, told
from hearout.insight.results import Result
from hearout.listening.models import Connection
from hearout.people.models import Brand, Membership
from hearout.replies.models import Brake, Reply


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("who", ["ana", "ben", "sol", "ada", "lin"])
def test_everybody_of_the_brand_sees_how_things_stand(answered, cast, who):
    client = answered.sign_in(getattr(cast, who))
    page = text_of(client.get("/overview/"))
    assert "Waiting now" in page
    assert "@tidewing" in page
    assert ("dead letter" in page) is (who not in ("ana", "ben"))
    assert ("Stop all sending" in page) is (who in ("sol", "ada"))


def test_the_figures_carry_interval_and_n(answered, cast):
    page = text_of(answered.sign_in(cast.sol).get("/overview/figures/"))
    assert "50 %" in page
    assert "95 % interval 9.5 % to 90.5 %" in page
    assert "2 openings" in page
    assert "20 min" in page


def test_single_agents_are_told_apart_only_to_those_who_lead_or_analyse(answered, cast):
    def shown(user):
        client = answered.sign_in(user)
        page = client.get("/overview/figures/").content.decode()
        card = client.get("/overview/figures/first-response/", {"by": "agent"})
        return "By agent" in page, card.status_code

    assert [shown(user) for user in (cast.ana, cast.sol, cast.lin)] == [
        (False, 404),
        (True, 200),
        (True, 200),
    ]


def test_a_supervisor_elsewhere_is_an_agent_here(answered, cast):
    Membership.objects.create(user=cast.ana, brand=cast.other_brand, role="supervisor")
    client = answered.sign_in(cast.ana)
    page = client.get("/overview/figures/first-response/", {"by": "agent"}).content.decode()
    assert "somebody outside the desk" not in page
    client.cookies["brand"] = str(cast.brand.pk)
    assert client.get("/overview/figures/first-response/", {"by": "agent"}).status_code == 404


def test_a_stranger_sees_the_figures_of_their_own_brand_alone(answered, cast):
    client = answered.sign_in(cast.stranger)
    for path in ("/overview/", "/overview/figures/", "/overview/figures/response-rate/?by=handle"):
        page = client.get(path).content.decode()
        assert "tidewing" not in page.lower(), path
    assert "No figures yet" in client.get("/overview/figures/").content.decode()


def test_who_has_no_brand_left_gets_no_figure_of_any(answered, cast):
    client = answered.sign_in(cast.lin)
    cast.lin.memberships.all().delete()
    assert "No figures yet" in client.get("/overview/figures/").content.decode()
    assert client.get("/overview/figures/response-rate/").status_code == 404
    with pytest.raises(ValueError, match="needs a brand"):
        taken.figure_of("response-rate", [])


def test_a_figure_explains_itself(answered, cast):
    page = text_of(answered.sign_in(cast.ana).get("/overview/figures/response-rate/", {"by": "tone"}))
    for part in (
        "The share of openings that got an answer.",
        "Response rate = openings answered / openings",
        "Numerator: answered",
        "Denominator: openings",
        "automatic acknowledgements: ignored",
        "complaint",
    ):
        assert part in page


@pytest.mark.parametrize(
    "path", ["nothing/", "response-rate/?days=5", "response-rate/?by=shoe", "response-rate/?days=7&by=%00"]
)
def test_a_figure_that_does_not_exist_is_not_found(answered, cast, path):
    assert answered.sign_in(cast.sol).get("/overview/figures/" + path).status_code == 404


def test_the_parts_for_htmx_have_no_frame(answered, cast):
    client = answered.sign_in(cast.sol)
    for path in ("/overview/now/", "/overview/figures/", "/overview/figures/leak-rate/"):
        page = client.get(path, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in page, path


def test_the_brake_is_pulled_with_a_reason_and_released(desk, cast):
    client = desk.sign_in(cast.sol)
    where = f"/overview/brake/{cast.brand.pk}/"
    client.post(where, {"do": "pull", "reason": " "})
    assert not Brake.objects.exists()
    client.post(where, {"do": "pull", "reason": "wrong account"})
    assert (Brake.objects.get().reason, Brake.objects.get().by) == ("wrong account", cast.sol)
    assert "wrong account" in client.get("/overview/").content.decode()
    client.post(where, {"do": "release"})
    assert Brake.objects.get().released_at is not None


def test_agents_and_analysts_cannot_touch_the_brake(desk, cast):
    for user in (cast.ana, cast.lin, cast.stranger):
        answer = desk.sign_in(user).post(f"/overview/brake/{cast.brand.pk}/", {"do": "pull", "reason": "x"})
        assert answer.status_code == 404
    assert not Brake.objects.exists()


def test_each_open_case_is_counted_once(desk, cast):
    late, soon = desk.case(minutes_ago=90), desk.case(assignee=cast.ana)
    desk.case(brand=cast.other_brand)
    desk.clock(late, minutes=-5)
    desk.clock(late, minutes=-1, measure="resolution")
    desk.clock(soon, minutes=10)
    found = standing.waiting([cast.brand.pk], timezone.now())
    assert (found.open, found.waiting, found.unassigned) == (2, 2, 1)
    assert (found.breached, found.at_risk) == (1, 1)
    assert found.oldest == late.waiting_since


def test_replies_are_counted_where_they_stand(desk, cast):
    case, at = desk.case(cast.mira), timezone.now()
    times = (
        {"queued_at": at}, {"queued_at": at, "sending_at": at}, {"queued_at": at, "sending_at": at, "failed_at": at},
        {"queued_at": at, "sending_at": at, "parked_at": at}, {"approval_asked_at": at}, {"discarded_at": at},
        {"queued_at": at, "sending_at": at, "sent_at": at, "seen_at": at},
    )  # fmt: skip
    for fields in times:
        Reply.objects.create(
            case=case, brand=cast.brand, handle=cast.main_handle, act="public_reply", by=cast.ana,
            thread_version=1, **fields,
        )  # fmt: skip
    found = standing.sending([cast.brand.pk])
    assert found == standing.Sending(queued=1, under_way=1, to_approve=1, parked=1, failed=1)
    assert standing.sending([cast.other_brand.pk]).queued == 0


def test_a_fault_of_a_network_is_told_with_what_to_do(desk, cast):
    Connection.objects.update(faults=2, last_fault="429 <script>")
    page = desk.sign_in(cast.ada).get("/overview/").content.decode()
    assert "429 &lt;script&gt;" in page
    assert "asks us to slow down" in page
    assert "Mend" in page
    assert "Mend" not in desk.sign_in(cast.sol).get("/overview/").content.decode()


def test_the_page_costs_the_same_with_many_cases(desk, cast, django_assert_max_num_queries):
    for _ in range(12):
        desk.clock(desk.case(), minutes=-1)
    client = desk.sign_in(cast.sol)
    with django_assert_max_num_queries(18):
        client.get("/overview/")


def test_two_brands_are_shown_together(desk, cast):
    second = Brand.objects.create(slug="cargo", name="Tidewing Cargo")
    Membership.objects.create(user=cast.sol, brand=second, role="agent")
    page = text_of(desk.sign_in(cast.sol).get("/overview/"))
    assert page.count("Pull the brake") == 1


@pytest.mark.parametrize(
    ("share", "words"), [(0.5, "50\u00a0%"), (0.6149, "61.5\u00a0%"), (1.0, "100\u00a0%")]
)
def test_shares_are_said_shortly(share, words):
    assert percent(share) == words


def test_what_is_not_known_is_a_dash():
    one = told(Result(0, value={"median": None}, intervals={"median": (None, None)}), "median")
    assert (one.text, one.interval) == ("–", "not known yet")


def test_charts_are_pictures_with_a_table_beside(answered, cast, tags_of):
    answer = answered.sign_in(cast.sol).get("/overview/figures/")
    charts = [attrs for name, attrs in tags_of(answer) if name == "svg" and attrs.get("class") == "chart"]
    assert [attrs["role"] for attrs in charts] == ["img", "img"]
    assert answer.content.decode().count("As a table") == 2
    assert not [attrs for _, attrs in tags_of(answer) if "style" in attrs]

"""Cases are handed out, and come back when their snooze ends."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from hearout.cases.assigning import hand_out
from hearout.cases.models import Case
from hearout.cases.snoozing import wake_due
from hearout.customers.models import Author
from hearout.journal.models import Entry
from hearout.people.models import Membership


@pytest.fixture
def crowd(town, cast):
    """Makes any number of unassigned cases of the care team, one a minute."""

    def make(number, **fields):
        authors = [
            Author.objects.create(network="simulator", external_id=f"c{n}-{now()}", handle=f"c{n}")
            for n in range(number)
        ]
        return [town.case(author, n, team=cast.care, **fields) for n, author in enumerate(authors)]

    return make


@pytest.fixture
def turns(cast):
    cast.care.round_robin = True
    cast.care.save()
    return cast.care


def owners():
    return [
        case.assignee and case.assignee.name
        for case in Case.objects.order_by("opened_at").select_related("assignee")
    ]


def test_cases_go_round_the_members_of_a_team(crowd, turns, cast):
    crowd(4)
    assert hand_out(300, now()) == 4
    assert owners() == ["Ana", "Ben", "Ana", "Ben"]
    assert Entry.objects.filter(verb="case.assigned", facts__to=cast.ben.pk).count() == 2
    assert hand_out(300, now()) == 0


def test_who_has_most_room_gets_the_next_case(crowd, turns, cast, town):
    for case in crowd(2):
        case.claim(by=cast.ana)
    crowd(3)
    hand_out(300, now())
    assert sorted(owners()) == ["Ana", "Ana", "Ana", "Ben", "Ben"]


def test_who_was_given_one_longest_ago_is_next(crowd, turns, cast):
    Membership.objects.filter(user=cast.ana).update(given_at=now())
    Membership.objects.filter(user=cast.ben).update(given_at=now() - timedelta(hours=1))
    crowd(1)
    hand_out(300, now())
    assert owners() == ["Ben"]


def test_nobody_gets_more_than_their_capacity(crowd, turns, cast):
    Membership.objects.update(capacity=1)
    crowd(3)
    assert hand_out(300, now()) == 2
    assert owners() == ["Ana", "Ben", None]


def test_who_is_away_or_gone_gets_nothing(crowd, turns, cast):
    Membership.objects.filter(user=cast.ana).update(away_since=now())
    cast.ben.is_active = False
    cast.ben.save()
    crowd(1)
    assert hand_out(300, now()) == 0


def test_a_team_that_claims_by_itself_is_left_alone(crowd, cast):
    crowd(1)
    assert hand_out(300, now()) == 0


def test_the_most_urgent_case_goes_first(crowd, turns, cast):
    cases = crowd(3)
    Case.objects.filter(pk=cases[2].pk).update(priority=3)
    assert hand_out(1, now()) == 1
    assert owners() == [None, None, "Ana"]


def test_closed_and_snoozed_cases_are_not_handed_out(crowd, turns, cast):
    closed, snoozed = crowd(2)
    closed.close(by=cast.sol, reason="spam")
    snoozed.snooze(by=cast.sol)
    assert hand_out(300, now()) == 0


def test_a_case_wakes_when_its_time_has_come_and_once(town, cast):
    case = town.case(cast.mira)
    case.snooze(by=cast.ana, until=now() + timedelta(hours=1))
    assert wake_due(300, now()) == 0
    assert [wake_due(300, now() + timedelta(hours=2)) for _ in range(2)] == [1, 0]
    case.refresh_from_db()
    assert not case.is_snoozed
    assert list(Entry.objects.filter(noun_id=case.pk).values_list("verb", flat=True)) == [
        "case.snoozed",
        "case.woken",
    ]
    assert Entry.objects.get(verb="case.woken").actor_id is None


def test_a_snooze_until_a_reply_does_not_end_by_itself(town, cast):
    case = town.case(cast.mira)
    case.snooze(by=cast.ana)
    assert wake_due(300, now() + timedelta(days=900)) == 0

"""Round robin by free capacity, and snoozes that end."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from hearout.cases.assigning import hand_out
from hearout.cases.models import Case
from hearout.cases.opening import open_cases
from hearout.cases.snoozing import wake_due
from hearout.customers.models import Author
from hearout.journal.models import Entry


@pytest.fixture
def cases(cast, town):
    """Seven open cases of the care team, which works by round robin."""
    cast.care.round_robin = True
    cast.care.save()
    for number in range(7):
        author = Author.objects.create(network="simulator", external_id=f"c{number}", handle=f"c{number}")
        town.says(author, number, team=cast.care)
    open_cases(100, now())
    return Case.objects.order_by("id")


def held(user):
    return Case.objects.filter(assignee=user).count()


def capacity(user, number, **more):
    user.memberships.update(capacity=number, **more)


def test_cases_go_to_whoever_has_the_most_room_until_it_is_gone(cast, cases):
    capacity(cast.ana, 4)
    capacity(cast.ben, 2)
    assert hand_out(100, now()) == 6
    assert (held(cast.ana), held(cast.ben)) == (4, 2)
    assert hand_out(100, now()) == 0
    assert Entry.objects.filter(verb="case.assigned").count() == 6


def test_who_is_away_gets_nothing(cast, cases):
    capacity(cast.ana, 9)
    capacity(cast.ben, 9, away_since=now())
    hand_out(100, now())
    assert (held(cast.ana), held(cast.ben)) == (7, 0)


def test_a_team_without_round_robin_claims_for_itself(cast, cases):
    cast.care.round_robin = False
    cast.care.save()
    assert hand_out(100, now()) == 0


def test_a_snooze_ends_when_its_time_has_come(cast, cases):
    early, late, for_a_reply = cases[0], cases[1], cases[2]
    early.snooze(by=cast.ana, until=now() + timedelta(minutes=5))
    late.snooze(by=cast.ana, until=now() + timedelta(hours=5))
    for_a_reply.snooze(by=cast.ana)
    assert wake_due(100, now()) == 0
    assert wake_due(100, now() + timedelta(minutes=6)) == 1
    awake = [Case.objects.get(pk=case.pk).is_snoozed for case in (early, late, for_a_reply)]
    assert awake == [False, True, True]
    assert wake_due(100, now() + timedelta(minutes=7)) == 0

"""The verbs of a case: who may no longer, what is written, what is told."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils.timezone import now

from hearout.cases.doors import case_for, cases_for
from hearout.cases.errors import CaseError
from hearout.cases.models import Case
from hearout.journal.models import Entry
from hearout.people.doors import SEES_FIGURES, NotFoundHereError


@pytest.fixture
def case(town, cast):
    return town.case(cast.mira)


def verbs_of(case):
    return list(
        Entry.objects.filter(noun="case", noun_id=case.pk).order_by("id").values_list("verb", flat=True)
    )


def test_a_claimed_case_has_one_owner_and_one_entry(case, cast):
    case.claim(by=cast.ana)
    case.claim(by=cast.ana)
    assert case.assignee == cast.ana
    assert verbs_of(case) == ["case.claimed"]


def test_who_claims_second_reads_who_was_faster(case, cast):
    stale = Case.objects.get(pk=case.pk)
    case.claim(by=cast.ana)
    with pytest.raises(CaseError, match="Ana was faster"):
        stale.claim(by=cast.ben)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_one_gets_the_case(town, cast):
    case, start, outcomes = town.case(cast.mira), Barrier(2), []

    def claim(user):
        mine = Case.objects.get(pk=case.pk)
        start.wait()
        try:
            mine.claim(by=user)
            outcomes.append(user.name)
        except CaseError as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=claim, args=[user]) for user in (cast.ana, cast.ben)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    case.refresh_from_db()
    assert sorted(outcomes, key=len) == [
        case.assignee.name,
        f"{case.assignee.name} was faster and has this case.",
    ]
    assert verbs_of(case) == ["case.claimed"]


def test_a_case_is_given_to_a_person_or_a_team_and_given_back(case, cast):
    case.assign(by=cast.sol, to=cast.ben)
    case.assign(by=cast.sol, team=cast.care)
    assert (case.assignee, case.team) == (None, cast.care)
    case.claim(by=cast.ana)
    case.release(by=cast.ana)
    with pytest.raises(CaseError, match="Nobody has this case"):
        case.release(by=cast.ana)
    assert verbs_of(case) == ["case.assigned", "case.assigned", "case.claimed", "case.released"]


@pytest.mark.parametrize("who", ["lin", "stranger"])
def test_a_case_is_not_given_to_who_does_not_work_there(case, cast, who):
    with pytest.raises(CaseError, match="does not work on cases of Tidewing"):
        case.assign(by=cast.sol, to=getattr(cast, who))


def test_a_case_is_not_given_to_another_brands_team(case, cast):
    from hearout.people.models import Team

    with pytest.raises(CaseError, match="not a team of Tidewing"):
        case.assign(by=cast.sol, team=Team.objects.create(brand=cast.other_brand, name="Rail"))


def test_a_note_keeps_hostile_text_and_refuses_an_empty_one(case, cast):
    assert case.note(by=cast.ana, text=" a\0b \ud800").text == "ab \ufffd"
    with pytest.raises(CaseError, match="Write something"):
        case.note(by=cast.ana, text=" \n")


def test_a_tag_is_the_same_in_any_case_and_put_on_once(case, cast):
    case.tag(by=cast.ana, name="Lost  bag")
    case.tag(by=cast.ana, name="lost BAG")
    assert [tag.name for tag in case.tags.all()] == ["Lost bag"]
    case.untag(by=cast.ana, name="LOST bag")
    case.untag(by=cast.ana, name="LOST bag")
    assert verbs_of(case) == ["case.tagged", "case.untagged"]


def test_a_new_priority_has_the_clocks_reckoned_anew(case, cast):
    Case.objects.update(clocks_due_at=None)
    case.prioritise(by=cast.sol, priority=3)
    case.refresh_from_db()
    assert case.priority == 3
    assert case.clocks_due_at is not None
    with pytest.raises(CaseError):
        case.prioritise(by=cast.sol, priority=9)


def test_a_snooze_ends_once(case, cast):
    case.snooze(by=cast.ana, until=now() + timedelta(hours=1))
    assert case.is_snoozed
    case.wake()
    case.wake()
    assert not case.is_snoozed
    assert case.snoozes.get().woken_at is not None
    assert verbs_of(case) == ["case.snoozed", "case.woken"]
    with pytest.raises(CaseError, match="has passed"):
        case.snooze(by=cast.ana, until=now() - timedelta(hours=1))


def test_a_closed_case_names_who_closed_it_and_can_be_opened_again(case, cast):
    case.snooze(by=cast.ana)
    case.close(by=cast.ana, reason="solved")
    assert not case.is_open
    assert not case.is_snoozed
    with pytest.raises(CaseError, match="Ana has closed this case already"):
        case.close(by=cast.ben, reason="solved")
    with pytest.raises(CaseError, match="Reopen it first"):
        case.claim(by=cast.ben)
    case.reopen(by=cast.ben)
    assert case.is_open
    assert case.closures.get().reopened_at is not None
    assert verbs_of(case) == ["case.snoozed", "case.closed", "case.reopened"]


@pytest.mark.parametrize("reason", ["merged", "bored", ""])
def test_a_case_is_closed_for_a_reason_of_the_list(case, cast, reason):
    with pytest.raises(CaseError, match="Choose why"):
        case.close(by=cast.ana, reason=reason)


def test_a_case_stays_closed_when_its_customer_has_another_open_one(town, cast):
    old = town.case(cast.mira)
    old.close(by=cast.ana, reason="solved")
    new = town.case(cast.mira, 60)
    with pytest.raises(CaseError, match=f"go on in case {new.pk}"):
        old.reopen(by=cast.ana)
    old.refresh_from_db()
    assert not old.is_open
    assert old.closures.get().reopened_at is None


def test_the_doors_hide_the_cases_of_others(case, cast):
    assert case_for(cast.ana, case.pk) == case
    assert cases_for(cast.lin).get() == case
    for nobody, roles in ((cast.stranger, None), (cast.lin, None), (cast.ana, SEES_FIGURES)):
        with pytest.raises(NotFoundHereError):
            case_for(nobody, case.pk, **({"roles": roles} if roles else {}))
    with pytest.raises(NotFoundHereError):
        case_for(cast.ana, 10**30)
    cast.ana.is_active = False
    assert not cases_for(cast.ana).exists()


def test_a_verb_rings_once_for_the_brand_and_the_case(case, cast):
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        case.close(by=cast.ana, reason="solved")
    rings = [query["sql"] for query in queries if "pg_notify" in query["sql"]]
    assert len(rings) == 1
    assert f'["brand:{cast.brand.pk}","case:{case.pk}"]' in rings[0]
    assert len(queries) <= 10

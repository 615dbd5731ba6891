"""Two cases become one, one becomes two."""

import pytest
from django.utils.timezone import now

from hearout.cases.errors import CaseError
from hearout.cases.merging import merge, split
from hearout.cases.models import Case
from hearout.cases.opening import open_cases
from hearout.journal.models import Entry


def run():
    while open_cases(300, now()):
        pass


@pytest.fixture
def two(town, cast):
    """Tom asks first, Mira later in his thread, and each has a case."""
    asked = town.says(cast.tom, 0)
    other = town.says(cast.mira, 5, "Mine too", asked.post, priority=3)
    town.we_say(7, other.post)
    run()
    return list(Case.objects.order_by("opened_at"))


def test_a_merged_case_gives_all_it_holds_to_the_other(two, cast):
    toms, miras = two
    toms.note(by=cast.ana, text="Called him")
    toms.tag(by=cast.ana, name="baggage")
    Case.objects.update(clocks_due_at=None)
    merge(toms, into=miras, by=cast.ana)
    assert (toms.is_open, toms.closure.reason, toms.closure.merged_into, toms.posts.count()) == (
        False,
        "merged",
        miras,
        0,
    )
    assert (miras.posts.count(), miras.notes.count(), miras.tags.count()) == (3, 1, 1)
    assert (miras.opened_at, miras.subject) == (cast.monday, "Where is my bag?")
    assert (miras.waiting_since, miras.answered_at, miras.thread_version) == (None, miras.last_post_at, 3)
    assert miras.clocks_due_at is not None
    assert Entry.objects.filter(noun_id=miras.pk, verb="case.merged").get().facts == {"merged": toms.pk}
    with pytest.raises(CaseError, match=f"go on in case {miras.pk}"):
        toms.reopen(by=cast.ana)


def test_a_merged_customers_next_post_goes_where_the_case_went(two, town, cast):
    toms, miras = two
    merge(toms, into=miras, by=cast.ana)
    town.says(cast.tom, 20, "Any news?", toms.opening)
    run()
    miras.refresh_from_db()
    assert (miras.posts.count(), Case.objects.count(), miras.waiting_since) == (4, 2, town.at(20))
    miras.close(by=cast.ana, reason="solved")
    town.says(cast.tom, 30, "Still?", toms.opening)
    run()
    miras.refresh_from_db()
    assert (miras.is_open, miras.posts.count()) == (True, 5)


def test_what_cannot_be_merged_is_said(two, town, cast):
    toms, miras = two
    with pytest.raises(CaseError, match="into itself"):
        merge(toms, into=Case.objects.get(pk=toms.pk), by=cast.ana)
    miras.close(by=cast.ana, reason="solved")
    with pytest.raises(CaseError, match="is closed"):
        merge(toms, into=miras, by=cast.ana)
    foreign = town.case(cast.priya)
    Case.objects.filter(pk=foreign.pk).update(brand=cast.other_brand)
    with pytest.raises(CaseError, match="different brands"):
        merge(toms, into=foreign, by=cast.ana)


def test_a_closed_case_can_be_merged_into_an_open_one(two, cast):
    toms, miras = two
    toms.close(by=cast.ana, reason="solved")
    merge(toms, into=miras, by=cast.ana)
    assert miras.posts.count() == 3
    assert toms.closures.filter(reopened_at=None).get().reason == "merged"


def test_posts_of_a_merged_customer_can_be_split_off_again(two, cast):
    toms, miras = two
    merge(toms, into=miras, by=cast.ana)
    made = split(miras, posts=[toms.opening], by=cast.ana)
    assert (made.customer, made.posts.count(), made.opened_at, made.thread_version) == (
        toms.customer,
        1,
        cast.monday,
        1,
    )
    assert made.waiting_since == cast.monday
    assert (miras.posts.count(), miras.opening.text) == (2, "Mine too")
    assert Entry.objects.filter(noun_id=miras.pk, verb="case.split").exists()


def test_a_split_keeps_one_open_case_a_customer(town, cast):
    first, second = town.says(cast.mira, 0), town.says(cast.mira, 9, "Something else")
    run()
    case = Case.objects.get()
    with pytest.raises(CaseError, match="Leave at least one"):
        split(case, posts=[first.post, second.post], by=cast.ana)
    with pytest.raises(CaseError, match="only one can be open"):
        split(case, posts=[second.post], by=cast.ana)
    case.close(by=cast.ana, reason="solved")
    made = split(case, posts=[second.post], by=cast.ana)
    assert (made.is_open, made.subject, case.posts.count()) == (True, "Something else", 1)
    with pytest.raises(CaseError, match="at least one post of the customer"):
        split(case, posts=[second.post], by=cast.ana)

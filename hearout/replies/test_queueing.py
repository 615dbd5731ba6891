"""The last look before a reply leaves: thread, guards, approval, undo."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from hearout.people.models import Membership
from hearout.replies.drafting import discard, draft_of
from hearout.replies.errors import ObjectedError, ReplyError, ThreadChangedError
from hearout.replies.guards import objections
from hearout.replies.models import Reply, SavedReply
from hearout.replies.queueing import act_now, approve, confirm_arrived, queue, retry, undo
from hearout.replies.saved import fill
from hearout.replies.sending import park
from hearout.replies.state import State, state
from hearout.triage.models import ReadingSettings


def version(desk):
    desk.case.refresh_from_db()
    return desk.case.thread_version


def codes(error):
    return [objection.code for objection in error.value.objections]


def test_a_draft_is_kept_as_it_is_typed_one_for_each_person(desk):
    first = desk.draft("So")
    again = desk.draft("Sorry")
    other = desk.draft("Hello", by=desk.cast.ben)
    assert first.pk == again.pk
    assert draft_of(desk.case, desk.cast.ana).text == "Sorry"
    assert draft_of(desk.case, desk.cast.ben).pk == other.pk


def test_a_draft_answers_the_customers_newest_post_that_wants_one(desk):
    newer = desk.customer_writes()
    assert desk.draft().target == newer


def test_there_are_ten_seconds_to_take_it_back(desk):
    reply = queue(desk.draft(), by=desk.cast.ana, seen_version=version(desk))
    assert timedelta(seconds=8) < reply.due_at - now() < timedelta(seconds=11)
    undo(reply, by=desk.cast.ana)
    assert state(Reply.objects.get(pk=reply.pk)) is State.DRAFT
    assert draft_of(desk.case, desk.cast.ana).pk == reply.pk


def test_what_has_left_cannot_be_taken_back(desk):
    reply = desk.queued()
    desk.work()
    with pytest.raises(ReplyError, match="Too late"):
        undo(reply, by=desk.cast.ana)


def test_who_read_an_older_thread_is_shown_what_is_new(desk):
    seen = version(desk)
    draft = desk.draft()
    new = desk.customer_writes("It is on flight 12!")
    with pytest.raises(ThreadChangedError) as error:
        queue(draft, by=desk.cast.ana, seen_version=seen)
    assert error.value.new == [new]
    assert state(Reply.objects.get(pk=draft.pk)) is State.DRAFT
    queue(draft, by=desk.cast.ana, seen_version=error.value.version)


def test_pressing_send_twice_queues_once(desk):
    draft = desk.draft()
    queue(draft, by=desk.cast.ana, seen_version=version(desk))
    with pytest.raises(ReplyError, match="already queued"):
        queue(draft, by=desk.cast.ana, seen_version=version(desk))


@pytest.mark.parametrize(
    ("text", "code"),
    [("   ", "empty"), ("x" * 501, "length"), ("Your code is {order}.", "placeholder")],
)
def test_what_cannot_be_sent_is_refused_whoever_insists(desk, text, code):
    with pytest.raises(ObjectedError) as error:
        queue(desk.draft(text), by=desk.cast.ana, seen_version=version(desk), sure=True)
    assert code in codes(error)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your card 4111 1111 1111 1111 was charged.", "private"),
        ("Es tut uns sehr leid, wir suchen Ihren Koffer und melden uns bei Ihnen.", "language"),
    ],
)
def test_what_may_embarrass_us_is_asked_about_first(desk, text, code):
    draft = desk.draft(text)
    with pytest.raises(ObjectedError) as error:
        queue(draft, by=desk.cast.ana, seen_version=version(desk))
    assert code in codes(error)
    assert state(queue(draft, by=desk.cast.ana, seen_version=version(desk), sure=True)) is State.QUEUED


def test_a_number_that_the_brand_named_as_its_own_is_private_data(desk):
    brand = desk.cast.brand
    draft = desk.draft("Your booking TW 123456 is moved to flight 12.")
    assert not [objection for objection in objections(draft) if objection.code == "private"]
    ReadingSettings.objects.create(brand=desk.cast.other_brand, own_numbers="??-######")
    assert not [objection for objection in objections(draft) if objection.code == "private"]
    ReadingSettings.objects.create(brand=brand, own_numbers="XY-####\nTW-######")
    (found,) = [objection for objection in objections(draft) if objection.code == "private"]
    assert (found.sentence, found.final) == (
        "This is public and seems to hold private data (order).",
        False,
    )


def test_the_same_text_twice_in_one_thread_is_asked_about(desk):
    desk.join(desk.post(desk.cast.mira, "We are on it."), ours=True)
    with pytest.raises(ObjectedError) as error:
        queue(desk.draft("We are  on it."), by=desk.cast.ana, seen_version=version(desk))
    assert "repeated" in codes(error)


def test_another_brands_account_is_refused(desk):
    desk.cast.care_handle.brand = desk.cast.other_brand
    desk.cast.care_handle.save()
    with pytest.raises(ObjectedError) as error:
        queue(
            desk.draft(handle=desk.cast.care_handle), by=desk.cast.ana, seen_version=version(desk), sure=True
        )
    assert "account" in codes(error)


def test_a_beginners_reply_waits_for_somebody_elses_approval(desk):
    Membership.objects.filter(user=desk.cast.ana).update(needs_approval=True)
    reply = queue(desk.draft(), by=desk.cast.ana, seen_version=version(desk))
    assert state(reply) is State.WAITING_FOR_APPROVAL
    for person in (desk.cast.ana, desk.cast.ben):
        with pytest.raises(ReplyError):
            approve(reply, by=person)
    desk.work()
    assert desk.network.sends == 0
    approve(reply, by=desk.cast.sol)
    desk.work()
    assert desk.network.sends == 1


def test_a_parked_reply_is_decided_by_a_person_either_way(desk):
    arrived, not_arrived = desk.queued("One"), desk.queued("Two", by=desk.cast.ben)
    for reply in (arrived, not_arrived):
        park(reply, "The connection broke.")
    confirm_arrived(arrived, by=desk.cast.ana)
    retry(not_arrived, by=desk.cast.ana)
    desk.work()
    assert desk.network.arrived == {"Two": 1}
    assert {state(reply) for reply in Reply.objects.all()} == {State.SEEN}


def test_what_is_on_its_way_cannot_be_thrown_away(desk):
    reply = desk.queued()
    with pytest.raises(ReplyError, match="on its way"):
        discard(reply, by=desk.cast.ana)


def test_a_like_is_one_key_and_harmless_to_repeat(desk):
    first = act_now(desk.case, by=desk.cast.ana, act="like")
    again = act_now(desk.case, by=desk.cast.ben, act="like")
    assert first.pk == again.pk
    desk.work()
    assert desk.network.sends == 1


def test_a_saved_reply_fills_in_what_it_knows(desk):
    saved = SavedReply.objects.create(
        brand=desk.cast.brand, name="Hello", text="Hi {first_name} ({handle}), {brand} here, {order}. {agent}"
    )
    assert fill(saved, desk.case, desk.cast.ana) == "Hi Mira (@mira_k), Tidewing here, {order}. Ana"

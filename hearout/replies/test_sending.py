"""Nobody is answered twice, nobody is forgotten, and "seen" means seen."""

import pytest
from django.utils.timezone import now

from hearout.journal.models import Entry
from hearout.replies import sending
from hearout.replies.conftest import knows
from hearout.replies.models import Reply
from hearout.replies.network import KilledError
from hearout.replies.sending import send_due
from hearout.replies.state import State, state

TEXT = "Sorry, Mira. We are looking for it."


def now_state(reply):
    return state(Reply.objects.get(pk=reply.pk))


def test_a_reply_goes_out_once_and_counts_when_it_is_read_back(desk, network):
    reply = desk.queued(TEXT)
    send_due(20, now())
    assert now_state(reply) is State.SENT
    desk.work()
    assert now_state(reply) is State.SEEN
    assert network.arrived[TEXT] == 1
    verbs = (
        Entry.objects.filter(noun="case", noun_id=desk.case.pk).order_by("id").values_list("verb", flat=True)
    )
    assert list(verbs) == ["reply.drafted", "reply.queued", "reply.seen"]


def test_what_the_network_accepts_but_never_shows_is_parked_not_seen(desk, network):
    network.hidden_looks = 1000
    reply = desk.queued(TEXT)
    desk.work()
    assert now_state(reply) is State.PARKED
    assert network.arrived[TEXT] == 1


@pytest.mark.parametrize("fate", ["lost", "lost_unarrived", "killed_before", "killed_after"])
@pytest.mark.parametrize(("idempotent", "reads_back"), [(True, True), (True, False), (False, True)])
def test_after_an_uncertain_end_the_customer_gets_exactly_one_answer(
    desk, network, monkeypatch, fate, idempotent, reads_back
):
    knows(monkeypatch, idempotent=idempotent, reads_back=reads_back)
    network.idempotent = idempotent
    network.next = [fate, fate]
    reply = desk.queued(TEXT)
    desk.work()
    assert now_state(reply) is State.SEEN
    assert network.arrived[TEXT] == 1


@pytest.mark.parametrize("fate", ["lost", "lost_unarrived", "killed_before", "killed_after"])
def test_where_the_network_cannot_tell_a_person_decides(desk, network, monkeypatch, fate):
    knows(monkeypatch, idempotent=False, reads_back=False)
    network.idempotent = False
    network.next = [fate]
    reply = desk.queued(TEXT)
    desk.work()
    assert now_state(reply) is State.PARKED
    assert network.sends == 1


@pytest.mark.parametrize("fate", ["lost", "killed_after"])
def test_a_naive_sender_would_answer_twice(desk, network, monkeypatch, fate):
    """The tests above are only worth something if they fail for a sender that just tries again."""
    knows(monkeypatch, idempotent=False, reads_back=True)
    network.idempotent = False
    network.next = [fate]
    monkeypatch.setattr(
        sending,
        "_reconcile",
        lambda reply, link, channel: sending.accepted(reply, link, channel.send(sending.outgoing(reply))),
    )
    desk.queued(TEXT)
    desk.work()
    assert network.arrived[TEXT] == 2


def test_a_look_too_early_does_not_count_as_certain(desk, network, monkeypatch):
    knows(monkeypatch, idempotent=False, reads_back=True)
    network.idempotent = False
    network.next = ["lost"]
    network.hidden_looks = 1
    reply = desk.queued(TEXT)
    send_due(20, now())
    Reply.objects.update(due_at=now())
    send_due(20, now())
    assert now_state(reply) is State.UNCERTAIN
    assert network.sends == 1
    desk.work()
    assert now_state(reply) is State.SEEN
    assert network.arrived[TEXT] == 1


def test_while_the_network_bans_us_nothing_of_the_handle_goes_out(desk, network):
    network.next = ["refused"]
    first = desk.queued(TEXT)
    second = desk.queued("A second answer.", by=desk.cast.ben)
    send_due(20, now())
    assert network.sends == 1
    assert {now_state(first), now_state(second)} == {State.QUEUED}
    assert Reply.objects.filter(due_at__gt=now()).count() == 2
    desk.work()
    assert {now_state(first), now_state(second)} == {State.SEEN}


def test_a_network_that_is_down_is_tried_again_and_then_it_is_said(desk, network):
    network.next = ["down"] * 20
    reply = desk.queued(TEXT)
    desk.work()
    assert now_state(reply) is State.FAILED
    assert "down" in Reply.objects.get(pk=reply.pk).cause
    assert network.arrived[TEXT] == 0


def test_a_refusal_for_good_is_not_tried_again(desk, network):
    network.next = ["forbidden"]
    reply = desk.queued(TEXT)
    desk.work()
    assert now_state(reply) is State.FAILED
    assert network.sends == 1


def test_what_another_worker_holds_is_left_to_it(desk, network):
    reply = desk.queued(TEXT)
    network.next = ["killed_before"]
    with pytest.raises(KilledError):
        send_due(20, now())
    send_due(20, now())
    assert network.sends == 1
    assert now_state(reply) is State.SENDING


def test_a_customer_who_writes_during_the_ten_seconds_stops_the_reply(desk, network):
    reply = desk.queued(TEXT)
    desk.customer_writes("Found it, never mind!")
    desk.work()
    assert now_state(reply) is State.DRAFT
    assert network.sends == 0
    assert "wrote after" in Reply.objects.get(pk=reply.pk).cause


def test_a_colleagues_answer_stops_the_reply_and_ones_own_does_not(desk, network):
    first = desk.queued("First part.")
    desk.work()
    own = desk.post(desk.cast.mira, "First part.")
    Reply.objects.filter(pk=first.pk).update(external_id=own.external_id)
    second = desk.queued("Second part.")
    desk.join(own, ours=True)
    desk.work()
    assert now_state(second) is State.SEEN
    third = desk.queued("Third part.")
    desk.join(desk.post(desk.cast.mira, "Ben was here."), ours=True)
    desk.work()
    assert now_state(third) is State.DRAFT


def test_under_the_brake_nothing_leaves_and_nothing_is_lost(desk, network):
    from hearout.replies.brake import pull, release

    pull(desk.cast.brand, by=desk.cast.sol, reason="A wrong text went round.")
    reply = desk.queued(TEXT)
    desk.work()
    assert network.sends == 0
    release(desk.cast.brand, by=desk.cast.sol)
    desk.work()
    assert now_state(reply) is State.SEEN


def test_the_networks_own_picture_of_the_reply_is_stored_as_received(desk, network, monkeypatch):
    from hearout.channels.base import Delivery, Receipt
    from hearout.listening.models import Received

    told = Receipt("n1", delivery=Delivery(b'{"id": "n1"}'))
    monkeypatch.setattr(network, "_receipt", lambda reply: told)
    desk.queued(TEXT)
    desk.work()
    assert bytes(Received.objects.get(route="read_back").body) == b'{"id": "n1"}'

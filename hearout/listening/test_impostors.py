"""Accounts like ours that talk to customers raise an alarm, once; everybody else is left in peace."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hearout.channels.base import IncomingAuthor
from hearout.journal.models import Entry
from hearout.listening import looking_out
from hearout.listening.impostors import Impostor, ImpostorError
from hearout.listening.looking_out import look_out
from hearout.listening.models import Handle, Post

FAKE = IncomingAuthor("u_fake", "tidewlng", "Tidewing Help")


@pytest.fixture(autouse=True)
def _forget():
    looking_out._kept = None
    yield
    looking_out._kept = None


@pytest.fixture
def rings(monkeypatch):
    heard: list[str] = []
    monkeypatch.setattr(looking_out, "ring", lambda cursor, topics: heard.extend(sorted(topics)))
    return heard


@pytest.fixture
def out(network):
    """Look out until there is nothing to do, some minutes after Monday 10:00."""

    def look(minutes: float = 0) -> None:
        at: datetime = network.at(minutes)
        look_out(1000, at)
        while look_out(1000, at):
            pass

    return look


def alarms():
    return list(Impostor.objects.filter(alarmed_at__isnull=False).order_by("pk"))


def asks(network, text="@tidewing where is my bag?", author="mira_k"):
    network.told(network.post("q1", text, author))


def answer(network, author=FAKE, number="f1", to="q1", text="Send us your card number", minutes=1, **more):
    return network.post(number, text, author, minutes, parent_id=to, **more)


def test_an_account_like_ours_that_answers_a_customer_raises_an_alarm_with_evidence(network, out, rings):
    asks(network)
    network.told(answer(network))
    out()
    (alarm,) = alarms()
    assert (alarm.brand, alarm.author.external_id, alarm.ours) == (network.cast.brand, "u_fake", "@tidewing")
    assert (alarm.where, alarm.how, alarm.handle) == ("handle", "drawn", network.cast.main_handle)
    assert (alarm.shown_handle, alarm.shown_name) == ("tidewlng", "Tidewing Help")
    assert [post.external_id for post in alarm.posts.all()] == ["f1"]
    assert rings == [f"brand:{network.cast.brand.pk}"]
    entry = Entry.objects.get(verb="impostor.spotted")
    assert (entry.noun, entry.noun_id, entry.facts["author"]) == ("impostor", alarm.pk, alarm.author_id)


def test_an_author_is_announced_once_and_later_posts_are_further_evidence(network, out, rings):
    asks(network)
    network.told(answer(network))
    out()
    network.told(answer(network, number="f2", minutes=2))
    out(3)
    (alarm,) = alarms()
    assert alarm.posts.count() == 2
    assert alarm.alarmed_at == network.at(0)
    assert Entry.objects.filter(verb="impostor.spotted").count() == 1


def test_who_resembles_us_and_talks_to_nobody_is_noticed_only(network, out):
    asks(network)
    network.told(network.post("f0", "Cheaper than @tidewing", FAKE))
    network.told(answer(network, number="f1", to="f0"))
    network.told(network.post("s1", "Nice weather", "stranger_s"), answer(network, number="f2", to="s1"))
    out()
    assert alarms() == []
    assert Impostor.objects.get().due_at == network.at(1)


def test_an_answer_to_a_customers_other_post_counts_too(network, out):
    asks(network)
    network.told(network.post("s1", "What a day", "mira_k"), answer(network, to="s1"))
    out()
    assert len(alarms()) == 1


def test_an_answer_that_came_before_its_customer_is_found_when_it_is_due(network, out):
    network.told(answer(network))
    out()
    assert alarms() == []
    asks(network)
    out(0.5)
    assert alarms() == []
    out(1)
    assert len(alarms()) == 1


def test_it_is_looked_at_again_less_and_less_often_and_then_not_any_more(network, out):
    network.told(answer(network))
    waits = []
    at = 0.0
    out()
    while (due := Impostor.objects.get().due_at) is not None:
        waits.append((due - network.at(at)) / timedelta(minutes=1))
        at = (due - network.at(0)) / timedelta(minutes=1)
        out(at)
    assert waits == [1, 10, 60, 360, 1440]


@pytest.mark.parametrize(
    "author",
    [
        IncomingAuthor("u_tom", "tom_on_tour", "Tom"),
        IncomingAuthor("u_tidewingcare", "tidewingcare", "Tidewing Care"),
        IncomingAuthor("u_other", "tidewind", "Tidewind Sailing"),
        IncomingAuthor("u_mia", "mia", ""),
        IncomingAuthor("u_nobody", "", ""),
    ],
)
def test_customers_our_own_and_watched_handles_raise_none(network, out, author):
    Handle.objects.create(brand=network.cast.brand, network="simulator", handle="tidewind", role="watched")
    asks(network)
    network.told(answer(network, author))
    out()
    assert not Impostor.objects.exists()


def test_a_customer_who_took_a_name_like_ours_later_is_seen_when_they_answer_under_it(network, out):
    asks(network)
    network.told(answer(network, IncomingAuthor("u_x", "xavier", "X")))
    out()
    assert not Impostor.objects.exists()
    network.told(answer(network, IncomingAuthor("u_x", "tidewing_help", "X"), "f2", minutes=2))
    out(3)
    (alarm,) = alarms()
    assert alarm.how == "service"


def test_a_new_handle_of_ours_counts_at_once_and_is_no_alarm(network, out):
    asks(network)
    Handle.objects.create(brand=network.cast.brand, network="simulator", handle="tidewlng", role="care")
    network.told(answer(network))
    out()
    assert not Impostor.objects.exists()


def test_a_display_name_that_our_own_account_bears_may_not_be_copied(network, out):
    network.told(network.post("o1", "Hello", IncomingAuthor("u_tidewing", "tidewing", "Harbour Lights Air")))
    asks(network)
    network.told(answer(network, IncomingAuthor("u_x", "xx", "HarbourLights Air")))
    out()
    (alarm,) = alarms()
    assert (alarm.where, alarm.how, alarm.ours) == ("name", "copy", "Harbour Lights Air")


def test_private_messages_are_not_looked_at(network, out):
    asks(network)
    network.told(answer(network))
    Post.objects.filter(external_id="f1").update(private=True)
    out()
    assert not Impostor.objects.exists()


def test_what_was_said_of_it_keeps_it_quiet_for_good_until_taken_back(network, out, rings):
    asks(network)
    network.told(answer(network))
    out()
    (alarm,) = alarms()
    alarm.settle(by=network.cast.sol, outcome="fan", why=" runs a \x00 fan page ")
    network.told(answer(network, number="f2", minutes=2))
    out(9_999)
    alarm.refresh_from_db()
    assert (alarm.outcome, alarm.why, alarm.settled_by) == ("fan", "runs a fan page", network.cast.sol)
    assert alarm.posts.count() == 1
    assert Entry.objects.get(verb="impostor.settled").facts == {"outcome": "fan", "why": "runs a fan page"}
    with pytest.raises(ImpostorError, match="Sol has settled"):
        alarm.settle(by=network.cast.ada, outcome="us")
    alarm.reopen(by=network.cast.ada)
    out(10**6)  # past the time at which it was taken back
    alarm.refresh_from_db()
    assert (alarm.settled_at, alarm.outcome, alarm.posts.count()) == (None, "", 2)
    with pytest.raises(ImpostorError, match="stands already"):
        alarm.reopen(by=network.cast.ada)


@pytest.mark.parametrize("outcome", ["", "nonsense"])
def test_what_it_is_must_be_one_of_the_words(network, out, outcome):
    asks(network)
    network.told(answer(network))
    out()
    with pytest.raises(ImpostorError, match="Choose"):
        alarms()[0].settle(by=network.cast.sol, outcome=outcome)


def test_who_was_only_noticed_cannot_be_settled(network, out):
    network.told(answer(network))
    out()
    with pytest.raises(ImpostorError, match="has not talked"):
        Impostor.objects.get().settle(by=network.cast.sol, outcome="us")


def test_the_look_out_goes_on_where_it_stopped_and_rests_when_all_is_seen(network):
    asks(network)
    network.told(*(answer(network, number=f"f{n}", minutes=n) for n in range(1, 5)))
    steps = []
    while step := look_out(2, network.at(9)):
        steps.append(step)
    assert steps == [1, 3, 3, 2]  # its first place; two posts, two, one, each with the account
    assert look_out(2, network.at(9)) == 0
    assert alarms()[0].posts.count() == 4


def test_hostile_names_stop_nothing(network, out):
    asks(network)
    for number, name in enumerate(("\u202e" * 500, "tidewing" * 5000, "%s'; --", "\ufffd\ud83d", "@@@.."), 1):
        network.told(answer(network, IncomingAuthor(f"u_h{number}", name, name), f"h{number}"))
    network.told(answer(network))
    out()
    assert [alarm.shown_handle for alarm in alarms()] == ["tidewlng"]

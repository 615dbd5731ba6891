"""Streams end in the inbox of the webhooks: each payload once, with the place in the stream or not at all."""

from __future__ import annotations

import pytest

from hearout.listening.models import Connection, Received
from hearout.listening.receiving import store
from hearout.listening.streams.packets import Packet
from hearout.listening.streams.storing import Inbox, Tally, everything


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def inbox(tally: Tally) -> Inbox:
    return Inbox(everything, tally)


def test_a_payload_that_a_webhook_told_too_is_one_row(cast, inbox, tally) -> None:
    store([b"one"], channel="simulator", route="webhook", connection_id=cast.connection.pk)
    inbox.put("simulator", cast.connection.pk, [b"one", b"two", b"two"], lambda: None)
    inbox.put("simulator", cast.connection.pk, [b"two"], lambda: None)
    assert list(Received.objects.order_by("id").values_list("body", "route")) == [
        (b"one", "webhook"),
        (b"two", "stream"),
    ]
    assert (tally.kept, tally.new) == (4, 1)


def test_the_place_in_the_stream_moves_with_what_it_brought_or_neither_does(cast, inbox, tally) -> None:
    def moved() -> None:
        Connection.objects.update(cursor="7")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        inbox.put("simulator", cast.connection.pk, [b"one"], moved)
    assert Received.objects.count() == 0
    assert Connection.objects.get().cursor == ""
    assert (tally.kept, tally.new) == (0, 0)


def test_the_place_moves_too_when_nothing_was_kept(cast, tally) -> None:
    places: list[str] = []
    Inbox(lambda packets: [], tally).put("simulator", None, [b"one"], lambda: places.append("7"))
    assert places == ["7"]
    assert Received.objects.count() == 0


def test_what_a_handle_told_is_kept_though_the_handle_was_removed_meanwhile(cast, inbox) -> None:
    gone = cast.connection.pk
    Connection.objects.all().delete()
    inbox.store([Packet("simulator", gone, (b"one",)), Packet("simulator", None, (b"two",))])
    assert set(Received.objects.values_list("body", "connection")) == {(b"one", None), (b"two", None)}

"""The streams of connected handles: where each begins, who follows it, and handles that come and go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection as database
from django.db import connections

from hearout.channels.base import Delivery, Page
from hearout.listening.models import Connection, Handle, Received
from hearout.listening.streams import handles as streams
from hearout.listening.streams.handles import Handles, HandleStream
from hearout.listening.streams.storing import Inbox, Tally, everything

SECONDS = 60


class Channel:
    """A network's stream: tells its letters from the cursor on, then keeps the line open until `over` is set."""

    def __init__(self, letters: str, over: threading.Event) -> None:
        self.letters, self.over = letters, over
        self.begun: list[str] = []

    def stream(self, cursor: str) -> Iterator[Page]:
        self.begun.append(cursor)
        for place in range(int(cursor or 0), len(self.letters)):
            yield Page([Delivery(self.letters[place].encode())], str(place + 1))
        self.over.wait(SECONDS)


@pytest.fixture
def over() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch, over: threading.Event) -> Channel:
    found = Channel("abc", over)
    monkeypatch.setattr(streams, "channel_of", lambda connection: found)
    return found


def only(monkeypatch: pytest.MonkeyPatch, *abilities: str) -> None:
    monkeypatch.setattr(streams, "can", lambda connection, ability: ability in abilities)


def test_beside_a_sweep_a_stream_begins_where_the_sweep_is_and_leaves_its_cursor(cast, channel) -> None:
    Connection.objects.update(cursor="1")
    stream = HandleStream(cast.connection)
    assert next(stream.pages()).cursor == "2"
    stream.moved("2")
    assert next(stream.pages()).cursor == "3"
    assert channel.begun == ["1", "2"]
    assert Connection.objects.get().cursor == "1"


def test_a_stream_without_a_sweep_keeps_its_place_for_whoever_follows_next(
    cast, channel, monkeypatch
) -> None:
    only(monkeypatch, "stream")
    HandleStream(cast.connection).moved("2")
    assert Connection.objects.get().cursor == "2"
    assert next(HandleStream(Connection.objects.get()).pages()).cursor == "3"


@pytest.mark.django_db(transaction=True)
def test_a_stream_has_one_follower_until_that_one_is_gone(transactional_db, request) -> None:
    stream = HandleStream(request.getfixturevalue("cast").connection)
    assert stream.mine()
    assert stream.mine()

    def ask() -> bool:
        answers: list[bool] = []

        def other() -> None:
            answers.append(stream.mine())
            connections.close_all()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return answers[0]

    assert not ask()
    database.close()
    assert ask()


def until(true: Callable[[], bool]) -> None:
    """The streams have threads of their own."""
    waited = threading.Event()
    for _ in range(SECONDS * 50):
        if true():
            return
        waited.wait(0.02)
    raise AssertionError("it did not come to pass")


@pytest.mark.django_db(transaction=True)
def test_handles_are_followed_as_they_come_and_left_as_they_go(
    transactional_db, request, channel, over
) -> None:
    cast = request.getfixturevalue("cast")
    stop = threading.Event()
    handles = Handles(Inbox(everything, Tally()), Tally(), stop.is_set)
    try:
        assert handles.look() == 1
        until(lambda: Received.objects.count() == 3)
        second = Connection.objects.create(handle=cast.care_handle, channel="simulator")
        assert handles.look() == 2
        until(lambda: Received.objects.filter(connection=second).count() == 3)
        assert channel.begun == ["", ""]
        Connection.objects.filter(pk=second.pk).update(settings={"base_url": "http://elsewhere"})
        assert handles.look() == 2
        until(lambda: len(channel.begun) == 3)
        Handle.objects.filter(pk=cast.care_handle.pk).delete()
        assert handles.look() == 1
    finally:
        stop.set()
        handles.join()
    assert set(Received.objects.values_list("route", flat=True)) == {"stream"}


def test_a_channel_that_tells_no_stream_is_not_followed(cast, monkeypatch) -> None:
    Connection.objects.update(channel="archive")
    assert Handles(Inbox(everything, Tally()), Tally(), lambda: False).look() == 0

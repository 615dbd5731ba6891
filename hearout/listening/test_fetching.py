"""Fetching under a lease: cursor and payloads move together, faults are written down and never raised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from hearout.channels.base import ChannelError, Delivery, Page
from hearout.listening import connecting, fetching
from hearout.listening.models import Connection, Received


class Feed:
    """A channel that answers from a list and remembers what it was asked."""

    def __init__(self, *answers: Page | Exception | Callable[[], Page]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def fetch(self, cursor: str) -> Page:
        self.asked.append(cursor)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer


def page(*bodies: bytes, cursor: str, more: bool = False) -> Page:
    return Page([Delivery(body) for body in bodies], cursor, more)


@pytest.fixture
def due(cast: Any) -> Connection:
    Connection.objects.update(due_at=cast.monday)
    return Connection.objects.get()


def plug(monkeypatch: pytest.MonkeyPatch, feed: Feed) -> None:
    monkeypatch.setattr(fetching, "channel_of", lambda connection: feed)


def again(connection: Connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


def test_a_page_is_stored_and_the_cursor_moved(due: Connection, monkeypatch: Any, cast: Any) -> None:
    feed = Feed(page(b"1", b"2", cursor="2", more=True), page(b"3", cursor="3"))
    plug(monkeypatch, feed)
    assert fetching.fetch_due(10, cast.monday) == 3
    assert feed.asked == ["", "2"]
    found = again(due)
    assert (found.cursor, found.lease_until, found.faults) == ("3", None, 0)
    assert found.due_at == cast.monday + fetching.SWEEP
    assert found.fetched_at == cast.monday
    assert Received.objects.filter(route="sweep", connection=due).count() == 3
    assert fetching.fetch_due(10, cast.monday) == 0


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (ChannelError("gone", permanent=True), timedelta(minutes=5)),
        (ChannelError("slow down", retry_after=42), timedelta(seconds=42)),
        (ChannelError("slow down", retry_after=1e9), timedelta(hours=1)),
        (ChannelError("refused"), timedelta(seconds=5)),
        (ZeroDivisionError("a bug \0 \ud800"), timedelta(seconds=5)),
    ],
)
def test_a_fault_is_written_down_with_a_pause(
    due: Connection, monkeypatch: Any, cast: Any, error: Exception, pause: timedelta
) -> None:
    plug(monkeypatch, Feed(error))
    assert fetching.fetch_due(10, cast.monday) == 0
    found = again(due)
    assert (found.faults, found.last_fault_at, found.lease_until, found.cursor) == (1, cast.monday, None, "")
    assert found.last_fault
    assert found.due_at == cast.monday + pause


def test_pauses_grow_and_a_success_clears_them(due: Connection, monkeypatch: Any, cast: Any) -> None:
    plug(monkeypatch, Feed(*[ChannelError("down")] * 9, page(cursor="1")))
    now: datetime = cast.monday
    pauses = []
    for _ in range(9):
        fetching.fetch_due(10, now)
        pauses.append(again(due).due_at - now)
        now = again(due).due_at
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=5)
    fetching.fetch_due(10, now)
    assert (again(due).faults, again(due).last_fault) == (0, "")


def test_a_leased_connection_is_left_alone_until_the_lease_ends(
    due: Connection, monkeypatch: Any, cast: Any
) -> None:
    feed = Feed(page(b"1", cursor="1"))
    plug(monkeypatch, feed)
    Connection.objects.update(lease_until=cast.monday + timedelta(seconds=1))
    assert fetching.fetch_due(10, cast.monday) == 0
    assert feed.asked == []
    assert fetching.fetch_due(10, cast.monday + timedelta(seconds=1)) == 1


def test_who_lost_the_lease_stores_nothing(due: Connection, monkeypatch: Any, cast: Any) -> None:
    def slow() -> Page:
        Connection.objects.update(cursor="9", lease_until=None, due_at=None)
        return page(b"1", cursor="1")

    plug(monkeypatch, Feed(slow))
    assert fetching.fetch_due(10, cast.monday) == 0
    assert again(due).cursor == "9"
    assert not Received.objects.exists()


def test_a_feed_that_was_started_over_meanwhile_keeps_its_new_cursor(
    due: Connection, monkeypatch: Any, cast: Any
) -> None:
    Connection.objects.update(cursor="5")

    def slow() -> Page:
        Connection.objects.update(cursor="")
        return page(b"6", cursor="6")

    plug(monkeypatch, Feed(slow))
    assert fetching.fetch_due(1, cast.monday) == 0
    assert again(due).cursor == ""
    assert not Received.objects.exists()


def test_the_network_is_asked_outside_any_transaction(due: Connection, monkeypatch: Any, cast: Any) -> None:
    from django.db import connection

    depth = len(connection.savepoint_ids)

    def look() -> Page:
        assert len(connection.savepoint_ids) == depth
        return page(cursor="1")

    plug(monkeypatch, Feed(look))
    fetching.fetch_due(1, cast.monday)
    assert again(due).faults == 0


def test_a_channel_that_cannot_fetch_is_not_asked_again(due: Connection, cast: Any) -> None:
    Connection.objects.update(channel="none_of_ours")
    assert fetching.fetch_due(5, cast.monday) == 0
    assert again(due).due_at is None


def test_secrets_are_sealed_in_their_row(cast: Any) -> None:
    connection = connecting.connect(
        cast.care_handle, "archive", {"path": "x.jsonl"}, {"token": "open sesame"}
    )
    assert "sesame" not in connection.secrets
    assert connecting.channel_of(connection) is connecting.channel_of(again(connection))
    stolen = again(cast.connection)
    stolen.secrets, stolen.channel, stolen.settings = connection.secrets, "archive", {"path": "x.jsonl"}
    with pytest.raises(ChannelError, match="belongs to another place") as caught:
        connecting.channel_of(stolen)
    assert caught.value.permanent


def test_connecting_again_replaces_settings_and_clears_faults(cast: Any) -> None:
    first = connecting.connect(cast.care_handle, "archive", {"path": "a"}, {})
    Connection.objects.filter(pk=first.pk).update(faults=3, last_fault="down", cursor="7", due_at=None)
    second = connecting.connect(cast.care_handle, "archive", {"path": "b"}, {"token": "t"})
    assert (second.pk, second.faults, second.cursor, second.settings) == (first.pk, 0, "7", {"path": "b"})
    assert again(second).due_at is not None


def test_what_cannot_connect_is_refused_before_anything_is_stored(cast: Any) -> None:
    with pytest.raises(ChannelError, match="path"):
        connecting.connect(cast.care_handle, "archive", {}, {})
    assert Connection.objects.count() == 1

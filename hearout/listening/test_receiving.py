"""Payloads are stored whole and once, by Django and by a plain connection alike."""

from __future__ import annotations

from typing import Any

import pytest

from hearout.lib.doorbell import rest
from hearout.listening import dead_letters
from hearout.listening.models import Mention, Received
from hearout.listening.receiving import INSERT_MANY, LARGEST_STORED, as_parameters, digest_of, store


def test_the_same_body_is_one_row_a_connection(cast: Any) -> None:
    one = {"channel": "simulator", "route": "webhook"}
    assert store([b"a", b"b", b"a"], connection_id=cast.connection.pk, **one) == 2
    assert store([b"a"], connection_id=cast.connection.pk, **one) == 0
    assert store([b"a"], connection_id=None, **one) == 1
    assert store([], connection_id=None, **one) == 0
    assert Received.objects.count() == 3


def test_a_payload_is_kept_as_it_came(cast: Any) -> None:
    body = bytes(range(256)) * 5
    store([body], channel="simulator", route="sweep", connection_id=cast.connection.pk)
    row = Received.objects.get()
    assert bytes(row.body) == body
    assert bytes(row.digest) == digest_of(body, "simulator", cast.connection.pk)
    assert (row.route, row.connection_id, row.tries, row.dead_at) == ("sweep", cast.connection.pk, 0, None)
    assert row.due_at is not None


def test_a_giant_is_cut_but_two_giants_differ(cast: Any) -> None:
    giant = b"x" * (LARGEST_STORED + 10)
    assert store([giant, giant + b"y"], channel="simulator", route="webhook", connection_id=None) == 2
    assert {len(row.body) for row in Received.objects.all()} == {LARGEST_STORED}


@pytest.mark.django_db(transaction=True)
def test_a_plain_connection_can_store_several_connections_at_once(cast: Any) -> None:
    import psycopg
    from django.db import connection

    wanted = {key: value for key, value in connection.get_connection_params().items() if key in (
        "dbname", "user", "host", "port", "password")}  # fmt: skip
    with psycopg.connect(**wanted, autocommit=True) as plain:
        rows: list[Any] = [(b"a", "simulator", cast.connection.pk), (b"b", "archive", None)]
        parameters = as_parameters(rows, route="webhook", archive_id=None)
        assert plain.execute(INSERT_MANY, parameters).rowcount == 2
        assert plain.execute(INSERT_MANY, parameters).rowcount == 0
    assert set(Received.objects.values_list("channel", flat=True)) == {"simulator", "archive"}


def test_dead_letters_are_listed_and_sent_through_again(network: Any) -> None:
    network.tell_raw([b"nonsense"])
    network.tell(network.post("p1", "@tidewing"))
    network.hear()
    (letter,) = dead_letters.dead_letters()
    assert letter.queue == "listening_received"
    assert "JSON" in letter.fault
    assert dead_letters.body_of(letter) == b"nonsense"
    assert dead_letters.count() == {"listening_received": 1, "listening_mention": 0}
    assert dead_letters.retry([letter.id + 1000]) == 0
    assert dead_letters.retry() == 1
    assert not dead_letters.dead_letters()
    network.hear()
    assert len(dead_letters.dead_letters()) == 1


def test_dead_mentions_are_dead_letters_too(network: Any) -> None:
    network.told(network.post("p1", "@tidewing"))
    Mention.objects.update(dead_at=network.at(0), due_at=None, fault="broken", tries=5)
    assert [letter.queue for letter in dead_letters.dead_letters()] == ["listening_mention"]
    assert dead_letters.retry(queue="listening_mention") == 1
    assert Mention.objects.get().due_at is not None


def test_a_queue_is_named_by_us_and_never_by_a_stranger(db: None) -> None:
    with pytest.raises(ValueError, match="queue"):
        dead_letters.retry(queue="listening_received; DROP TABLE x")


@pytest.mark.django_db(transaction=True)
def test_what_is_stored_ends_the_rest_of_an_idle_worker_once(cast: Any) -> None:
    import psycopg
    from django.db import connection

    wanted = {key: value for key, value in connection.get_connection_params().items() if key in (
        "dbname", "user", "host", "port", "password")}  # fmt: skip
    with psycopg.connect(**wanted, autocommit=True) as worker:
        assert not rest(worker, 0.001)
        store([b"a", b"b"], channel="simulator", route="webhook", connection_id=cast.connection.pk)
        assert rest(worker, 30)
        assert not rest(worker, 0.001)
        store([], channel="simulator", route="webhook", connection_id=None)
        assert not rest(worker, 0.001)

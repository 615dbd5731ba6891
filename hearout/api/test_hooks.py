"""Webhooks: nothing is acknowledged before it is stored, and nothing unsigned gets in."""

import asyncio
import json
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from hearout.api.asking import ask
from hearout.api.hooks import MOST_BYTES, Hooks, Target, find_target
from hearout.api.writer import StoreError, Writer
from hearout.lib.doorbell import rest
from hearout.lib.postgres import database_url
from hearout.listening.models import Received

BODY = json.dumps({"posts": [{"id": "1", "text": "hello"}]}).encode()


class SignedByKey:
    """A channel whose signature is one header."""

    def verify(self, headers, body):
        return headers.get("x-key") == "right"


@pytest.fixture
def dsn(transactional_db, settings):
    return make_conninfo(database_url(), dbname=settings.DATABASES["default"]["NAME"])


def tell(dsn, cast, body=BODY, headers=(("x-key", "right"),), path=None, times=1, method="POST"):
    """Send the same request `times` at once through a real writer."""
    hook_id = cast.connection.hook_id
    target = Target(cast.connection.pk, "simulator", SignedByKey())

    async def run():
        writer = Writer(dsn)
        writer.start()
        hooks = Hooks(writer, lambda asked: target if asked == hook_id else None)
        try:
            asked = [ask(hooks, method, path or f"/hooks/{hook_id}/", body, headers) for _ in range(times)]
            return await asyncio.gather(*asked)
        finally:
            await writer.stop()

    return asyncio.run(run())


@pytest.fixture
def cast(dsn, request):
    return request.getfixturevalue("cast")


def test_a_signed_payload_is_stored_as_it_came(dsn, cast):
    (answer,) = tell(dsn, cast)
    stored = Received.objects.get()
    assert answer.status == 200
    assert bytes(stored.body) == BODY
    assert (stored.route, stored.channel, stored.connection_id) == (
        "webhook",
        "simulator",
        cast.connection.pk,
    )


def test_the_same_payload_told_fifty_times_at_once_is_one_row(dsn, cast):
    answers = tell(dsn, cast, times=50)
    assert [answer.status for answer in answers] == [200] * 50
    assert Received.objects.count() == 1


@pytest.mark.parametrize("headers", [(), (("x-key", "wrong"),), (("x-key", "right"), ("x-key", "right"))])
def test_an_unsigned_payload_leaves_nothing_behind(dsn, cast, headers):
    (answer,) = tell(dsn, cast, headers=headers)
    assert answer.status == 401
    assert not Received.objects.exists()


@pytest.mark.parametrize("path", ["/hooks/", "/hooks/1/", f"/hooks/{UUID(int=7)}/", "/hooks/../admin/"])
def test_an_unknown_address_is_not_found(dsn, cast, path):
    assert tell(dsn, cast, path=path)[0].status == 404


def test_a_body_that_is_too_large_is_refused(dsn, cast):
    assert tell(dsn, cast, body=b"x" * (MOST_BYTES + 1))[0].status == 413


def test_only_post_is_heard(dsn, cast):
    assert tell(dsn, cast, method="GET")[0].status == 405


def test_bytes_that_are_no_text_are_stored_all_the_same(dsn, cast):
    body = b'{"text": "\xed\xa0\x80\x00"}'
    assert tell(dsn, cast, body=body)[0].status == 200
    assert bytes(Received.objects.get().body) == body


def test_without_a_database_the_network_is_asked_to_come_again(dsn, cast):
    (answer,) = tell("postgresql://nobody@127.0.0.1:1/none", cast)
    assert answer.status == 503
    assert answer.headers["retry-after"]


def test_a_writer_that_answers_before_the_commit_would_be_caught(dsn, cast):
    """The rule is only as good as a test that fails on a build broken on purpose."""

    class TooQuick(Writer):
        async def store(self, body, *, channel, connection_id):
            return None

    async def run():
        hooks = Hooks(TooQuick(dsn), lambda _: Target(cast.connection.pk, "simulator", SignedByKey()))
        return await ask(hooks, "POST", f"/hooks/{cast.connection.hook_id}/", BODY, [("x-key", "right")])

    assert asyncio.run(run()).status == 200
    assert not Received.objects.exists()  # what test_a_signed_payload_is_stored_as_it_came would see


def test_a_payload_of_a_vanished_connection_does_not_take_the_others_down(dsn, cast):
    async def run():
        writer = Writer(dsn)
        gone = writer.store(b"{}", channel="simulator", connection_id=999_999)
        good = writer.store(BODY, channel="simulator", connection_id=cast.connection.pk)
        both = asyncio.gather(gone, good, return_exceptions=True)
        await asyncio.sleep(0)
        writer.start()
        results = await both
        await writer.stop()
        return results

    gone, good = asyncio.run(run())
    assert isinstance(gone, StoreError)
    assert good is None
    assert Received.objects.count() == 1


def test_the_address_of_a_connection_leads_to_its_channel(cast):
    from hearout.listening.connecting import connect

    made = connect(
        cast.care_handle,
        "simulator",
        {"base_url": "http://127.0.0.1:9"},
        {"token": "t", "webhook_secret": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0"},
    )
    target = find_target(made.hook_id)
    assert target is not None
    assert target.connection_id == made.pk
    assert find_target(uuid4()) is None


def test_what_came_in_wakes_the_workers_once_in_a_while_and_not_for_each_post(dsn, cast, monkeypatch):
    monkeypatch.setattr("hearout.api.writer.WAKE_EVERY", 3600)

    async def run():
        writer = Writer(dsn)
        writer.start()
        for number in range(3):
            await writer.store(b"%d" % number, channel="simulator", connection_id=cast.connection.pk)
        await writer.stop()

    with psycopg.connect(dsn, autocommit=True) as worker:
        assert not rest(worker, 0.001)
        asyncio.run(run())
        assert rest(worker, 30)
        assert not rest(worker, 0.001)

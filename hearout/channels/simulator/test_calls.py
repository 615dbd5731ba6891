"""What each answer of a network, or the lack of one, means for a reply. A stand-in transport answers here."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from hearout.channels import registry
from hearout.channels.base import Act, ChannelError, Json, OutgoingReply
from hearout.channels.payload import encode
from hearout.channels.simulator.channel import SimulatorChannel

Answer = Callable[[httpx2.Request], httpx2.Response]
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
REPLY = OutgoingReply("key-1", Act.PUBLIC_REPLY, "Hello", target_id="7", recipient_id="u_1", queued_at=NOW)


def channel_answering(answer: Answer, **secrets: str) -> SimulatorChannel:
    return SimulatorChannel(
        manifest=registry.manifest("simulator"),
        settings={"base_url": "http://network.test"},
        secrets={"token": "tidewing-token"} | secrets,
        transport=httpx2.MockTransport(answer),
    )


def failing(error: Exception) -> Answer:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise error

    return answer


def answering(status: int, body: Json = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda request: httpx2.Response(status, content=content, headers=headers)


def own_post(**more: Json) -> Json:
    author = {"id": "u_100", "handle": "tidewing"}
    return {
        "id": "9",
        "created_at": "2026-11-21T10:00:05Z",
        "author": author,
        "text": "Hello",
        "idempotency_key": None,
    } | more


def error_of(channel: SimulatorChannel, act: Act = Act.PUBLIC_REPLY) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel.send(OutgoingReply("key-1", act, "Hello", target_id="7", recipient_id="u_1"))
    return caught.value


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize(
    "error",
    [
        httpx2.ReadTimeout("slow"),
        httpx2.WriteTimeout("slow"),
        httpx2.ReadError("reset"),
        httpx2.WriteError("reset"),
        httpx2.RemoteProtocolError("server disconnected"),
        httpx2.DecodingError("bad gzip"),
    ],
)
def test_a_connection_lost_on_the_way_leaves_a_write_uncertain(act: Act, error: Exception) -> None:
    told = error_of(channel_answering(failing(error)), act)
    assert (told.uncertain, told.permanent) == (True, False)


@pytest.mark.parametrize(
    "error", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("slow"), httpx2.PoolTimeout("busy")]
)
def test_a_connection_that_never_came_about_is_a_certain_failure(error: Exception) -> None:
    told = error_of(channel_answering(failing(error)))
    assert (told.uncertain, told.permanent) == (False, False)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_server_error_leaves_a_write_uncertain_and_a_read_to_be_tried_again(status: int) -> None:
    channel = channel_answering(answering(status, {}))
    told = error_of(channel)
    assert (told.uncertain, told.permanent) == (True, False)
    with pytest.raises(ChannelError) as caught:
        channel.fetch("")
    assert (caught.value.uncertain, caught.value.permanent) == (False, False)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 403, 404, 409, 422])
def test_a_refusal_is_permanent_and_no_redirect_is_followed(status: int) -> None:
    calls: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        calls.append(str(request.url))
        return httpx2.Response(status, headers={"Location": "http://10.0.0.1/"}, json={})

    told = error_of(channel_answering(answer))
    assert (told.uncertain, told.permanent) == (False, True)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0.5", 0.5), ("999999999", 3600), ("soon", 60), ("-5", 60), ("", 60), ("nan", 60)],
)
def test_the_wait_a_network_asks_for_is_kept_within_reason(value: str, seconds: float) -> None:
    told = error_of(channel_answering(answering(429, {}, **{"Retry-After": value})))
    assert (told.retry_after, told.permanent, told.uncertain) == (seconds, False, False)


def test_an_expired_token_asks_a_person_to_renew_it_and_shows_no_token() -> None:
    body = {"error": {"code": "token_expired", "message": "no\x1b[31m " + "x" * 9_000}}
    told = error_of(channel_answering(answering(401, body)))
    assert told.permanent
    assert "renew the token" in told.message
    assert "token_expired" in told.message
    assert "tidewing-token" not in told.message
    assert "\x1b" not in told.message
    assert len(told.message) < 500


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b"null", b"[" * 10_000, b"\xff", b'{"id": 7}']
)
def test_an_answer_to_a_write_that_cannot_be_read_leaves_it_uncertain(body: bytes) -> None:
    told = error_of(channel_answering(answering(201, body)))
    assert (told.uncertain, told.permanent) == (True, False)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b"null", b"[" * 10_000, b'{"posts": {}}', b'{"posts": [], "cursor": 7}'],
)
def test_a_feed_that_cannot_be_read_is_asked_again_later(body: bytes) -> None:
    channel = channel_answering(answering(200, body))
    for call in (lambda: channel.fetch(""), lambda: channel.look_up(REPLY)):
        with pytest.raises(ChannelError) as caught:
            call()
        assert (caught.value.uncertain, caught.value.permanent) == (False, False)
        if body == b'{"posts": [], "cursor": 7}':
            return


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hearout.channels.simulator.calls.MAX_ANSWER", 1_000)
    with pytest.raises(ChannelError, match="more than 1,000 bytes"):
        channel_answering(answering(200, b" " * 1_001)).fetch("")


def test_an_answer_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hearout.channels.simulator.calls.MAX_SECONDS", -1.0)
    with pytest.raises(ChannelError, match="took more than"):
        channel_answering(answering(200, {"posts": [], "cursor": "1-0"})).fetch("")


def test_one_bad_post_refuses_the_whole_webhook_payload_and_says_why() -> None:
    channel = channel_answering(answering(200, {}))
    good = own_post()
    assert [post.external_id for post in channel.parse(encode({"posts": [good, good]}))] == ["9", "9"]
    assert channel.parse(encode({"posts": []})) == []
    with pytest.raises(ChannelError, match="id is a number, not text") as caught:
        channel.parse(encode({"posts": [good, own_post(id=9)]}))
    assert caught.value.permanent


def test_every_post_of_a_page_becomes_one_payload_of_compact_utf_8() -> None:
    posts: list[Json] = [{"text": "Grüße 👍", "id": "1"}, {"text": "\ud83d"}, "odd", None]
    channel = channel_answering(answering(200, {"posts": posts, "cursor": "1-4", "more": True}))
    page = channel.fetch("")
    assert (page.cursor, page.more) == ("1-4", True)
    assert page.deliveries[0].body == '{"text":"Grüße 👍","id":"1"}'.encode()
    assert [json.loads(row.body) for row in page.deliveries] == posts


def test_a_stream_skips_empty_lines_and_ends_in_an_error_to_connect_again() -> None:
    line = json.dumps({"post": {"id": "1"}, "cursor": "1-1"}).encode()
    stream = channel_answering(answering(200, b"\n" + line + b"\n\n\r\n")).stream("")
    assert next(stream).cursor == "1-1"
    with pytest.raises(ChannelError) as caught:
        next(stream)
    assert not caught.value.permanent


@pytest.mark.parametrize("line", [b"no JSON\n", b"{}\n", b"[1]\n", b"x" * 1_100_000])
def test_a_stream_that_cannot_be_read_ends_in_an_error(line: bytes) -> None:
    with pytest.raises(ChannelError):
        next(channel_answering(answering(200, line)).stream(""))


def test_a_reply_is_found_by_its_key_whatever_its_text() -> None:
    posts = [own_post(id="8", idempotency_key="key-2"), own_post(idempotency_key="key-1", text="(edited)")]
    found = channel_answering(answering(200, {"posts": posts})).look_up(REPLY)
    assert found is not None
    assert found.external_id == "9"


def test_the_same_text_under_another_key_is_another_reply() -> None:
    posts = [own_post(idempotency_key="key-2")]
    assert channel_answering(answering(200, {"posts": posts})).look_up(REPLY) is None


def test_without_keys_a_message_is_found_by_text_and_time() -> None:
    message = OutgoingReply("key-1", Act.PRIVATE_MESSAGE, "Hello", recipient_id="u_1", queued_at=NOW)

    def looked_up(**more: Json) -> bool:
        asked: list[httpx2.URL] = []

        def answer(request: httpx2.Request) -> httpx2.Response:
            asked.append(request.url)
            return httpx2.Response(200, json={"posts": [own_post(**more)]})

        found = channel_answering(answer).look_up(message)
        assert asked[0].params["to"] == "u_1"
        return found is not None

    assert looked_up()
    assert looked_up(text="Hello ")
    assert not looked_up(text="Hello!")
    assert looked_up(created_at=(NOW - timedelta(seconds=59)).isoformat())
    assert not looked_up(created_at=(NOW - timedelta(seconds=61)).isoformat())


@pytest.mark.parametrize("act", Act)
def test_every_write_carries_its_key_as_a_header(act: Act) -> None:
    keys: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["Idempotency-Key"])
        return httpx2.Response(200, json=own_post())

    channel_answering(answer).send(OutgoingReply("key-1", act, "Hello", target_id="7", recipient_id="u_1"))
    assert keys == ["key-1"]


@pytest.mark.parametrize("act", [Act.LIKE, Act.REPOST, Act.FOLLOW])
@pytest.mark.parametrize("target", [None, "", "..", "../../control/all", "7/like?", "7#", "a b", "x" * 65])
def test_no_call_leaves_for_a_target_that_would_change_its_path(act: Act, target: str | None) -> None:
    calls: list[httpx2.URL] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        calls.append(request.url)
        return httpx2.Response(200, json={"ok": True, "value": True})

    channel = channel_answering(answer)
    for call in (channel.send, channel.look_up):
        with pytest.raises(ChannelError):
            call(OutgoingReply("key-1", act, target_id=target, recipient_id=target))
    assert calls == []


def test_preparing_registers_words_and_webhook() -> None:
    calls: list[tuple[str, str, Json]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        calls.append((request.method, request.url.path, json.loads(request.content)))
        return httpx2.Response(200, json={})

    secret = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw=="
    channel = channel_answering(answer, webhook_secret=secret)
    channel.prepare(webhook_url="http://hearout.test/hook", words=["tidewing"])
    channel.prepare(webhook_url=None, words=["tidewing", "tidemiles"])
    assert calls == [
        ("PUT", "/api/search-words", {"words": ["tidewing"]}),
        ("PUT", "/api/webhook", {"url": "http://hearout.test/hook", "secret": secret}),
        ("PUT", "/api/search-words", {"words": ["tidewing", "tidemiles"]}),
    ]
    with pytest.raises(ChannelError, match="needs a secret"):
        channel_answering(answer).prepare(webhook_url="http://hearout.test/hook", words=[])


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [
        ({}, {"token": "t"}),
        ({"base_url": "ftp://a.b"}, {"token": "t"}),
        ({"base_url": "http://["}, {"token": "t"}),
        ({"base_url": "http:///x"}, {"token": "t"}),
        ({"base_url": "http://a.b:99999"}, {"token": "t"}),
        ({"base_url": "http://\ud83d"}, {"token": "t"}),
        ({"base_url": "http://a\0b"}, {"token": "t"}),
        ({"base_url": "http://a.b"}, {}),
        ({"base_url": "http://a.b"}, {"token": "two\r\nlines"}),
        ({"base_url": "http://a.b"}, {"token": "töken"}),
        ({"base_url": "http://a.b"}, {"token": "t", "webhook_secret": "plain"}),
        ({"base_url": "http://a.b"}, {"token": "t", "webhook_secret": "whsec_!"}),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(
    settings: dict[str, str], secrets: dict[str, str]
) -> None:
    with pytest.raises(ChannelError) as caught:
        registry.connect("simulator", settings=settings, secrets=secrets)
    assert caught.value.permanent


def test_without_a_webhook_secret_no_delivery_is_believed() -> None:
    channel = channel_answering(answering(200, {}))
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": "v1,AAAA",
    }
    assert not channel.verify(headers, b"{}")

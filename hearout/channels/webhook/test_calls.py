"""What each answer of a receiver means for a reply, and which addresses are never called."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hearout.channels import registry
from hearout.channels.base import Act, ChannelError, Json, OutgoingReply
from hearout.channels.webhook.calls import Receiver, is_public
from hearout.channels.webhook.channel import WebhookChannel

Answer = Callable[[httpx2.Request], httpx2.Response]
SECRET = "whsec_" + base64.b64encode(b"what goes out: a secret of tests").decode()
REPLY = OutgoingReply("key-1", Act.PUBLIC_REPLY, "Hello", target_id="7")
PUBLIC = "93.184.215.14"


def channel_answering(
    answer: Answer,
    address: str = "https://shop.test:8443/hearout?x=1",
    addresses: Sequence[str] = (PUBLIC,),
    **settings: str,
) -> WebhookChannel:
    return WebhookChannel(
        manifest=registry.manifest("webhook"),
        settings={"address": address, "account": "tidewing"} | settings,
        secrets={"secret_out": SECRET},
        transport=httpx2.MockTransport(answer),
        resolve=lambda host, port: addresses,
    )


def answering(status: int, body: Json = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda request: httpx2.Response(status, content=content, headers=headers)


def failing(error: Exception) -> Answer:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise error

    return answer


def error_of(channel: WebhookChannel) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel.send(REPLY)
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        httpx2.ReadTimeout("slow"),
        httpx2.WriteError("reset"),
        httpx2.RemoteProtocolError("server disconnected"),
    ],
)
def test_a_connection_lost_on_the_way_leaves_a_reply_uncertain(error: Exception) -> None:
    told = error_of(channel_answering(failing(error)))
    assert (told.uncertain, told.permanent) == (True, False)


@pytest.mark.parametrize(
    "error", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("slow"), httpx2.PoolTimeout("busy")]
)
def test_a_connection_that_never_came_about_is_a_certain_failure(error: Exception) -> None:
    told = error_of(channel_answering(failing(error)))
    assert (told.uncertain, told.permanent) == (False, False)


@pytest.mark.parametrize(
    ("status", "uncertain", "permanent"),
    [(status, True, False) for status in (408, 409, 425, 500, 502, 503, 504)]
    + [(status, False, True) for status in (300, 301, 302, 307, 308, 400, 401, 403, 404, 410, 413, 422)]
    + [(429, False, False)],
)
def test_what_a_status_means(status: int, uncertain: bool, permanent: bool) -> None:
    calls: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        calls.append(str(request.url))
        return httpx2.Response(status, headers={"Location": "http://10.0.0.1/"}, json={})

    told = error_of(channel_answering(answer))
    assert (told.uncertain, told.permanent) == (uncertain, permanent)
    assert len(calls) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("value", "seconds"), [("7", 7.0), ("999999999", 3600.0), ("0.5", 0.5)])
def test_the_wait_a_receiver_asks_for_is_kept_within_reason(status: int, value: str, seconds: float) -> None:
    assert error_of(channel_answering(answering(status, **{"Retry-After": value}))).retry_after == seconds


def test_a_refusal_tells_the_receivers_words_without_control_characters_or_secrets() -> None:
    told = error_of(channel_answering(answering(422, b"no\x1b[31m such post " + b"x" * 9_000)))
    assert "no[31m such post" in told.message
    assert len(told.message) < 500
    assert SECRET not in told.message


@pytest.mark.parametrize(
    "body", [b"", b"ok", b"[]", b"null", b"{}", b"[" * 10_000, b"\xff", b" " * 2_000_000]
)
def test_any_2xx_without_an_id_is_a_yes(body: bytes) -> None:
    receipt = channel_answering(answering(202, body)).send(REPLY)
    assert receipt.external_id == "reply/key-1"
    assert receipt.delivery is not None


@pytest.mark.parametrize(
    "body",
    [
        {"id": 7},
        {"id": ""},
        {"id": "a\0"},
        {"id": "x" * 600},
        {"id": "1", "url": []},
        {"post": {}},
        {"post": []},
    ],
)
def test_an_odd_answer_is_said_to_be_odd_and_leaves_the_reply_uncertain(body: Json) -> None:
    told = error_of(channel_answering(answering(200, body)))
    assert (told.uncertain, told.permanent) == (True, False)
    assert "answered oddly" in told.message


def test_a_receiver_may_answer_with_the_whole_post() -> None:
    post = {
        "id": "forum/12",
        "posted_at": "2026-11-23T09:30:00Z",
        "author": {"id": "member/1", "handle": "tidewing"},
        "text": "Hello",
        "url": "https://forum.example/12",
    }
    channel = channel_answering(answering(201, {"post": post}))
    receipt = channel.send(REPLY)
    assert (receipt.external_id, receipt.url) == ("forum/12", "https://forum.example/12")
    assert receipt.delivery is not None
    assert channel.parse(receipt.delivery)[0].author.external_id == "member/1"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104  an address that must be refused
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "fc00::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "no address",
        "",
    ],
)
def test_no_call_goes_to_a_private_address_unless_a_person_allowed_it(address: str) -> None:
    calls: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        calls.append(request.url.host)
        return httpx2.Response(200)

    told = error_of(channel_answering(answer, addresses=[address]))
    assert (told.permanent, calls) == (True, [])
    assert "private network" in told.message
    assert not is_public(address)


def test_the_address_that_was_checked_is_the_one_that_is_called() -> None:
    asked: list[tuple[str, int]] = []
    calls: list[httpx2.Request] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ["10.0.0.1", PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    def answer(request: httpx2.Request) -> httpx2.Response:
        calls.append(request)
        return httpx2.Response(200)

    receiver = Receiver(
        "https://shop.test:8443/hearout?x=1",
        inside=False,
        transport=httpx2.MockTransport(answer),
        resolve=resolve,
    )
    receiver.post(b"{}", {})
    (call,) = calls
    assert asked == [("shop.test", 8443)]
    assert str(call.url) == f"https://{PUBLIC}:8443/hearout?x=1"
    assert call.headers["host"] == "shop.test:8443"
    assert call.extensions["sni_hostname"] == "shop.test"


def test_a_name_that_cannot_be_found_is_tried_again_later() -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(ChannelError) as caught:
        Receiver("https://shop.test", inside=True, resolve=resolve).post(b"{}", {})
    assert (caught.value.permanent, caught.value.uncertain) == (False, False)


@pytest.mark.parametrize(("name", "trusted"), [("shop.test", True), ("other.test", False)])
def test_a_pinned_address_must_still_show_the_certificate_of_the_name(
    tmp_path: Path, name: str, trusted: bool
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(who, who, key.public_key(), 7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "both.pem").write_bytes(private + certificate)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "both.pem")
    trusting = ssl.create_default_context(cadata=certificate.decode())
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_once, args=(server, serving), daemon=True).start()
        receiver = Receiver(
            f"https://shop.test:{server.getsockname()[1]}/",
            inside=True,
            transport=httpx2.HTTPTransport(verify=trusting, trust_env=False),
            resolve=lambda host, port: ["127.0.0.1"],
        )
        if trusted:
            assert receiver.post(b"{}", {}) == b"yes"
        else:
            with pytest.raises(ChannelError, match="CERTIFICATE_VERIFY_FAILED") as caught:
                receiver.post(b"{}", {})
            assert not caught.value.uncertain


def answer_once(server: socket.socket, serving: ssl.SSLContext) -> None:
    try:
        with serving.wrap_socket(server.accept()[0], server_side=True) as connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes")
    except OSError:
        """The other side did not trust us, which one test wants."""


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [
        ({"address": "https://a.b", "account": "tidewing"}, {}),
        ({"address": "https://a.b"}, {"secret_out": SECRET}),
        ({"address": "ftp://a.b", "account": "tidewing"}, {"secret_out": SECRET}),
        ({"address": "http://[", "account": "tidewing"}, {"secret_out": SECRET}),
        ({"address": "http:///x", "account": "tidewing"}, {"secret_out": SECRET}),
        ({"address": "http://u:p@a.b", "account": "tidewing"}, {"secret_out": SECRET}),
        ({"address": "http://a\0b", "account": "tidewing"}, {"secret_out": SECRET}),
        ({"address": "http://\ud83d", "account": "tidewing"}, {"secret_out": SECRET}),
        ({"account": "a\0b"}, {}),
        ({}, {"secret_in": "plain"}),
        ({}, {"secret_in": "whsec_c2hvcnQ="}),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(
    settings: dict[str, str], secrets: dict[str, str]
) -> None:
    with pytest.raises(ChannelError) as caught:
        registry.connect("webhook", settings=settings, secrets=secrets)
    assert caught.value.permanent


def test_without_an_address_posts_come_in_and_no_reply_goes_out() -> None:
    channel = registry.connect("webhook", settings={}, secrets={})
    told = error_of(channel)
    assert told.permanent
    assert not channel.verify({}, b"{}")

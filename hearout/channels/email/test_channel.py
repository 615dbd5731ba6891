"""A mailbox passes the contract suite, over Dovecot and aiosmtpd on loopback (label R)."""

from __future__ import annotations

import base64
import imaplib
import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from hearout.channels import registry
from hearout.channels.base import Act, Channel, ChannelError, IncomingPost, OutgoingReply
from hearout.channels.contract import ChannelContract
from hearout.channels.email.channel import PAGE, EmailChannel
from hearout.channels.email.message_ids import beginning_of
from hearout.channels.harness import Fault, Harness, drain

FIXTURES = Path(__file__).parent / "fixtures"
PASSWORD = "password-of-tests"
SMTP_FAULTS = {Fault.LOST_ANSWER: "drop after", Fault.ERROR_AFTER_ACCEPT: "fail after"}


def enveloped(path: Path) -> bytes:
    """The payload that this mail arrives as."""
    raw = path.read_bytes()
    mail = base64.b64encode(raw).decode()
    folder = "sent" if path.stem == "colleague" else "inbox"
    told = {"folder": folder, "received_at": "2026-11-23T09:14:03+00:00", "bytes": len(raw), "mail": mail}
    return json.dumps(told).encode()


class EmailHarness(Harness):
    payloads = tuple(enveloped(path) for path in sorted(FIXTURES.glob("*.eml")))
    sample = json.loads(enveloped(FIXTURES / "question.eml"))
    required = ("folder", "received_at", "mail")
    ids = ()
    texts = ("folder", "mail")
    times = ("received_at",)

    def __init__(self, office: Any) -> None:
        self.office = office
        self.address = f"care.{uuid.uuid4().hex[:12]}@tidewing.test"
        self.lengths = {"cafe\u0301": 5, "👍": 1}
        self.clock = datetime.now(UTC).timestamp()
        self.channel: EmailChannel = self.connected()

    def connected(self, password: str = PASSWORD, **changed: str) -> EmailChannel:
        settings = {
            "address": self.address,
            "imap": f"127.0.0.1:{self.office.imap.port}",
            "smtp": f"127.0.0.1:{self.office.smtp_port}",
            "name": "Tidewing Care",
            "plain": "yes",
        }
        manifest = registry.manifest("email")
        secrets = {"password": password}
        return EmailChannel(
            manifest=manifest, settings=settings | changed, secrets=secrets, now=lambda: self.clock
        )

    def mail(self, text: str, *, to: str = "", folder: str = "", **headers: str) -> str:
        """Deliver a mail from Mira, who is somebody else each time; returns its id."""
        message_id = f"{uuid.uuid4().hex}@customers.test"
        told = {
            "From": "Mira <mira_k@customers.test>",
            "To": to or self.address,
            "Subject": "My bag",
            "Message-ID": f"<{message_id}>",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self.office.imap.deliver(self.address, f"{head}\r\n{text}\r\n".encode(), folder)
        return message_id

    def publish(self, text: str) -> str:
        return self.mail(text)

    def reply(self, act: Act, text: str = "") -> OutgoingReply:
        customer = f"tom.{uuid.uuid4().hex[:12]}@customers.test"
        target = self.mail("How heavy?", From=f"Tom <{customer}>")
        return OutgoingReply(str(uuid.uuid4()), act, text, target, customer, queued_at=datetime.now(UTC))

    def effects(self, reply: OutgoingReply) -> int:
        return int(self.office.times_sent(reply.recipient_id, beginning_of(reply.key)))

    def posts(self, cursor: str = "") -> list[IncomingPost]:
        page = self.channel.fetch(cursor)
        return [post for delivery in page.deliveries for post in self.channel.parse(delivery)]

    def look(self) -> imaplib.IMAP4:
        """Past the channel, to see what the server holds."""
        client = imaplib.IMAP4("127.0.0.1", self.office.imap.port)
        client.login(self.address, PASSWORD)
        return client

    def flags_in_sent(self) -> list[str]:
        with closing_imap(self.look()) as client:
            client.select('"Sent items"', readonly=True)
            _, found = client.uid("FETCH", "1:*", "(FLAGS)")
            return [line.decode() for line in found if line]

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[Channel]:
        with ExitStack() as stack:
            if fault is Fault.UNREACHABLE:
                channel = self.connected(imap="127.0.0.1:9", smtp="127.0.0.1:9")
            elif fault is Fault.TOKEN_EXPIRED:
                channel = self.connected(password="yesterday")
            elif fault is Fault.RATE_LIMITED:
                # the server takes four connections of one account, and somebody's phone holds them
                self.channel.close()
                for _ in range(4):
                    stack.enter_context(closing_imap(self.look()))
                channel = self.connected()
            else:
                self.office.fault = SMTP_FAULTS[fault]
                stack.callback(setattr, self.office, "fault", "")
                channel = self.connected()
            yield stack.enter_context(closing(channel))


@contextmanager
def closing_imap(client: imaplib.IMAP4) -> Iterator[imaplib.IMAP4]:
    try:
        yield client
    finally:
        client.logout()


@pytest.fixture
def harness(post_office: Any) -> Iterator[EmailHarness]:
    harness = EmailHarness(post_office)
    post_office.fault = ""
    with closing(harness.channel):
        yield harness
    post_office.fault = ""


class TestEmailKeepsTheContract(ChannelContract):
    channel_name = "email"


# Reading on


def test_no_mail_is_missed_or_taken_twice_over_pages_and_restarts(harness: EmailHarness) -> None:
    wanted = [harness.publish(f"Bag {number}") for number in range(2 * PAGE + 3)]
    told, cursor = drain(harness.channel, "")
    assert told == wanted
    more = [harness.publish("One more"), harness.publish("And another")]
    with closing(harness.connected()) as restarted:
        assert drain(restarted, cursor)[0] == more


def test_reading_changes_nothing_in_the_mailbox(harness: EmailHarness) -> None:
    harness.publish("Unread")
    drain(harness.channel, "")
    with closing_imap(harness.look()) as client:
        client.select(readonly=True)
        assert client.search(None, "UNSEEN")[1] == [b"1"]


def test_a_mailbox_that_is_numbered_anew_is_read_again_with_the_same_payloads(harness: EmailHarness) -> None:
    gone, wanted = harness.publish("Deleted since"), [harness.publish("One"), harness.publish("Two")]
    first = harness.channel.fetch("")
    assert [post.external_id for post in harness.posts()] == [gone, *wanted]
    with closing_imap(harness.look()) as client:
        client.select()
        client.store("1", "+FLAGS", "\\Deleted")
        client.expunge()
    harness.channel.close()
    harness.office.imap.number_anew(harness.address)
    late = harness.publish("Three")
    again = harness.channel.fetch(first.cursor)
    told = [post.external_id for row in again.deliveries for post in harness.channel.parse(row)]
    assert sorted(told) == sorted([*wanted, late])
    assert {row.body for row in first.deliveries} >= {
        row.body for row in again.deliveries if harness.channel.parse(row)[0].external_id in wanted
    }


def test_what_a_colleague_wrote_in_a_mail_program_is_told_as_ours(harness: EmailHarness) -> None:
    question = harness.publish("Where is my bag?")
    drain(harness.channel, "")
    answer = harness.mail(
        "Found it.",
        folder=".Sent items",
        From=f"Ben <{harness.address}>",
        To="Mira <mira_k@customers.test>",
        In_Reply_To=f"<{question}>",
    )
    asked, answered = harness.posts()
    assert (answered.external_id, answered.by_brand, answered.parent_id) == (answer, True, question)
    assert answered.conversation_id == asked.conversation_id
    assert answered.recipient_id == asked.author.external_id


def test_a_connection_that_the_server_closed_is_opened_anew(harness: EmailHarness) -> None:
    _, cursor = drain(harness.channel, "")
    kept = harness.channel._mailbox._kept
    assert kept is not None
    kept.shutdown()
    wanted = harness.publish("Still there?")
    assert drain(harness.channel, cursor)[0] == [wanted]


def test_of_a_huge_mail_the_beginning_is_read_and_it_says_so(harness: EmailHarness) -> None:
    harness.mail("Words first.\r\n" + "x" * 60 + ("\r\n" + "y" * 70) * 15_000)
    (post,) = harness.posts()
    assert "Words first." in post.text
    assert post.extra["read_of_bytes"] > 1_000_000


def test_only_mail_from_the_chosen_day_on_is_read(harness: EmailHarness) -> None:
    harness.publish("Today")
    for day, count in (("2020-01-01", 1), ("2199-01-01", 0)):
        with closing(harness.connected(since=day)) as channel:
            assert len(drain(channel, "")[0]) == count


# Sending


def test_an_answer_stands_below_its_question_in_every_mail_program(harness: EmailHarness) -> None:
    reply = harness.reply(Act.PRIVATE_MESSAGE, "Eight kilos. 🧳\nOn Monday, Tom wrote:\n> this is mine")
    receipt = harness.channel.send(reply)
    mail = message_from_bytes(harness.office.accepted[-2][1])
    assert harness.office.accepted[-2][0] == reply.recipient_id
    assert mail["In-Reply-To"] == mail["References"] == f"<{reply.target_id}>"
    assert (mail["Subject"], mail["To"]) == ("Re: My bag", reply.recipient_id)
    assert mail["Message-ID"] == f"<{receipt.external_id}>"
    assert mail["Bcc"] is None
    answer = harness.mail("Thanks!", From=reply.recipient_id, In_Reply_To=mail["Message-ID"])
    told = {post.external_id: post for post in harness.posts()}
    assert told[receipt.external_id].by_brand
    assert told[receipt.external_id].text == reply.text
    assert told[answer].parent_id == receipt.external_id
    assert told[receipt.external_id].parent_id == reply.target_id
    assert told[receipt.external_id].recipient_id == reply.recipient_id


def test_a_stranger_who_quotes_our_ids_gets_into_no_thread(harness: EmailHarness) -> None:
    reply = harness.reply(Act.PRIVATE_MESSAGE, "Eight kilos.")
    receipt = harness.channel.send(reply)
    thread = f"<{reply.target_id}> <{receipt.external_id}>"
    harness.mail("Tell me more", In_Reply_To=f"<{receipt.external_id}>", References=thread)
    question, *_, stranger = sorted(harness.posts(), key=lambda post: "Tell me more" in post.text)
    assert stranger.parent_id is None
    assert stranger.conversation_id not in {question.conversation_id, None}


def test_what_was_sent_is_in_sent_and_no_draft(harness: EmailHarness) -> None:
    harness.channel.send(harness.reply(Act.PRIVATE_MESSAGE, "Eight kilos."))
    (flags,) = harness.flags_in_sent()
    assert "\\Seen" in flags
    assert "\\Draft" not in flags


@pytest.mark.parametrize(
    ("fault", "permanent"), [("busy", False), ("spam", True), ("nobody", True), ("drop before", False)]
)
def test_what_was_refused_leaves_no_trace_that_looks_like_sent(
    harness: EmailHarness, fault: str, permanent: bool
) -> None:
    reply = harness.reply(Act.PRIVATE_MESSAGE, "Eight kilos.")
    if fault == "nobody":
        reply = OutgoingReply(reply.key, reply.act, reply.text, reply.target_id, "nobody@customers.test")
    harness.office.fault = fault
    with pytest.raises(ChannelError) as caught:
        harness.channel.send(reply)
    assert (caught.value.permanent, caught.value.uncertain) == (permanent, fault == "drop before")
    assert harness.effects(reply) == 0
    if fault == "drop before":
        with pytest.raises(ChannelError, match="looked for again"):
            harness.channel.look_up(reply)
        harness.clock += 61
    else:
        assert harness.flags_in_sent() == []
    assert harness.channel.look_up(reply) is None
    assert harness.posts()[-1].text != reply.text


def test_a_copy_that_comes_late_is_waited_for(harness: EmailHarness) -> None:
    reply = harness.reply(Act.PRIVATE_MESSAGE, "Eight kilos.")
    harness.office.fault = "slow copy"
    with pytest.raises(ChannelError) as caught:
        harness.channel.send(reply)
    assert caught.value.uncertain
    with pytest.raises(ChannelError, match="looked for again") as caught:
        harness.channel.look_up(reply)
    assert not caught.value.permanent
    harness.office.imap.deliver(harness.address, harness.office.accepted[-1][1])
    found = harness.channel.look_up(reply)
    assert found is not None
    assert found.delivery is not None
    assert "\\Draft" not in harness.flags_in_sent()[0]
    assert harness.effects(reply) == 1


@pytest.mark.parametrize("half", ["imap", "smtp"])
def test_no_password_goes_to_a_server_without_tls(harness: EmailHarness, half: str) -> None:
    reply = harness.reply(Act.PRIVATE_MESSAGE, "Eight kilos.")
    with closing(harness.connected()) as channel, closing(harness.connected(plain="")) as careful:
        if half == "smtp":
            channel._smtp = careful._smtp
        else:
            channel = careful
        with pytest.raises(ChannelError, match=f"{half.upper()} server offers no TLS") as caught:
            channel.send(reply)
    assert (caught.value.permanent, caught.value.uncertain) == (True, False)
    assert harness.effects(reply) == 0


@pytest.mark.parametrize(
    "receiver",
    [None, "", "mira", "a@b, c@d.test", "a@b.test\r\nBcc: x@y.test", "ä@b.test", "a@b@c", "<a@b.test>"],
)
def test_a_mail_goes_to_one_address_or_nowhere(harness: EmailHarness, receiver: str | None) -> None:
    before = len(harness.office.accepted)
    with pytest.raises(ChannelError) as caught:
        harness.channel.send(OutgoingReply("key", Act.PRIVATE_MESSAGE, "Hello", None, receiver))
    assert caught.value.permanent
    assert len(harness.office.accepted) == before


def test_a_hostile_subject_stays_one_line_of_the_answer(harness: EmailHarness) -> None:
    customer = f"x.{uuid.uuid4().hex[:8]}@customers.test"
    for subject in (
        "=?utf-8?q?a=0D=0ABcc:_x@y.test?=",
        "=?utf-8?q?=00=F0?=",
        "x" * 5_000,
        "=?utf-8?q?=E2=80=A8?=",
    ):
        target = harness.mail("Hi", From=customer, Subject=subject)
        reply = OutgoingReply(uuid.uuid4().hex, Act.PRIVATE_MESSAGE, "Hello", target, customer)
        harness.channel.send(reply)
        mail = message_from_bytes(harness.office.accepted[-2][1])
        assert mail["Bcc"] is None
        assert mail["In-Reply-To"] == f"<{target}>"

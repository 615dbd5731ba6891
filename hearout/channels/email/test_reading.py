"""What a mail becomes as a post: written mails of every kind, and what strangers try."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from hearout.channels.base import ChannelError, IncomingPost, Json, Visibility
from hearout.channels.email.message_ids import own_id
from hearout.channels.email.reading import MOST_ATTACHMENTS, is_address, parse_mail
from hearout.channels.harness import assert_well_formed

FIXTURES = Path(__file__).parent / "fixtures"
OURS = "care@tidewing.test"
MIRA = "mira_k@customers.test"
SECRET = b"a secret of tests"


def read(raw: bytes, folder: str = "inbox", **more: Json) -> IncomingPost:
    told = {
        "folder": folder,
        "received_at": "2026-11-23T09:14:03+00:00",
        "mail": base64.b64encode(raw).decode(),
    }
    post = parse_mail(told | more, ours=OURS, secret=SECRET)
    assert_well_formed(post)
    return post


def fixture(name: str) -> IncomingPost:
    return read((FIXTURES / f"{name}.eml").read_bytes(), "sent" if name == "colleague" else "inbox")


def mail(body: str = "Hello", **headers: str) -> bytes:
    told = {"From": f"Mira <{MIRA}>", "To": OURS, "Message-ID": "<m1@customers.test>"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return f"{head}\r\n{body}".encode("utf-8", "surrogatepass")


def test_a_question_is_a_private_message_with_its_subject_above() -> None:
    post = fixture("question")
    assert post.text == (
        "My bag is missing ☹\n\nHello,\n\nmy blue bag has been missing since Friday, flight TW 812.\n\nMira"
    )
    assert post.author is not None
    assert (post.author.external_id, post.author.name) == (MIRA, "Mira Köhler")
    assert (post.visibility, post.recipient_id, post.by_brand) == (Visibility.PRIVATE, OURS, False)
    assert (post.external_id, post.parent_id, post.automatic) == ("q1.20261123@customers.test", None, False)
    assert post.extra["whole"].endswith("Mira Köhler, Example Street 1")
    assert post.extra["authentication"].startswith("mx.tidewing.test; dmarc=pass")


def test_of_an_answer_only_the_new_words_are_shown_and_all_are_kept() -> None:
    post = fixture("answer_above_quote")
    assert post.text == "Thank you, it is the blue one."
    assert "which colour is it?" in post.extra["whole"]
    assert post.extra["in_reply_to"] == "<somebody.else@tidewing.test>"
    assert fixture("outlook").text == "Best crew ever, thank you!"


def test_html_is_read_and_attachments_are_named() -> None:
    post = fixture("html_with_attachment")
    assert post.text == "Hand luggage\n\nHow heavy may my rucksäck be?\nIs this one fine?"
    assert post.author is not None
    assert post.author.name == "Tom, on tour"
    assert post.extra["attachments"] == [
        {"name": "logo.png", "type": "image/png", "bytes": 8},
        {"name": "Rucksäcke.pdf", "type": "application/pdf", "bytes": 9},
    ]


@pytest.mark.parametrize("name", ["out_of_office", "newsletter", "bounce"])
def test_what_a_machine_wrote_is_marked(name: str) -> None:
    assert fixture(name).automatic


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ({"Auto_Submitted": "auto-generated; x=1"}, True),
        ({"Auto_Submitted": "AUTO-REPLIED"}, True),
        ({"Auto_Submitted": "no"}, False),
        ({"Precedence": "bulk"}, True),
        ({"List_Id": "<news.shop.test>"}, True),
        ({"From": "noreply@shop.test"}, True),
        ({}, False),
    ],
)
def test_a_machine_is_known_by_its_headers(header: dict[str, str], automatic: bool) -> None:
    assert read(mail(**header)).automatic is automatic


def test_a_colleagues_answer_from_the_sent_folder_is_ours_and_in_the_customers_conversation() -> None:
    post, question = fixture("colleague"), fixture("question")
    assert (post.by_brand, post.recipient_id, post.parent_id) == (True, MIRA, question.external_id)
    assert post.conversation_id == question.conversation_id
    assert post.text == "Dear Mira, I have found it.\n\nBen"


def test_nobody_speaks_in_our_name_who_only_writes_our_address_into_from() -> None:
    for post in (
        fixture("in_our_name"),
        read(mail(From=OURS, To=MIRA, Message_ID=f"<hearout.key.{'0' * 32}@tidewing.test>")),
    ):
        assert post.author is not None
        assert (post.by_brand, post.parent_id) == (False, None)
        assert (post.author.external_id, post.author.handle) == (f"unproven:{OURS}", f"unproven:{OURS}")


def test_our_own_copy_that_arrives_is_ours() -> None:
    message_id = own_id(SECRET, "key-1", MIRA, "tidewing.test")
    post = read(mail(From=OURS, To=MIRA, Message_ID=f"<{message_id}>"))
    assert (post.by_brand, post.recipient_id, post.external_id) == (True, MIRA, message_id)
    forwarded = read(mail(From=OURS, To="stranger@x.test", Message_ID=f"<{message_id}>"))
    assert not forwarded.by_brand


def test_an_answer_is_put_below_ours_only_for_whom_we_wrote_to() -> None:
    message_id = own_id(SECRET, "key-1", MIRA, "tidewing.test")
    for sender, found in ((MIRA, message_id), (MIRA.upper(), message_id), ("stranger@x.test", None)):
        assert read(mail(From=sender, In_Reply_To=f"<{message_id}>")).parent_id == found
    for wrong in (message_id.replace("key-1", "key-2"), message_id.replace("@", "0@"), "plain@tidewing.test"):
        assert read(mail(In_Reply_To=f"<{wrong}>")).parent_id is None


def test_a_conversation_is_one_thread_with_one_correspondent() -> None:
    first = read(mail())
    thread = {"In_Reply_To": "<m2@x.test>", "References": "<m1@customers.test> <m2@x.test>"}
    assert read(mail(Message_ID="<m3@x.test>", **thread)).conversation_id == first.conversation_id
    assert read(mail(From="stranger@x.test", **thread)).conversation_id != first.conversation_id
    assert read(mail(Message_ID="<m9@x.test>")).conversation_id != first.conversation_id


def test_a_mail_without_an_id_gets_one_of_its_content() -> None:
    for message_id in ("", "<>", "<a b>", "<" + "x" * 600 + ">"):
        one, two = mail("One", Message_ID=message_id), mail("Two", Message_ID=message_id)
        assert read(one).external_id == read(one).external_id != read(two).external_id
        assert read(one).external_id.startswith("without-id.")
    assert fixture("without_headers").text == "No subject, no id, no type."


@pytest.mark.parametrize(
    "sender", ["", "Mira", "@x.test", "a@", "a@b@c", "a b@x.test", "<>", "x" * 70 + "@x.test", "a\0@x.test"]
)
def test_a_mail_that_nobody_could_answer_is_refused(sender: str) -> None:
    with pytest.raises(ChannelError) as caught:
        read(mail(From=sender))
    assert caught.value.permanent
    assert not is_address(sender)


HOSTILE = {
    "NUL": mail("a\0b", Subject="a\0b"),
    "half characters": mail("\ud83d", Subject="\ud83d", From=f"\ud83d <{MIRA}>"),
    "an unknown charset": mail(Content_Type='text/plain; charset="no-such"', Subject="=?no-such?q?x?="),
    "a charset that is no text": mail(Content_Type='text/plain; charset="base64"'),
    "broken base64": mail("%%%", Content_Transfer_Encoding="base64"),
    "a broken word": mail(Subject="=?utf-8?b?%%%?= =?utf-8?q?=ZZ?="),
    "a boundary that never comes": mail(Content_Type='multipart/mixed; boundary="x"'),
    "no boundary": mail(Content_Type="multipart/mixed"),
    "a nameless type": mail(Content_Type=";;;"),
    "a broken file name": mail(Content_Disposition="attachment; filename*=utf-8'%%%"),
    "endless references": mail(References="<a@b> " * 20_000),
    "many addresses": mail(To="a@b.test, " * 20_000),
    "brackets": mail(To="(" * 5_000, References="<" * 50_000),
    "tags": mail("<div>" * 50_000, Content_Type="text/html"),
    "quotes": mail("<blockquote>" * 20_000 + "x", Content_Type="text/html"),
    "half a comment": mail("<!--" * 2_000, Content_Type="text/html"),
    "quoted lines": mail(">" * 100_000 + "\n" + "> x\n" * 10_000),
    "wrote": mail("On " + "a" * 100_000 + " wrote:\n> x"),
    "many parts": mail(
        "--x\r\nContent-Disposition: attachment\r\n\r\n\r\n" * 5_000,
        Content_Type='multipart/mixed; boundary="x"',
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails_are_read_as_something_that_can_be_kept(name: str) -> None:
    post = read(HOSTILE[name])
    assert len(post.extra.get("attachments", ())) <= MOST_ATTACHMENTS


def test_parts_in_parts_without_end_are_refused() -> None:
    inner = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(3_000))
    with pytest.raises(ChannelError, match="nested too deeply") as caught:
        read(mail("", Content_Type="").rstrip(b"\r\n") + b"\r\n" + inner.encode())
    assert caught.value.permanent

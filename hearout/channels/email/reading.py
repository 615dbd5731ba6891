"""One mail as a post. Everything in it is hostile: headers are wishes, and addresses can be forged."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from hearout.channels.base import IncomingAuthor, IncomingPost, Json, Visibility
from hearout.channels.email.message_ids import ID, is_ours, listed
from hearout.channels.email.wording import MOST_HTML, new_words, plain_from_html
from hearout.channels.payload import MAX_ID, MAX_NAME, MAX_TEXT, Fields, reject

NETWORK = "email"
FIELDS = frozenset({"folder", "received_at", "mail", "bytes"})
MOST_PARTS = 200
MOST_ATTACHMENTS = 50
MOST_MAIL = 750_000
MOST_HEAD = 100_000

_ADDRESS = re.compile(r"[^\s<>()\[\]@,;:\"\\\x00-\x1f]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){0,10}")
_REPLY = re.compile(r"\s*(re|aw|sv|antw|ynt|odp|vs|rif)\s?(\[\d+\])?\s?:", re.IGNORECASE)
_UNWELCOME = re.compile("[\0\ud800-\udfff]")
_ROBOTS = frozenset({"mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply", "donotreply"})
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
_LIST_HEADERS = ("List-Id", "List-Unsubscribe", "List-Post", "X-Autoreply", "X-Autorespond")


def is_address(text: str) -> bool:
    return len(text) <= 254 and bool(_ADDRESS.fullmatch(text)) and not _UNWELCOME.search(text)


def parse_mail(value: Json, *, ours: str, secret: bytes) -> IncomingPost:
    """The post of `{"folder": "inbox" or "sent", "received_at": time, "mail": base64, "bytes": size}`.

    `ours` is the account's address in lower case. Raises ChannelError(permanent=True) with the cause.
    """
    fields = Fields(value, "The mail")
    fields.only(FIELDS)
    folder = fields.text("folder", most=20)
    if folder not in ("inbox", "sent"):
        reject(f"The mail: folder is {folder!r}, neither inbox nor sent.")
    received_at = fields.time("received_at")
    raw, size = _raw(fields), fields.optional_count("bytes") or 0
    try:
        post = _post(message_from_bytes(raw, policy=policy.compat32), raw, folder, received_at, ours, secret)
    except RecursionError:
        reject("The mail is nested too deeply.")
    return replace(post, extra={**post.extra, "read_of_bytes": size}) if size > len(raw) else post


def _raw(fields: Fields) -> bytes:
    try:
        raw = base64.b64decode(fields.text("mail", most=2 * MOST_MAIL), validate=True)
    except (binascii.Error, ValueError):
        reject("The mail: mail is not base64.")
    if not raw.strip():
        reject("The mail: mail is missing or empty.")
    return raw


def _post(
    mail: Message, raw: bytes, folder: str, received_at: datetime, ours: str, secret: bytes
) -> IncomingPost:
    author = _author(mail)
    to = [address.lower() for _, address in _addresses(mail, "To") if is_address(address)]
    message_id = _message_id(mail, raw)
    other = next((one for one in to if one != ours), "")
    written_here = bool(other) and is_ours(secret, message_id, other) and author.external_id == ours
    by_us = folder == "sent" or written_here
    if by_us:
        author = IncomingAuthor(ours, ours, author.name)
    elif author.external_id == ours:
        # it says that it comes from us, and does not: nobody speaks in our name who cannot write into Sent
        author = IncomingAuthor(f"unproven:{ours}", f"unproven:{ours}", author.name)
    other = other if by_us else author.external_id
    above, root = _thread(mail, message_id)
    proven = by_us or is_ours(secret, above or "", other)
    whole = _text(mail)
    text, subject = whole if written_here else new_words(whole), _header(mail, "Subject", 998)
    if not by_us and not above and subject and not _REPLY.match(subject):
        text = f"{subject}\n\n{text}".strip()
    return IncomingPost(
        network=NETWORK,
        external_id=message_id,
        posted_at=received_at,
        author=author,
        text=text[:MAX_TEXT],
        parent_id=above if proven else None,
        conversation_id=_conversation(root, other),
        recipient_id=(other or None) if by_us else ours,
        visibility=Visibility.PRIVATE,
        mentions=(),
        automatic=not by_us and is_automatic(mail, author),
        by_brand=by_us,
        extra=_extra(mail, subject, whole if whole != text else ""),
    )


def _author(mail: Message) -> IncomingAuthor:
    for name, address in _addresses(mail, "From"):
        if is_address(address):
            return IncomingAuthor(address.lower(), address.lower(), _clean(_decoded(name))[:MAX_NAME])
    reject("The mail names no sender that could be answered.")


def _addresses(mail: Message, name: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([str(one)[:20_000] for one in mail.get_all(name, [])])[:100]
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        return []


def _message_id(mail: Message, raw: bytes) -> str:
    """The mail's own id; where it has none that can be kept, one made of its content."""
    found = ID.fullmatch(str(mail.get("Message-ID", "")).strip()[:600])
    return found[1] if found else f"without-id.{hashlib.sha256(raw).hexdigest()}"


def _thread(mail: Message, message_id: str) -> tuple[str | None, str]:
    """The id of the mail it answers, and that of the first mail of the thread, by the mail's own word."""
    references = listed(str(mail.get("References", "")))
    answered = listed(str(mail.get("In-Reply-To", "")))
    above = next(iter(answered or references[-1:]), None)
    return above, (references or answered or [message_id])[0]


def _conversation(root: str, other: str) -> str:
    """One for each correspondent: whoever merely quotes the ids of a thread does not get into it."""
    told = f"{root}|{other}"
    return told if len(told) <= MAX_ID else hashlib.sha256(told.encode()).hexdigest()


def is_automatic(mail: Message, author: IncomingAuthor) -> bool:
    """Whether a machine wrote it (RFC 3834), by its headers; such a mail must never be answered by another."""
    submitted = str(mail.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    return (
        submitted not in ("no", "")
        or str(mail.get("Precedence", "")).strip().lower() in _BULK
        or any(name in mail for name in _LIST_HEADERS)
        or str(mail.get("Return-Path", "")).strip() == "<>"
        or mail.get_content_type() == "multipart/report"
        or author.handle.partition("@")[0] in _ROBOTS
    )


def _text(mail: Message) -> str:
    """All its text as written, plain where there is plain."""
    plain: list[str] = []
    html: list[str] = []
    for part in _parts(mail):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_attached(part):
            (plain if kind == "text/plain" else html).append(_words(part))
    told = "\n".join(plain)
    if not told.strip():
        told = "\n".join(plain_from_html(one) for one in html)
    return _clean(told).replace("\r\n", "\n").replace("\r", "\n").strip("\n")[:MAX_TEXT]


def _parts(mail: Message) -> Iterator[Message]:
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            return
        if not part.is_multipart():
            yield part


def _words(part: Message) -> str:
    content = part.get_payload(decode=True)
    raw = content[: 4 * max(MAX_TEXT, MOST_HTML)] if isinstance(content, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return raw.decode(charset)
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_file_name(part))


def _file_name(part: Message) -> str:
    try:
        return _clean(_decoded(part.get_filename() or ""))[:255]
    except (ValueError, TypeError, LookupError):
        return ""


def _extra(mail: Message, subject: str, whole: str) -> Mapping[str, Json]:
    attachments = [
        {"name": _file_name(part), "type": part.get_content_type()[:127], "bytes": _size(part)}
        for part in _parts(mail)
        if _is_attached(part) or part.get_content_maintype() != "text"
    ]
    told: dict[str, Json] = {
        "subject": subject,
        "whole": whole,
        "attachments": attachments[:MOST_ATTACHMENTS],
        "to": _header(mail, "To", 2_000),
        "cc": _header(mail, "Cc", 2_000),
        "reply_to": _header(mail, "Reply-To", 500),
        "date": _header(mail, "Date", 100),
        "in_reply_to": _header(mail, "In-Reply-To", 1_000),
        "authentication": _header(mail, "Authentication-Results", 2_000),
    }
    return {name: value for name, value in told.items() if value}


def _size(part: Message) -> int:
    content = part.get_payload(decode=True)
    return len(content) if isinstance(content, bytes) else 0


def _header(mail: Message, name: str, most: int) -> str:
    return " ".join(_clean(_decoded(str(mail.get(name, "")))).split())[:most]


def _decoded(text: str) -> str:
    """Words of an encoded header; as they stand where the encoding is wrong."""
    try:
        return str(make_header(decode_header(text[:20_000])))
    except (MessageError, LookupError, ValueError, AssertionError, TypeError):
        return text


def _clean(text: str) -> str:
    return _UNWELCOME.sub("\ufffd", text)


def subject_and_references(raw: bytes) -> tuple[str, str]:
    """What an answer needs of the mail it answers; its ids below are those of its whole thread."""
    mail = message_from_bytes(raw[:MOST_HEAD], policy=policy.compat32)
    references = str(mail.get("References", "")) or str(mail.get("In-Reply-To", ""))
    return _header(mail, "Subject", 998), references

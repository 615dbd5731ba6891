"""A mailbox as a channel: what arrives by IMAP are private messages, and answers leave by SMTP."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from hearout.channels.base import (
    Act,
    Channel,
    ChannelError,
    Delivery,
    IncomingAuthor,
    IncomingPost,
    Length,
    Manifest,
    OutgoingReply,
    Page,
    Receipt,
)
from hearout.channels.email.folders import Seen, find, forget, remember, sent_folder, settle, waiting
from hearout.channels.email.imap import Folders, Mail, Mailbox
from hearout.channels.email.message_ids import ID, beginning_of, own_id
from hearout.channels.email.reading import is_address, parse_mail, subject_and_references
from hearout.channels.email.servers import server
from hearout.channels.email.smtp import deliver
from hearout.channels.email.writing import Answered, date_of, written
from hearout.channels.payload import decode, encode, fault_in, reject

PAGE = 25
SETTLED = timedelta(seconds=60)
"""How long after we began to send, by our own clock, a mail without a trace is certain not to have left."""

_CURSOR = re.compile(r"(\d{1,10}):(\d{1,10}) (\d{1,10}):(\d{1,10})", re.ASCII)
_USER = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,254}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class EmailChannel(Channel):
    """Settings: `address`, `imap`, `smtp`, and those of the manifest. Secrets: `password`.

    `now` (seconds since 1970) stands in for the clock in tests.
    """

    def __init__(
        self,
        *,
        manifest: Manifest,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.manifest = manifest
        self._now = now
        self._address = settings.get("address", "").strip().lower()
        if not is_address(self._address) or not self._address.isascii():
            reject(f"{ascii(self._address)[:80]} is no e-mail address in ASCII.")
        self._user = settings.get("user", "").strip() or self._address
        self._password = secrets.get("password", "")
        if not self._password or not _USER.fullmatch(self._password) or not _USER.fullmatch(self._user):
            reject("The password or the name to log in with is missing, or has characters that none has.")
        plain = settings.get("plain", "").strip().lower() in ("yes", "true", "1", "on")
        imap = server(settings.get("imap", ""), wrapped_port=993, plain=plain, what="IMAP")
        self._smtp = server(settings.get("smtp", ""), wrapped_port=465, plain=plain, what="SMTP")
        self._mailbox = Mailbox(imap, self._user, self._password)
        self._secret = hashlib.sha256(f"hearout message-id {self._password}".encode()).digest()
        self._name = " ".join(settings.get("name", "").split())[:100]
        self._inbox = _folder(settings.get("inbox", "")) or "INBOX"
        self._sent = _folder(settings.get("sent", ""))
        self._since = _since(settings.get("since", "").strip())

    def prepare(self, *, webhook_url: str | None, words: Sequence[str]) -> None:
        """A mailbox delivers nothing by itself and searches nothing."""

    def account(self) -> IncomingAuthor | None:
        return IncomingAuthor(self._address, self._address, self._name)

    def fetch(self, cursor: str) -> Page:
        seen = _parsed(cursor)
        deliveries: list[Delivery] = []
        more = False
        with self._mailbox.folders() as folders:
            names = (("inbox", self._inbox), ("sent", sent_folder(folders, self._sent)))
            for number, (folder, name) in enumerate(names):
                mails, seen[number], left = waiting(
                    folders, name, seen[number], PAGE - len(deliveries), self._since
                )
                deliveries += [_delivery(folder, mail) for mail in mails if not _is_unsent(folder, mail)]
                more = more or left
        return Page(deliveries, f"{seen[0]} {seen[1]}", more)

    def stream(self, cursor: str) -> Iterator[Page]:
        raise ChannelError("A mailbox is asked by sweeps: there is no stream.", permanent=True)

    def parse(self, delivery: Delivery) -> list[IncomingPost]:
        return [parse_mail(decode(delivery.body), ours=self._address, secret=self._secret)]

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False

    def send(self, reply: OutgoingReply) -> Receipt:
        receiver = self._checked(reply)
        message_id = own_id(self._secret, reply.key, receiver, self._address.partition("@")[2])
        beginning = beginning_of(reply.key)
        with self._mailbox.folders() as folders:
            sent = sent_folder(folders, self._sent)
            raw = self._written(reply, receiver, message_id, self._answered(folders, reply.target_id))
            remember(folders, sent, beginning, raw)
        try:
            deliver(
                self._smtp,
                self._user,
                self._password,
                sender=self._address,
                receiver=receiver,
                copies=[self._address],
                raw=raw,
            )
        except ChannelError as error:
            if not error.uncertain:
                with suppress(ChannelError), self._mailbox.folders() as folders:
                    forget(folders, sent, beginning)
            raise
        # it is sent: what is left to do must not make it look as if it were not
        with suppress(ChannelError), self._mailbox.folders() as folders:
            settle(folders, sent, beginning)
        return self._receipt(message_id, raw, self._moment())

    def look_up(self, reply: OutgoingReply) -> Receipt | None:
        self._checked(reply)
        beginning = beginning_of(reply.key)
        with self._mailbox.folders() as folders:
            sent = sent_folder(folders, self._sent)
            found = find(folders, [sent, folders.special().get("\\All", ""), self._inbox], beginning)
            left = [mail for mail in found if "\\Draft" not in mail.flags]
            if left:
                settle(folders, sent, beginning)
        if left:
            post = self.parse(_delivery("sent", left[0]))[0]
            return self._receipt(post.external_id, left[0].raw, left[0].received_at)
        if any(self._is_recent(mail) for mail in found):
            raise ChannelError("We began to send it and no copy has arrived yet; it is looked for again.")
        return None

    def length(self, text: str) -> Length:
        return Length(len(text), self.manifest.text_limit, self.manifest.text_unit)

    def close(self) -> None:
        self._mailbox.close()

    def _checked(self, reply: OutgoingReply) -> str:
        """The receiver's address. Raises ChannelError where such a reply can never leave."""
        if reply.act is not Act.PRIVATE_MESSAGE:
            reject(f"A mailbox sends private messages, and no {reply.act}.")
        receiver = reply.recipient_id or ""
        if not is_address(receiver) or not receiver.isascii():
            reject(f"{ascii(receiver)[:60]} is no address that a mail can be sent to.")
        if fault := fault_in(reply.text):
            reject(f"The text {fault}.")
        if not reply.text.strip():
            reject("The text is empty.")
        if not (length := self.length(reply.text)).fits:
            reject(f"The text has {length.used} {length.unit}; this channel takes {length.maximum}.")
        return receiver

    def _written(self, reply: OutgoingReply, receiver: str, message_id: str, answered: Answered) -> bytes:
        try:
            return written(
                message_id=message_id,
                sender=self._address,
                name=self._name,
                receiver=receiver,
                text=reply.text,
                answered=answered,
                now=self._moment(),
            )
        except (ValueError, UnicodeError) as error:
            raise ChannelError(f"No mail can be made of it: {error}.", permanent=True) from error

    def _answered(self, folders: Folders, target_id: str | None) -> Answered:
        """What the answered mail says of its thread; its id alone where it is no longer in the folder."""
        found = ID.fullmatch(target_id or "")
        if found is None or found[1].startswith("without-id."):
            return Answered()
        for mail in find(folders, [self._inbox], found[1]):
            subject, references = subject_and_references(mail.raw)
            return Answered(found[1], subject, references)
        return Answered(found[1])

    def _is_recent(self, mail: Mail) -> bool:
        began = date_of(mail.raw) or mail.received_at
        return self._moment() - began < SETTLED

    def _receipt(self, message_id: str, raw: bytes, at: datetime) -> Receipt:
        return Receipt(message_id, seen_at=at, delivery=_encoded("sent", at, raw, len(raw)))

    def _moment(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


def _is_unsent(folder: str, mail: Mail) -> bool:
    return folder == "sent" and "\\Draft" in mail.flags


def _delivery(folder: str, mail: Mail) -> Delivery:
    return _encoded(folder, mail.received_at, mail.raw, mail.size)


def _encoded(folder: str, at: datetime, raw: bytes, size: int) -> Delivery:
    """The same for the same mail, whatever UID it has: so a folder that is numbered anew tells nothing twice."""
    told = {"folder": folder, "received_at": at.isoformat(), "bytes": size}
    return encode(told | {"mail": base64.b64encode(raw).decode("ascii")})


def _parsed(cursor: str) -> list[Seen]:
    found = _CURSOR.fullmatch(cursor or "0:0 0:0")
    if found is None:
        reject(f"{ascii(cursor)[:40]} is not a cursor of a mailbox.")
    return [Seen(int(found[1]), int(found[2])), Seen(int(found[3]), int(found[4]))]


def _folder(name: str) -> str:
    if not name.isascii() or not (name or " ").isprintable():
        reject(f"The folder {ascii(name)[:80]} cannot be asked for; leave it empty, or use plain letters.")
    return name.strip()


def _since(day: str) -> str:
    """`1-Nov-2026`, as IMAP asks for days; "" for all."""
    try:
        found = date.fromisoformat(day) if day else None
    except ValueError:
        reject(f"{ascii(day)[:40]} is not a day such as 2026-11-01.")
    return f"{found.day}-{_MONTHS[found.month - 1]}-{found.year:04d}" if found else ""

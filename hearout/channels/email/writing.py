"""A reply as a mail that every mail program shows below the one it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime

from hearout.channels.email.message_ids import listed

MOST_SUBJECT = 200
MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Answered:
    """What is known of the mail that is answered. `message_id` may be all."""

    message_id: str = ""
    subject: str = ""
    references: str = ""


def written(
    *,
    message_id: str,
    sender: str,
    name: str,
    receiver: str,
    text: str,
    answered: Answered,
    now: datetime,
) -> bytes:
    """The mail in the form it travels in. All that goes into its headers must be one line of ASCII or text."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = Address(name, addr_spec=sender)
    mail["To"] = Address(addr_spec=receiver)
    mail["Subject"] = _subject(answered.subject, name or sender)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}>"
    if answered.message_id:
        above = [one for one in listed(answered.references) if one != answered.message_id]
        # the first says where the thread began, the last what came just before
        kept = [*above[:1], *above[1:][-MOST_REFERENCES:], answered.message_id]
        mail["In-Reply-To"] = f"<{answered.message_id}>"
        mail["References"] = " ".join(f"<{one}>" for one in kept)
    mail.set_content(text, charset="utf-8")
    return mail.as_bytes()


def date_of(mail: bytes) -> datetime | None:
    """When we wrote it, by our own clock."""
    for line in mail.split(b"\r\n\r\n", 1)[0].splitlines():
        if line.lower().startswith(b"date:"):
            try:
                return parsedate_to_datetime(line[5:].decode("ascii", "replace").strip())
            except (ValueError, TypeError):
                return None
    return None


def _subject(subject: str, name: str) -> str:
    plain = " ".join("".join(one if one.isprintable() else " " for one in subject).split())[:MOST_SUBJECT]
    if not plain:
        return f"Your message to {name}"
    return plain if plain[:3].lower() == "re:" else f"Re: {plain}"

"""What the channel does in a mailbox: read on, and keep track of what is being sent.

A mail is put into Sent, marked as a draft, before it is handed over, and loses the mark afterwards. So a
mail without any trace was never begun; one without the mark was sent; and one with it was begun, and has
left exactly if the copy that goes to ourselves arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearout.channels.email.imap import WINDOW, Folders, Mail


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to which UID a folder was read, and for which numbering that holds."""

    validity: int
    uid: int

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}"


def sent_folder(folders: Folders, wanted: str) -> str:
    """The name of the folder for what was sent: the chosen one, else what the server says, else `Sent`."""
    return wanted or folders.special().get("\\Sent", "") or "Sent"


def waiting(folders: Folders, name: str, seen: Seen, most: int, since: str) -> tuple[list[Mail], Seen, bool]:
    """The next mails of a folder, how far it is then read, and whether there is more.

    A folder that is numbered anew is read again from its beginning: rather twice than not at all.
    """
    opened = folders.open(name)
    last = seen.uid if seen.validity == opened.validity else 0
    asked = f"SINCE {since}" if since else "ALL"
    while last + 1 < opened.next_uid:
        end = min(last + WINDOW, opened.next_uid - 1)
        found = folders.uids(last + 1, end, asked)
        if len(found) > most:
            mails = folders.read(found[:most])
            return mails, Seen(opened.validity, found[most - 1] if most else last), True
        if found:
            return folders.read(found), Seen(opened.validity, end), end + 1 < opened.next_uid
        last = end
    return [], Seen(opened.validity, last), False


def find(folders: Folders, names: Sequence[str], message_id: str) -> list[Mail]:
    """Mails whose Message-ID contains this, in the first of the folders that has any that was sent."""
    found: list[Mail] = []
    for name in dict.fromkeys(filter(None, names)):
        folders.open(name)
        mails = folders.read(folders.search(_holding(message_id))[:10])
        found += mails
        if any("\\Draft" not in mail.flags for mail in mails):
            break
    return found


def remember(folders: Folders, sent: str, beginning: str, raw: bytes) -> None:
    """Note in Sent that this mail is about to leave; an earlier note of the same is replaced."""
    forget(folders, sent, beginning)
    folders.add(sent, "(\\Seen \\Draft)", raw)


def settle(folders: Folders, sent: str, beginning: str) -> None:
    """It was sent."""
    folders.open(sent, write=True)
    folders.flag(folders.search(f"DRAFT {_holding(beginning)}"), "-", "\\Draft")


def forget(folders: Folders, sent: str, beginning: str) -> None:
    """It was certainly not sent."""
    folders.open(sent, write=True)
    uids = folders.search(f"DRAFT {_holding(beginning)}")
    folders.flag(uids, "+", "\\Deleted")
    folders.expunge(uids)


def _holding(message_id: str) -> str:
    """Of ASCII without quotes and backslashes, as `message_ids` lets through."""
    return f'UNDELETED HEADER MESSAGE-ID "{message_id}"'

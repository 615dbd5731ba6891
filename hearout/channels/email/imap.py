"""Reading and searching folders over IMAP. Whatever goes wrong leaves here as a ChannelError.

Reading changes nothing (EXAMINE and PEEK). One connection is kept between calls, because large providers
count logins.
"""

from __future__ import annotations

import imaplib
import re
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from hearout.channels.base import ChannelError
from hearout.channels.email.reading import MOST_MAIL
from hearout.channels.email.servers import TIMEOUT, Server

WINDOW = 10_000
"""UIDs asked about at once, so that no answer grows beyond what a line may hold."""

_MONTHS = dict(
    zip(re.findall("[A-Z][a-z]{2}", "JanFebMarAprMayJunJulAugSepOctNovDec"), range(1, 13), strict=True)
)
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_DATE = re.compile(rb'\bINTERNALDATE "([ \d]\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"')
_LISTED = re.compile(rb'\(([^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (.+)')
_CODE = re.compile(r"\[([A-Z-]+)")
_BUSY = frozenset({"LIMIT", "UNAVAILABLE", "INUSE", "OVERQUOTA", "SERVERBUG", "CONTACTADMIN"})
_READ = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{}>)"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in a folder. `raw` holds at most the first MOST_MAIL of its `size` bytes."""

    uid: int
    flags: frozenset[str]
    received_at: datetime
    size: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as it is now. UIDs count only together with `validity`; `next_uid` is given to the next mail."""

    validity: int
    next_uid: int


class Mailbox:
    """One account on one server. Safe to use from several threads, each with a connection of its own."""

    def __init__(self, server: Server, user: str, password: str) -> None:
        self._server = server
        self._user = user
        self._password = password
        self._lock = threading.Lock()
        self._kept: imaplib.IMAP4 | None = None

    def close(self) -> None:
        with self._lock:
            kept, self._kept = self._kept, None
        if kept:
            _leave(kept)

    @contextmanager
    def folders(self) -> Iterator[Folders]:
        """A conversation. After an error in it the connection is dropped, not kept."""
        with self._lock:
            client, self._kept = self._kept, None
        client = client if client and _still_there(client) else self._connected()
        try:
            with _told():
                yield Folders(client)
        except BaseException:
            _leave(client)
            raise
        with self._lock:
            spare, self._kept = self._kept, client
        if spare:
            _leave(spare)

    def _connected(self) -> imaplib.IMAP4:
        with _told():
            client = self._opened()
        try:
            with _told():
                if not self._server.wrapped:
                    self._secure(client)
                self._log_in(client)
        except BaseException:
            _leave(client)
            raise
        return client

    def _opened(self) -> imaplib.IMAP4:
        server = self._server
        if server.wrapped:
            return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=server.context(), timeout=TIMEOUT)
        return imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT)

    def _secure(self, client: imaplib.IMAP4) -> None:
        if "STARTTLS" in client.capabilities:
            client.starttls(self._server.context())
        elif not self._server.plain:
            raise ChannelError("The IMAP server offers no TLS, so no password goes there.", permanent=True)

    def _log_in(self, client: imaplib.IMAP4) -> None:
        try:
            client.authenticate("PLAIN", lambda _: f"\0{self._user}\0{self._password}".encode())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if _code(error) in _BUSY:
                raise
            raise ChannelError(
                f"The IMAP server refuses the login: renew the token (the password). {_said(error)}",
                permanent=True,
            ) from error


class Folders:
    """What can be asked during one conversation. Folder names are as the server writes them."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._client = client

    def special(self) -> dict[str, str]:
        """Folder names by what they are for: `\\Sent`, `\\All` and so on."""
        found: dict[str, str] = {}
        for line in _good(self._client.list()):
            match = _LISTED.fullmatch(line) if isinstance(line, bytes) else None
            for flag in match[1].split() if match else ():
                found.setdefault(flag.decode("ascii", "replace"), _unquoted(match[2]) if match else "")
        return found

    def open(self, folder: str, *, write: bool = False) -> Opened:
        _good(self._client.select(_quoted(folder), readonly=not write))
        validity, following = (self._number(name) for name in ("UIDVALIDITY", "UIDNEXT"))
        if not validity or not following:
            raise ChannelError(
                f"The folder {folder!r} tells no UIDVALIDITY or UIDNEXT: it cannot be read safely."
            )
        return Opened(validity, following)

    def uids(self, first: int, last: int, asked: str = "ALL") -> list[int]:
        """UIDs from `first` to `last` of the opened folder, in their order, that fit the search."""
        found = _good(self._client.uid("SEARCH", f"UID {first}:{last} {asked}"))
        numbers = [int(one) for line in found if isinstance(line, bytes) for one in line.split()]
        # "7:*" and reversed ranges also name mails outside
        return sorted({one for one in numbers if first <= one <= last})

    def search(self, asked: str) -> list[int]:
        return self.uids(1, 2**32 - 1, asked)

    def read(self, uids: Sequence[int], most: int = MOST_MAIL) -> list[Mail]:
        """The mails, in the order of their UIDs. One that is gone meanwhile is left out."""
        if not uids:
            return []
        answer = _good(self._client.uid("FETCH", ",".join(map(str, uids)), _READ.format(most)))
        told = {mail.uid: mail for mail in _mails(answer)}
        return [told[uid] for uid in uids if uid in told]

    def add(self, folder: str, flags: str, raw: bytes) -> None:
        _good(self._client.append(_quoted(folder), flags, "", raw))

    def flag(self, uids: Sequence[int], change: str, flags: str) -> None:
        """`change` is + or -; the folder was opened to write."""
        if uids:
            _good(self._client.uid("STORE", ",".join(map(str, uids)), f"{change}FLAGS.SILENT", f"({flags})"))

    def expunge(self, uids: Sequence[int]) -> None:
        """Remove what is flagged as deleted, where the server can remove these alone."""
        # asked again, because servers name more once somebody has logged in
        able = b" ".join(one for one in _good(self._client.capability()) if isinstance(one, bytes))
        if uids and b"UIDPLUS" in able.upper().split():
            _good(self._client.uid("EXPUNGE", ",".join(map(str, uids))))

    def _number(self, name: str) -> int:
        (value,) = self._client.response(name)[1][-1:] or [None]
        return int(value) if isinstance(value, bytes) and value.isdigit() else 0


def _mails(answer: Sequence[object]) -> Iterator[Mail]:
    """From the answer to FETCH: pairs of words and a literal, and the words behind it."""
    for number, item in enumerate(answer):
        if not isinstance(item, tuple):
            continue
        behind = answer[number + 1] if number + 1 < len(answer) else b""
        words = item[0] + (behind if isinstance(behind, bytes) else b"")
        uid, size, flags = _UID.search(words), _SIZE.search(words), _FLAGS.search(words)
        moment = _moment(words)
        if moment is None:
            raise imaplib.IMAP4.error(f"a mail came without its date: {words[:80]!r}")
        if uid:
            marks = frozenset((flags[1] if flags else b"").decode("ascii", "replace").split())
            yield Mail(int(uid[1]), marks, moment, int(size[1]) if size else len(item[1]), item[1])


def _moment(words: bytes) -> datetime | None:
    found = _DATE.search(words)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = (one.decode() for one in found.groups())
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        local = datetime(
            int(year),
            _MONTHS[month],
            int(day),
            int(hour),
            int(minute),
            min(int(second), 59),
            tzinfo=timezone(offset),
        )
        return local.astimezone(UTC)
    except (ValueError, KeyError, OverflowError):
        return None


def _good(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    status, data = answer
    if status != "OK":
        words = data[0] if data else b""
        raise imaplib.IMAP4.error(
            words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        )
    return data


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the library and the line, as the one error of channels."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ChannelError(f"The mail server's certificate is not valid: {error.verify_message}.") from error
    except imaplib.IMAP4.abort as error:
        raise _busy_or(
            ChannelError(f"The connection to the IMAP server failed: {_said(error)}."), error
        ) from error
    except imaplib.IMAP4.error as error:
        raise _busy_or(ChannelError(f"The IMAP server refused: {_said(error)}."), error) from error
    except (OSError, EOFError, ValueError) as error:
        raise ChannelError(f"The IMAP server cannot be reached: {_said(error)}.") from error


def _busy_or(other: ChannelError, error: Exception) -> ChannelError:
    if _code(error) in _BUSY:
        return ChannelError(f"The IMAP server asks us to slow down. {_said(error)}", retry_after=60.0)
    return other


def _code(error: Exception) -> str:
    found = _CODE.search(str(error))
    return found[1] if found else ""


def _said(error: Exception) -> str:
    return "".join(one for one in f"{type(error).__name__}: {error}" if one.isprintable()).rstrip(": .")[:300]


def _still_there(client: imaplib.IMAP4) -> bool:
    try:
        return bool(client.noop()[0] == "OK")
    except (OSError, imaplib.IMAP4.error):
        _leave(client)
        return False


def _leave(client: imaplib.IMAP4) -> None:
    with suppress(OSError, imaplib.IMAP4.error, AttributeError):
        client.logout()


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquoted(name: bytes) -> str:
    text = name.decode("utf-8", "replace").strip()
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') and len(text) > 1 else text

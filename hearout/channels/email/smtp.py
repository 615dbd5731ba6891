"""Handing one mail to the SMTP server. The server's word after DATA is the moment of truth."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from hearout.channels.base import ChannelError
from hearout.channels.email.servers import TIMEOUT, Server

MOST_SECONDS = 50.0
"""From connecting to DATA. A sender that hangs longer is taken over by another, and must not act any more."""

_WRONG_LOGIN = frozenset({530, 534, 535, 538, 550, 554})
WAIT = 60.0


def deliver(
    server: Server, user: str, password: str, *, sender: str, receiver: str, copies: Sequence[str], raw: bytes
) -> None:
    """Have `raw` delivered to `receiver`, and to those `copies` that the server takes.

    Raises ChannelError: with `uncertain` once the mail was handed over and no clear answer came.
    """
    until = time.monotonic() + MOST_SECONDS
    client = _connected(server)
    try:
        _prepared(client, server, user, password, sender, receiver, copies)
        if time.monotonic() > until:
            raise ChannelError("The SMTP server is too slow; nothing was sent.")
        _handed_over(client, raw)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            client.quit()


def _connected(server: Server) -> smtplib.SMTP:
    try:
        if server.wrapped:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=server.context())
        return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    except smtplib.SMTPResponseException as error:
        _refused(error.smtp_code, error.smtp_error, "connection")
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(f"The SMTP server cannot be reached: {_said(error)}.") from error


def _prepared(
    client: smtplib.SMTP,
    server: Server,
    user: str,
    password: str,
    sender: str,
    receiver: str,
    copies: Sequence[str],
) -> None:
    """Everything before DATA: whatever fails here is certain, nothing was sent."""
    try:
        client.ehlo_or_helo_if_needed()
        if not server.wrapped:
            _secure(client, server)
        client.login(user, password)
        for step, (code, words) in (("sender", client.mail(sender)), ("receiver", client.rcpt(receiver))):
            if code not in (250, 251):
                _refused(code, words, step)
        for copy in copies:
            client.rcpt(copy)
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code not in _WRONG_LOGIN:
            _refused(error.smtp_code, error.smtp_error, "login")
        message = f"The SMTP server refuses the login ({error.smtp_code}): renew the token (the password)."
        raise ChannelError(message, permanent=True) from error
    except smtplib.SMTPNotSupportedError as error:
        raise ChannelError(f"The SMTP server takes no password: {_said(error)}.", permanent=True) from error
    except smtplib.SMTPResponseException as error:
        _refused(error.smtp_code, error.smtp_error, "greeting")
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise ChannelError(f"The connection to the SMTP server failed: {_said(error)}.") from error


def _secure(client: smtplib.SMTP, server: Server) -> None:
    if client.has_extn("starttls"):
        client.starttls(context=server.context())
        client.ehlo()
    elif not server.plain:
        raise ChannelError("The SMTP server offers no TLS, so no password goes there.", permanent=True)


def _handed_over(client: smtplib.SMTP, raw: bytes) -> None:
    try:
        code, words = client.data(raw)
    except smtplib.SMTPDataError as error:
        _refused(error.smtp_code, error.smtp_error, "mail")
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(
            f"The mail was handed over and no answer came: {_said(error)}.", uncertain=True
        ) from error
    if 200 <= code < 300:
        return
    if code >= 500:
        _refused(code, words, "mail")
    # By the book it was not taken. Servers that fail while queueing say the same, so it is looked for first.
    raise ChannelError(f"The SMTP server failed with {code}. {_words(words)}", uncertain=True)


def _refused(code: int, words: bytes | str, what: str) -> NoReturn:
    if 400 <= code < 500:
        raise ChannelError(
            f"The SMTP server asks us to wait ({code}, {what}). {_words(words)}", retry_after=WAIT
        )
    raise ChannelError(f"The SMTP server refused the {what} with {code}. {_words(words)}", permanent=True)


def _words(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return "".join(one if one.isprintable() else " " for one in text)[:300]


def _said(error: Exception) -> str:
    return _words(f"{type(error).__name__}: {error}").rstrip(": .")

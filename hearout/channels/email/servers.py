"""Where a mail server listens, and how a person writes that."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass

from hearout.channels.payload import reject

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]{1,253})(?::(\d{1,5}))?", re.ASCII)
TIMEOUT = 15.0
"""Seconds for each step of a conversation with a server."""


@dataclass(frozen=True, slots=True)
class Server:
    """`wrapped`: TLS from the first byte; else STARTTLS, or nothing where `plain` allows it."""

    host: str
    port: int
    wrapped: bool
    plain: bool

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def server(written: str, *, wrapped_port: int, plain: bool, what: str) -> Server:
    """From `host` or `host:port`. Raises ChannelError(permanent=True) where it is neither."""
    found = _HOST.fullmatch(written.strip())
    port = int(found[2] or wrapped_port) if found else 0
    if found is None or not 0 < port < 65_536:
        reject(
            f"{ascii(written)[:80]} is no {what} server, such as mail.example or mail.example:{wrapped_port}."
        )
    return Server(found[1].strip("[]"), port, port == wrapped_port, plain)

"""Signatures of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, both ways.

By hand because the whole is two short functions and the raw body must be checked before anything is
parsed; the reference library is the oracle in `test_oracle.py`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from hearout.channels.payload import reject

TOLERANCE = 300
"""Seconds that a delivery may be old or, where clocks differ, early."""

SHORTEST_KEY = 24
"""Bytes. The specification asks for 24 to 64."""

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")

_ID = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)
_SIGNATURES = re.compile(r"v\d+a?,[A-Za-z0-9+/=]+( v\d+a?,[A-Za-z0-9+/=]+){0,9}", re.ASCII)


def keys_of(secrets: str) -> tuple[bytes, ...]:
    """The keys of secrets with blanks between, each `whsec_` and base64. None for "".

    Raises ChannelError(permanent=True) where one is no such secret, or too short to be safe.
    """
    return tuple(_key(secret) for secret in secrets.split())


def sign(keys: Sequence[bytes], message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The three headers. One signature for each key, so that the receiver may change its secret any time."""
    signatures = " ".join(f"v1,{_signature(key, message_id, str(seconds), body).decode()}" for key in keys)
    return dict(zip(HEADERS, (message_id, str(seconds), signatures), strict=True))


def verified(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether a signature is right and the time near `now` (seconds since 1970). Without a key: no."""
    names = sorted(name.lower() for name in headers if name.lower() in HEADERS)
    if names != sorted(HEADERS) or not set(HEADERS) <= set(headers):
        return False
    message_id, seconds, signatures = (headers[name] for name in HEADERS)
    if not _ID.fullmatch(message_id) or not _SECONDS.fullmatch(seconds):
        return False
    if not _SIGNATURES.fullmatch(signatures) or abs(now - int(seconds)) > TOLERANCE:
        return False
    found = [one[3:].encode() for one in signatures.split(" ") if one.startswith("v1,")]
    right = [_signature(key, message_id, seconds, body) for key in keys]
    # a list, not a generator: every pair is compared, so that the time tells nothing
    return any([hmac.compare_digest(ours, theirs) for ours in right for theirs in found])


def _signature(key: bytes, message_id: str, seconds: str, body: bytes) -> bytes:
    signed = f"{message_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith("whsec_") or not key:
        reject("A secret is not whsec_ followed by base64.")
    if len(key) < SHORTEST_KEY:
        reject(f"A secret holds {len(key)} bytes; at least {SHORTEST_KEY} are needed.")
    return key

"""Webhook signatures after Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

TOLERANCE = 300
"""Seconds that a delivery may be old or, where clocks differ, early."""

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")

_SECONDS = re.compile(r"\d{1,12}", re.ASCII)
_SIGNATURES = re.compile(r"v\d+a?,[A-Za-z0-9+/=]+( v\d+a?,[A-Za-z0-9+/=]+)*", re.ASCII)


def key_of(secret: str) -> bytes:
    """The key in `whsec_` and base64; b"" when it is none."""
    try:
        return (
            base64.b64decode(secret.removeprefix("whsec_"), validate=True)
            if secret.startswith("whsec_")
            else b""
        )
    except (binascii.Error, ValueError):
        return b""


def verified(key: bytes, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether a signature is right and the time near `now` (seconds since 1970). Without a key: no."""
    names = sorted(name.lower() for name in headers if name.lower() in HEADERS)
    if not key or names != sorted(HEADERS) or not set(HEADERS) <= set(headers):
        return False
    message_id, seconds, signatures = (headers[name] for name in HEADERS)
    if not _SECONDS.fullmatch(seconds) or not _SIGNATURES.fullmatch(signatures):
        return False
    if abs(now - int(seconds)) > TOLERANCE:
        return False
    signed = f"{message_id}.{seconds}.".encode("utf-8", "surrogatepass") + body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    found = [one[3:].encode() for one in signatures.split(" ") if one.startswith("v1,")]
    return any([hmac.compare_digest(right, one) for one in found])

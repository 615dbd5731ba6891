"""Our own Message-IDs: found again by the reply's key, and provably ours for one correspondent only.

`hearout.<key>.<mac>@<domain>`: whoever quotes such an id in In-Reply-To is believed only when the mac fits
their own address, so that a forwarded or guessed id opens no thread to a stranger.
"""

from __future__ import annotations

import hashlib
import hmac
import re

ID = re.compile(r"<?([^<>\s\"\\]{1,500})>?", re.ASCII)
_LISTED = re.compile(r"<([\x21\x23-\x3b\x3d\x3f-\x5b\x5d-\x7e]{1,500})>")
_OURS = re.compile(r"hearout\.([0-9a-zA-Z-]{1,64})\.([0-9a-f]{32})@[^@]+", re.ASCII)
_PLAIN_KEY = re.compile(r"[0-9a-zA-Z-]{1,64}", re.ASCII)
MOST_REFERENCES = 100


def listed(header: str) -> list[str]:
    """The ids in In-Reply-To or References, without their brackets."""
    return _LISTED.findall(header[:60_000])[:MOST_REFERENCES]


def beginning_of(key: str) -> str:
    """What the Message-ID of the reply with this key begins with, whatever the password was then."""
    plain = key if _PLAIN_KEY.fullmatch(key) else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"hearout.{plain}."


def own_id(secret: bytes, key: str, correspondent: str, domain: str) -> str:
    """The Message-ID, without brackets, of the reply with `key` to `correspondent`."""
    beginning = beginning_of(key)
    return f"{beginning}{_mac(secret, beginning, correspondent)}@{domain}"


def is_ours(secret: bytes, message_id: str, correspondent: str) -> bool:
    """Whether we wrote the mail of this id, and to this correspondent."""
    found = _OURS.fullmatch(message_id)
    if found is None:
        return False
    right = _mac(secret, f"hearout.{found[1]}.", correspondent)
    return hmac.compare_digest(right.encode(), found[2].encode())


def _mac(secret: bytes, beginning: str, correspondent: str) -> str:
    told = f"{beginning}|{correspondent.lower()}".encode("utf-8", "replace")
    return hmac.new(secret, told, hashlib.sha256).hexdigest()[:32]

"""The reference library of Standard Webhooks reads what we sign, and we read what it signs."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from hearout.channels.webhook.signing import keys_of, sign, verified

standardwebhooks = pytest.importorskip("standardwebhooks")

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODIES = ['{"type": "reply"}', '"Grüße 👍"', '{"a": "' + "x" * 10_000 + '"}']


@pytest.mark.parametrize("body", BODIES)
def test_both_sides_agree(body: str) -> None:
    library, now = standardwebhooks.Webhook(SECRET), int(time.time())
    ours = sign(keys_of(SECRET), "msg_7", now, body.encode())
    theirs = library.sign("msg_7", datetime.fromtimestamp(now, UTC), body)
    assert ours["webhook-signature"] == theirs
    assert verified(keys_of(SECRET), ours, body.encode(), now)
    library.verify(body, ours)

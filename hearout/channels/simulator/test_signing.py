"""Webhook signatures: the published example, and rotation. The contract suite asks the rest."""

from __future__ import annotations

import base64
import hmac

from hearout.channels.simulator.signing import key_of, verified

# The example of the Standard Webhooks specification's reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
AT = 1614265330.0


def test_the_published_example_is_verified() -> None:
    assert verified(key_of(SECRET), HEADERS, BODY, AT)
    assert verified(key_of(SECRET), HEADERS, BODY, AT + 300)
    assert verified(key_of(SECRET), HEADERS, BODY, AT - 300)
    assert not verified(key_of(SECRET), HEADERS, BODY, AT + 301)
    assert not verified(key_of(SECRET), HEADERS, BODY, AT - 301)


def test_while_a_secret_is_rotated_one_right_signature_of_several_is_enough() -> None:
    right = HEADERS["webhook-signature"]
    other = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
    for signatures in (f"{other} {right}", f"{right} {other}", f"v1a,AAAA {right}", f"v2,AAAA {right}"):
        assert verified(key_of(SECRET), HEADERS | {"webhook-signature": signatures}, BODY, AT)
    for signatures in (other, right.replace("v1,", "v2,"), right.replace("v1,", "v1a,"), right[3:]):
        assert not verified(key_of(SECRET), HEADERS | {"webhook-signature": signatures}, BODY, AT)


def test_a_secret_that_is_none_gives_no_key_and_without_a_key_nothing_is_verified() -> None:
    for secret in ("", "plain", "whsec_", "whsec_!!", "whsec_ä", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"):
        assert key_of(secret) == b""
    signed = HEADERS["webhook-id"] + "." + HEADERS["webhook-timestamp"] + "."
    forged = base64.b64encode(hmac.new(b"", signed.encode() + BODY, "sha256").digest()).decode()
    assert not verified(b"", HEADERS | {"webhook-signature": f"v1,{forged}"}, BODY, AT)

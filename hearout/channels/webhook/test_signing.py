"""Signatures: the published example, changing secrets, and a great many mutated requests, all refused.

`HEAROUT_FULL=1` mutates 100,000 times instead of 10,000.
"""

from __future__ import annotations

import base64
import hmac
import os
import random
from collections.abc import Callable

import pytest

from hearout.channels.base import ChannelError
from hearout.channels.webhook.signing import HEADERS, keys_of, sign, verified

MUTATIONS = 100_000 if os.environ.get("HEAROUT_FULL") == "1" else 10_000

# The example of the Standard Webhooks specification's reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret, of somebody else").decode()
BODY = b'{"test": 2432232314}'
EXAMPLE = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
AT = 1614265330.0

Request = tuple[dict[str, str], bytes]


def test_the_published_example_is_verified_for_five_minutes_either_way() -> None:
    for now, right in ((AT, True), (AT + 300, True), (AT - 300, True), (AT + 301, False), (AT - 301, False)):
        assert verified(keys_of(SECRET), EXAMPLE, BODY, now) is right


def test_we_sign_as_the_published_example() -> None:
    assert sign(keys_of(SECRET), EXAMPLE["webhook-id"], int(AT), BODY) == EXAMPLE


def test_while_a_secret_is_changed_the_old_and_the_new_are_believed() -> None:
    both = keys_of(f"{OTHER_SECRET} {SECRET}")
    assert verified(both, EXAMPLE, BODY, AT)
    headers = sign(both, EXAMPLE["webhook-id"], int(AT), BODY)
    for secret in (SECRET, OTHER_SECRET):
        assert verified(keys_of(secret), headers, BODY, AT)
    assert not verified(keys_of(OTHER_SECRET), EXAMPLE, BODY, AT)


@pytest.mark.parametrize("secret", ["plain", "whsec_", "whsec_!!", "whsec_ä", SECRET[6:], "whsec_c2hvcnQ="])
def test_what_is_no_secret_or_too_short_for_one_is_refused(secret: str) -> None:
    with pytest.raises(ChannelError) as caught:
        keys_of(f"{SECRET} {secret}")
    assert caught.value.permanent
    assert SECRET not in caught.value.message
    assert "c2hvcnQ=" not in caught.value.message


def test_without_a_secret_nothing_is_believed() -> None:
    signed = f"{EXAMPLE['webhook-id']}.{EXAMPLE['webhook-timestamp']}.".encode() + BODY
    forged = base64.b64encode(hmac.new(b"", signed, "sha256").digest()).decode()
    assert keys_of("") == ()
    assert not verified((), EXAMPLE | {"webhook-signature": f"v1,{forged}"}, BODY, AT)


def flip_body(request: Request, chance: random.Random) -> Request:
    headers, body = request
    place = chance.randrange(len(body) * 8)
    return headers, body[: place // 8] + bytes([body[place // 8] ^ 1 << place % 8]) + body[place // 8 + 1 :]


def splice_body(request: Request, chance: random.Random) -> Request:
    headers, body = request
    first, last = sorted(chance.choices(range(len(body)), k=2))
    return headers, body[:first] + chance.randbytes(chance.randrange(1, 9)) + body[last:]


def change_letter(request: Request, chance: random.Random) -> Request:
    headers, body = request
    name = chance.choice(HEADERS)
    value = headers[name]
    place = chance.randrange(len(value))
    letter = chance.choice([chr(chance.randrange(0x20, 0x7F)), "\0", "\n", "é", "\ud83d", "٣", ""])
    return headers | {name: value[:place] + letter + value[place + 1 :]}, body


def lose_header(request: Request, chance: random.Random) -> Request:
    headers, body = request
    lost = chance.choice(HEADERS)
    return {name: value for name, value in headers.items() if name != lost}, body


def double_header(request: Request, chance: random.Random) -> Request:
    headers, body = request
    name = chance.choice(HEADERS)
    if chance.random() < 0.5:
        return headers | {name.upper(): headers[name]}, body
    # a blank between signatures is how several are written: doubling them so is no change
    between = chance.choice([",", ", ", "\n", ";"])
    return headers | {name: headers[name] + between + headers[name]}, body


def other_encoding(request: Request, chance: random.Random) -> Request:
    headers, body = request
    raw = base64.b64decode(headers["webhook-signature"].removeprefix("v1,"))
    written = chance.choice([raw.hex(), base64.b32encode(raw).decode(), base64.b85encode(raw).decode()])
    version = chance.choice(["v1,", "v1a,", "v2,", "v0,", "V1,", "sha256=", ""])
    return headers | {"webhook-signature": version + written}, body


def other_stamp(request: Request, chance: random.Random) -> Request:
    headers, body = request
    moved = int(AT) + chance.choice([-1, 1]) * chance.randrange(1, 10**6)
    return headers | {"webhook-timestamp": str(moved)}, body


def signed_by_another(request: Request, chance: random.Random) -> Request:
    headers, body = request
    key = chance.randbytes(chance.choice([0, 1, 24, 32]))
    return sign([key], headers["webhook-id"], int(AT), body), body


def signed_at_another_time(request: Request, chance: random.Random) -> Request:
    headers, body = request
    stamp = int(AT) + chance.choice([-1, 1]) * chance.randrange(301, 10**7)
    return sign(keys_of(SECRET), headers["webhook-id"], stamp, body), body


MUTATORS: list[Callable[[Request, random.Random], Request]] = [
    flip_body,
    splice_body,
    change_letter,
    lose_header,
    double_header,
    other_encoding,
    other_stamp,
    signed_by_another,
    signed_at_another_time,
]


def test_no_mutated_request_is_believed() -> None:
    chance, keys = random.Random(7), keys_of(SECRET)
    mutated, believed = 0, []
    while mutated < MUTATIONS:
        request = chance.choice(MUTATORS)((dict(EXAMPLE), BODY), chance)
        if request == (EXAMPLE, BODY):
            continue
        mutated += 1
        if verified(keys, *request, AT):
            believed.append(request)
    assert believed == []
    assert verified(keys, EXAMPLE, BODY, AT)

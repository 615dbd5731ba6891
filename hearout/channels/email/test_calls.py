"""What no call is ever made with."""

from __future__ import annotations

import pytest

from hearout.channels import registry
from hearout.channels.base import ChannelError

PASSWORD = "password-of-tests"


@pytest.mark.parametrize(
    "changed",
    [
        {"address": ""},
        {"address": "care"},
        {"address": "cäre@tidewing.test"},
        {"imap": ""},
        {"imap": "a b"},
        {"imap": "mail.test:99999"},
        {"smtp": "mail.test:0"},
        {"smtp": "https://mail.test"},
        {"sent": "Gesendet\r\n"},
        {"sent": "Envoyés"},
        {"since": "yesterday"},
        {"user": "a\r\nb"},
        {"password": ""},
        {"password": "a\0b"},
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(changed: dict[str, str]) -> None:
    settings = {"address": "care@tidewing.test", "imap": "mail.test", "smtp": "mail.test"} | changed
    with pytest.raises(ChannelError) as caught:
        registry.connect("email", settings=settings, secrets={"password": settings.pop("password", PASSWORD)})
    assert caught.value.permanent
    assert PASSWORD not in caught.value.message

"""Test accounts: their secrets, sealed like a connection's, and their channel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache

from hearout.channels import registry
from hearout.channels.base import Channel, ChannelError
from hearout.insight.probes.models import Shopper
from hearout.lib.secrets import Keyring, SecretError, load_keyring


def seal(shopper: Shopper, secrets: Mapping[str, str]) -> None:
    """Store the secrets, encrypted so that they open in this row only."""
    plain = json.dumps(dict(secrets), sort_keys=True)
    shopper.secrets = _keyring().encrypt(plain, _place(shopper.pk)) if secrets else ""
    shopper.save(update_fields=["secrets"])


def secrets_of(shopper: Shopper) -> dict[str, str]:
    """The stored secrets: never to be shown. Raises ChannelError(permanent=True)."""
    return _opened(shopper.pk, shopper.secrets)


def channel_of(shopper: Shopper) -> Channel:
    """The connected test account. Raises ChannelError(permanent=True) when a setting or secret does not work."""
    settings = json.dumps(shopper.settings, sort_keys=True)
    return _connected(shopper.pk, shopper.channel, settings, shopper.secrets)


@lru_cache(maxsize=64)
def _connected(pk: int, channel: str, settings: str, sealed: str) -> Channel:
    return registry.connect(channel, settings=json.loads(settings), secrets=_opened(pk, sealed))


def _opened(pk: int, sealed: str) -> dict[str, str]:
    try:
        return dict(json.loads(_keyring().decrypt(sealed, _place(pk)))) if sealed else {}
    except SecretError as error:
        raise ChannelError(str(error), permanent=True) from error


@cache
def _keyring() -> Keyring:
    return load_keyring()


def _place(pk: int) -> str:
    return f"insight_shopper:{pk}"

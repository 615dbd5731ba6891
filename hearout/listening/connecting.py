"""From the row of a connected account to its channel, and from a person's form to a connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, ClassVar, Protocol

from django.db import transaction
from django.utils import timezone

from hearout.channels import registry
from hearout.channels.base import Channel, ChannelError
from hearout.lib.secrets import Keyring, SecretError, load_keyring
from hearout.listening.models import Connection, Handle


class Account(Protocol):
    """A row that holds an account's settings and its sealed secrets: a connection, a test account of probes."""

    pk: Any
    channel: Any
    settings: Any
    secrets: Any
    _meta: ClassVar[Any]

    def save(self, *, update_fields: list[str]) -> None: ...


def connect(
    handle: Handle, channel: str, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> Connection:
    """Connect a handle, or connect it anew. Raises ChannelError(permanent=True) when that cannot work.

    A connection that moves to another channel starts its feed from the beginning.
    """
    registry.connect(channel, settings=settings, secrets=secrets)
    with transaction.atomic():
        found, _ = Connection.objects.select_for_update().get_or_create(
            handle=handle, defaults={"channel": channel, "due_at": None}
        )
        if found.channel != channel:
            found.channel, found.cursor = channel, ""
        found.settings = dict(settings)
        found.faults, found.last_fault = 0, ""
        found.due_at = timezone.now() if can(found, "fetch") else None
        found.save()
        seal(found, secrets)
    return found


def seal(account: Account, secrets: Mapping[str, str]) -> None:
    """Store the secrets, encrypted so that they open in this row only."""
    plain = json.dumps(dict(secrets), sort_keys=True)
    account.secrets = _keyring().encrypt(plain, _place(account)) if secrets else ""
    account.save(update_fields=["secrets"])


def channel_of(account: Account) -> Channel:
    """The connected account. Raises ChannelError(permanent=True) when a setting or secret does not work."""
    settings = json.dumps(account.settings, sort_keys=True)
    return _connected(_place(account), account.channel, settings, account.secrets)


def secrets_of(account: Account) -> dict[str, str]:
    """The stored secrets, to keep those that a form leaves blank: never to be shown. Raises ChannelError."""
    return _opened(_place(account), account.secrets)


def can(connection: Connection, ability: str) -> bool:
    """Whether the channel's manifest names this ability; false for a channel that is no longer there."""
    try:
        return ability in registry.manifest(connection.channel).can
    except ChannelError:
        return False


@lru_cache(maxsize=256)
def _connected(place: str, channel: str, settings: str, sealed: str) -> Channel:
    return registry.connect(channel, settings=json.loads(settings), secrets=_opened(place, sealed))


def _opened(place: str, sealed: str) -> dict[str, str]:
    try:
        return dict(json.loads(_keyring().decrypt(sealed, place))) if sealed else {}
    except SecretError as error:
        raise ChannelError(str(error), permanent=True) from error


@lru_cache(maxsize=64)
def unconnected(channel: str, path: str = "-") -> Channel:
    """A channel for reading what it stored earlier, where the connection is gone or there never was one."""
    return registry.connect(channel, settings={"path": path}, secrets={})


@cache
def _keyring() -> Keyring:
    return load_keyring()


def _place(account: Account) -> str:
    return f"{account._meta.db_table}:{account.pk}"

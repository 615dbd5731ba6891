"""The form that connects a handle, drawn from the channel's manifest. Secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from hearout.channels import registry
from hearout.channels.base import ChannelError, Manifest
from hearout.desk.settings.noting import note_change
from hearout.listening.asked import sought
from hearout.listening.connecting import channel_of, connect, secrets_of
from hearout.listening.models import Connection, Handle
from hearout.people.models import User

LONGEST = 4000


def channels_for(handle: Handle) -> list[Manifest]:
    """The channels that reach the handle's network."""
    return [found for found in registry.manifests().values() if found.network == handle.network]


class ConnectForm(forms.Form):
    """`manifest` None: no channel reaches this network. `connected`: the connection, after `save`."""

    connected: Connection

    def __init__(self, handle: Handle, data: Any = None, wanted: str = "") -> None:
        super().__init__(data, prefix="connect")
        self.handle = handle
        self.before: Connection | None = getattr(handle, "connection", None)
        wanted = (data or {}).get("channel", wanted) or (self.before.channel if self.before else "")
        found = channels_for(handle)
        chosen = [manifest for manifest in found if manifest.name == wanted] or found
        self.manifest = chosen[0] if chosen else None
        if self.manifest:
            self._draw(self.manifest)

    @property
    def stays(self) -> bool:
        """Whether the handle keeps its channel, and with it the secrets that are left blank."""
        return bool(self.before and self.manifest and self.before.channel == self.manifest.name)

    @property
    def can_hook(self) -> bool:
        return bool(self.manifest and "webhook" in self.manifest.can)

    @property
    def wants_hook(self) -> bool:
        return bool(self.cleaned_data.get("hook"))

    def save(self, *, by: User) -> bool:
        """Connect, and note it without the secrets. False when the channel refuses: the form says why."""
        if self.manifest is None:
            self.add_error(None, "No channel reaches this network.")
            return False
        name, public, secret = self.manifest.name, self._given("setting_"), self._given("secret_")
        try:
            kept = secrets_of(self.before) if self.stays and self.before else {}
            with transaction.atomic():
                self.connected = connect(self.handle, name, public, kept | secret)
                note_change(
                    self.handle, brand_id=self.handle.brand_id, by=by, did="connected", channel=name,
                    settings=public, new_secrets=sorted(secret),
                )  # fmt: skip
        except ChannelError as error:
            self.add_error(None, error.message)
            return False
        return True

    def _draw(self, manifest: Manifest) -> None:
        stored = self.before.settings if self.before and self.stays else {}
        for name, label in manifest.settings.items():
            self.fields[f"setting_{name}"] = forms.CharField(
                label=label, max_length=LONGEST, required=False, initial=stored.get(name, "")
            )
        for name, label in manifest.credentials.items():
            widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            self.fields[f"secret_{name}"] = forms.CharField(
                label=label, max_length=LONGEST, required=False, widget=widget,
                help_text="Leave blank to keep the one that is stored." if self.stays else "",
            )  # fmt: skip
        if "webhook" in manifest.can:
            self.fields["hook"] = forms.BooleanField(
                label="Have the network deliver posts at once, by webhook", required=False, initial=True
            )

    def _given(self, prefix: str) -> dict[str, str]:
        found = {k.removeprefix(prefix): v for k, v in self.cleaned_data.items() if k.startswith(prefix)}
        return {name: value for name, value in found.items() if value}


def hook_address(request: HttpRequest, connection: Connection) -> str:
    """Where the network delivers: below the public address, else below the one this page was asked at."""
    path = f"/hooks/{connection.hook_id}/"
    return settings.PUBLIC_URL.rstrip("/") + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def tell_network(connection: Connection, webhook_url: str | None) -> str:
    """Tell the network where to deliver and which words to search for. Returns its fault, "" when all is well."""
    words = sought(connection.handle.brand)
    try:
        channel_of(connection).prepare(webhook_url=webhook_url, words=words)
    except ChannelError as error:
        return error.message
    return ""


def tell_networks(brand_id: int) -> list[str]:
    """After watchwords or queries changed: tell every connected network. Returns the faults, by handle."""
    linked = Connection.objects.filter(handle__brand=brand_id).select_related("handle__brand")
    told = {connection.handle: tell_network(connection, None) for connection in linked}
    return [f"{handle}: {fault}" for handle, fault in told.items() if fault]

"""How long a reply is, as its network counts."""

from __future__ import annotations

from hearout.channels import registry
from hearout.channels.base import ChannelError, Length
from hearout.listening.connecting import channel_of
from hearout.listening.models import Connection
from hearout.replies.models import Reply


def length_of(reply: Reply) -> Length | None:
    """As the network counts; where the account does not work, plain characters against the network's limit.

    None without a connection, or when its channel is no longer there.
    """
    connection = Connection.objects.filter(handle=reply.handle_id).first()
    if connection is None:
        return None
    try:
        return channel_of(connection).length(reply.text)
    except ChannelError:
        return _plain_length(connection.channel, reply.text)


def _plain_length(channel: str, text: str) -> Length | None:
    try:
        manifest = registry.manifest(channel)
    except ChannelError:
        return None
    return Length(len(text), manifest.text_limit, manifest.text_unit)

"""A network in memory that fails on demand, for the tests of sending. It counts what really arrived."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hearout.channels.base import ChannelError, Length, Manifest, OutgoingReply, Receipt


def manifest(*, idempotent: bool = True, reads_back: bool = True) -> Manifest:
    return Manifest(
        name="simulator",
        network="simulator",
        label="S",
        title="A network in memory",
        can=frozenset({"dm", "like", "follow", "repost", "fetch"}),
        text_limit=500,
        text_unit="characters",
        idempotent=idempotent,
        reads_back=reads_back,
    )


class KilledError(BaseException):
    """What `kill -9` is to a worker: nothing of it runs any more."""


@dataclass
class Network:
    """`arrived` counts posts by text. `next` names what befalls the coming calls, in order:

    ok, refused (429), down (did not arrive), forbidden (permanent), lost (arrived, the answer did not),
    lost_unarrived, killed_before, killed_after (we die before or after it arrived).
    """

    idempotent: bool = True
    next: list[str] = field(default_factory=list)
    arrived: Counter[str] = field(default_factory=Counter)
    sends: int = 0
    looks: int = 0
    hidden_looks: int = 0
    _by_key: dict[str, str] = field(default_factory=dict)

    def send(self, reply: OutgoingReply) -> Receipt:
        self.sends += 1
        fate = self.next.pop(0) if self.next else "ok"
        if fate == "refused":
            raise ChannelError("Too many calls.", retry_after=40)
        if fate == "down":
            raise ChannelError("The network is down.")
        if fate == "forbidden":
            raise ChannelError("You may not answer this post.", permanent=True)
        if fate == "killed_before":
            raise KilledError
        if fate != "lost_unarrived":
            self._arrive(reply)
        if fate == "killed_after":
            raise KilledError
        if fate in ("lost", "lost_unarrived"):
            raise ChannelError("The connection broke.", uncertain=True)
        return self._receipt(reply)

    def look_up(self, reply: OutgoingReply) -> Receipt | None:
        self.looks += 1
        if self.looks <= self.hidden_looks or reply.key not in self._by_key:
            return None
        return self._receipt(reply)

    def length(self, text: str) -> Length:
        return Length(len(text), 500, "characters")

    def _arrive(self, reply: OutgoingReply) -> None:
        if not (self.idempotent and reply.key in self._by_key):
            self.arrived[reply.text] += 1
        self._by_key.setdefault(reply.key, f"n{len(self._by_key) + 1}")

    def _receipt(self, reply: OutgoingReply) -> Receipt:
        return Receipt(self._by_key[reply.key], seen_at=datetime.now(UTC))

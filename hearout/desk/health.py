"""How a handle's connection fares, and what to do when it does not: a function of its row and the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hearout.listening.models import Connection, Handle

SILENT = timedelta(minutes=5)
"""A sweep comes every few seconds; this long without one means that no worker runs."""


@dataclass(frozen=True)
class Health:
    """`state`: well, quiet, faulty or off. `advice`: what a person can do about it, "" when nothing is wrong."""

    handle: Handle
    connection: Connection | None
    state: str
    sentence: str
    advice: str = ""

    @property
    def heard_at(self) -> datetime | None:
        return self.connection.heard_at if self.connection else None


def health_of(handle: Handle, now: datetime) -> Health:
    connection: Connection | None = getattr(handle, "connection", None)
    if connection is None:
        return Health(handle, None, "off", "Not connected", "Connect it to hear posts and send replies.")
    if connection.faults:
        times = "once" if connection.faults == 1 else f"{connection.faults} times in a row"
        return Health(handle, connection, "faulty", f"Failed {times}", _advice(connection))
    if connection.due_at is None:
        return Health(handle, connection, "well", "Listens by webhook")
    if connection.fetched_at is None:
        return Health(
            handle, connection, "quiet", "Not asked yet", "A worker asks within seconds of running."
        )
    if now - connection.fetched_at > SILENT:
        return Health(
            handle,
            connection,
            "quiet",
            "Nobody asks any more",
            "Start the workers: hearout up, or hearout work.",
        )
    return Health(handle, connection, "well", "Connected")


def healths(handles: Iterable[Handle], now: datetime) -> list[Health]:
    return [health_of(handle, now) for handle in handles]


def _advice(connection: Connection) -> str:
    words = connection.last_fault.lower()
    if any(
        word in words for word in ("401", "403", "token", "credential", "secret", "unauthor", "forbidden")
    ):
        return "The network refuses the credentials. Get new ones there and enter them under Connection."
    if any(word in words for word in ("429", "rate", "too many")):
        return "The network asks us to slow down. It is tried again by itself; nothing is lost."
    return "It is tried again by itself. If it stays, check the address and whether the network is up."

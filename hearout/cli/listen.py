"""`hearout listen`"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hearout.cli.ground import TroubleError, err, ground, stop_event
from hearout.cli.read_lines import lines_as_they_come

if TYPE_CHECKING:
    from hearout.listening.streams.bus import Bus
    from hearout.listening.streams.storing import Keep, Outlet, Tally

log = logging.getLogger("hearout.listen")

LOOK = 5.0
"""Seconds between two looks at which handles there are."""

SAY = 10.0
BUS_PAUSE = 2.0
INSTALL = "--bus needs nats-py, which is not installed: pip install 'hearout[bus]'"


class Only(StrEnum):
    PUBLISH = "publish"
    TAKE = "take"


class Kept(StrEnum):
    ALL = "all"
    MATCHING = "matching"


def listen(
    bus: Annotated[
        str,
        typer.Option(
            envvar="HEAROUT_BUS_URL",
            help="Share the streams with other machines over NATS JetStream: nats://host:4222, tls://host:4222.",
            show_default="none: this process alone",
        ),
    ] = "",
    only: Annotated[
        Only | None,
        typer.Option(help="With --bus: only put streams on it, or only take from it.", show_default="both"),
    ] = None,
    stdin: Annotated[
        bool,
        typer.Option("--stdin", help="Listen to posts as JSON Lines on standard input, and end with them."),
    ] = False,
    network: Annotated[
        str,
        typer.Option(
            help="With --stdin: the network of posts that name none, by which your handles are known."
        ),
    ] = "lines",
    keep: Annotated[
        Kept | None,
        typer.Option(
            help="Which posts are stored: all, or those that concern a brand.",
            show_default="matching with --bus, else all",
        ),
    ] = None,
    credentials: Annotated[
        str,
        typer.Option(
            envvar="HEAROUT_BUS_CREDENTIALS", help="A NATS credentials file (.creds).", show_default=False
        ),
    ] = "",
) -> None:
    """Follow the streams of connected handles and store what they tell, until SIGTERM or Ctrl-C.

    Needs no bus on one machine. With --bus the same command runs on any number of machines: each stream is followed
    by one of them, all share the work of finding what concerns a brand, and each such post is stored once. Any of
    them may be killed. The stages that come after are run by hearout work.

    Posts on standard input are {"id", "text"} with "author", "network", "language", "created_at" where you know
    them, or lines as hearout export writes them.

    Example:  hearout listen

    Example:  hearout listen --bus nats://10.0.0.5:4222        on each machine

    Example:  hearout listen --bus nats://10.0.0.5:4222 --only take

    Example:  zcat posts.jsonl.gz | hearout listen --stdin --network bluesky --keep matching
    """
    if only and not bus:
        raise TroubleError("--only is for listening over a bus: name it by --bus nats://host:4222")
    if bus:
        _check_installed()
    stop, lines = stop_event(), network if stdin else None
    with ground():
        if bus:
            with _opened(bus, credentials, stop) as opened:
                if not stop.is_set():
                    _over_bus(opened, only, keep or Kept.MATCHING, stop, lines)
        else:
            _alone(keep or Kept.ALL, stop, lines)


def _alone(keep: Kept, stop: threading.Event, lines: str | None) -> None:
    from hearout.listening.streams.storing import Inbox, Tally

    tally = Tally()
    inbox = Inbox(_keep(keep), tally)
    if lines is None:
        _follow(inbox, tally, stop, None)
    else:
        _from_lines(lines, inbox, tally, stop)


def _over_bus(bus: Bus, only: Only | None, keep: Kept, stop: threading.Event, lines: str | None) -> None:
    from hearout.listening.streams.sharing import Onto, Taker
    from hearout.listening.streams.storing import Inbox, Tally

    tally = Tally()
    inbox = Inbox(_keep(keep), tally)
    onto = Onto(bus, inbox, tally, stop.is_set)
    if lines is not None:
        _from_lines(lines, onto, tally, stop)
        return
    taker = None
    if only is not Only.PUBLISH:
        taker = threading.Thread(target=Taker(bus, inbox, tally, stop.is_set).run, name="taker")
        taker.start()
    try:
        _follow(None if only is Only.TAKE else onto, tally, stop, bus)
    finally:
        stop.set()
        if taker:
            taker.join()


def _follow(outlet: Outlet | None, tally: Tally, stop: threading.Event, bus: Bus | None) -> None:
    """Keep up the streams, if there is an outlet for them, and say now and then how it goes."""
    from django.db import DatabaseError

    from hearout.listening.streams.handles import Handles
    from hearout.listening.streams.storing import let_go

    handles = Handles(outlet, tally, stop.is_set) if outlet else None
    log.info("listening%s%s", f" over {bus.name}" if bus else "", "" if handles else ", taking only")
    said, last = time.monotonic(), ""
    while not stop.is_set():
        if handles is not None:
            try:
                if not handles.look() and not last:
                    last = "no connected handle has a stream yet: see Settings, Handles"
                    log.info("%s", last)
            except DatabaseError as error:
                let_go()
                log.warning("the database does not answer: %s", str(error).splitlines()[0])
        if time.monotonic() - said >= SAY:
            words = _state(tally, bus, handles.waiting() if handles else 0)
            if words != last:
                log.info("%s", words)
            said, last = time.monotonic(), words
        stop.wait(LOOK)
    if handles is not None:
        handles.join()
    log.info("stopped: %s", _counts(tally))


def _from_lines(network: str, outlet: Outlet, tally: Tally, stop: threading.Event) -> None:
    from hearout.listening.streams.following import Follower
    from hearout.listening.streams.lines import Lines

    refused = 0

    def refuse(number: int, cause: str) -> None:
        nonlocal refused
        refused += 1
        err.print(f"line {number:,}: {cause}", highlight=False, markup=False)

    if sys.stdin.isatty():
        err.print('One post a line, as in {"id": 1, "text": "..."}; Ctrl-D ends.', style="dim", markup=False)
    lines = Lines(lines_as_they_come(sys.stdin.fileno()), refuse, network)
    Follower(lines, outlet, tally, stop.is_set).run()
    err.print(_counts(tally) + (f", {refused:,} lines refused" if refused else ""), highlight=False)
    if refused and not tally.told:
        raise typer.Exit(1)


def _keep(keep: Kept) -> Keep:
    from hearout.listening.streams.sieve import Sieve
    from hearout.listening.streams.storing import everything

    return Sieve().warmed() if keep is Kept.MATCHING else everything


def _check_installed() -> None:
    try:
        import nats  # noqa: F401
    except ModuleNotFoundError as error:
        raise TroubleError(INSTALL) from error


@contextmanager
def _opened(url: str, credentials: str, stop: threading.Event) -> Iterator[Bus]:
    """The bus, waited for when it is away. Raises TroubleError when waiting cannot help."""
    from hearout.listening.streams.bus import Bus, BusError

    bus = Bus(url, credentials)
    try:
        while not stop.is_set():
            try:
                bus.open()
                break
            except BusError as error:
                if error.permanent:
                    raise TroubleError(f"The bus at {bus.name} refuses us: {error}.") from error
                log.warning("%s: %s; waiting for it", bus.name, error)
                stop.wait(BUS_PAUSE)
        yield bus
    finally:
        bus.close()


def _state(tally: Tally, bus: Bus | None, reading: int) -> str:
    words = _counts(tally) + (f"; {reading:,} pages read and not yet safe" if reading else "")
    if bus is None:
        return words
    from hearout.listening.streams.bus import BusError

    try:
        lag = bus.waiting()
    except BusError as error:
        return f"{words}; {error}"
    return f"{words}; on the bus {lag.untaken:,} packets wait and {lag.unacked:,} are being worked on"


def _counts(tally: Tally) -> str:
    parts = [
        f"{tally.told:,} posts told" if tally.told else "",
        f"{tally.published:,} put on the bus" if tally.published else "",
        f"{tally.taken:,} taken off it" if tally.taken else "",
        f"{tally.kept:,} kept, {tally.new:,} of them new" if tally.kept else "",
        f"{tally.troubles:,} troubles" if tally.troubles else "",
    ]
    return ", ".join(part for part in parts if part) or "nothing told yet"

"""Keeping up one stream: a thread reads it, another hands on in one go what has come meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from typing import Protocol

from hearout.channels.base import ChannelError, Page
from hearout.listening.streams.storing import Outlet, Tally, let_go

log = logging.getLogger(__name__)

WAITING = 2_000
"""Pages that may wait to be handed on. Then nothing is read until there is room, and the network waits."""

MOST_AT_ONCE = 5_000
LOOK = 0.2
"""Seconds between two looks at whether to stop."""

FIRST_PAUSE, LONGEST_PAUSE, PERMANENT_PAUSE = 0.5, 60.0, 300.0
TAKEN_PAUSE = 3.0
"""Until we ask again whether whoever follows the stream still does."""


class Source(Protocol):
    """A stream that can be begun anew where it broke off."""

    name: str
    channel: str
    connection_id: int | None

    def mine(self) -> bool:
        """Whether it is for this process to follow."""

    def pages(self) -> Iterator[Page]:
        """From the place on that `moved` was last told. Ends when there will never be more, raises ChannelError
        when the connection broke."""

    def moved(self, cursor: str) -> None:
        """What came before this place is safe."""


@dataclass
class _Reading:
    """One attempt to read a stream, and how it ended."""

    pages: Queue[Page] = field(default_factory=lambda: Queue(WAITING))
    left: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None

    def read(self, opened: Callable[[], Iterator[Page]]) -> None:
        try:
            for page in opened():
                while not self.left.is_set():
                    try:
                        self.pages.put(page, timeout=LOOK)
                        break
                    except Full:
                        continue
                if self.left.is_set():
                    break
        except Exception as error:
            self.error = error
        finally:
            self.ended.set()
            let_go()

    def some(self) -> list[Page]:
        """What has come, waiting shortly for the first."""
        try:
            found = [self.pages.get(timeout=LOOK)]
        except Empty:
            return []
        count = len(found[0].deliveries)
        while count < MOST_AT_ONCE:
            try:
                page = self.pages.get_nowait()
            except Empty:
                break
            found.append(page)
            count += len(page.deliveries)
        return found


class Follower:
    """Follows `source` until `stop()` is true or the source has ended for good."""

    def __init__(self, source: Source, outlet: Outlet, tally: Tally, stop: Callable[[], bool]) -> None:
        self._source = source
        self._outlet = outlet
        self._tally = tally
        self._stop = stop
        self._faults = 0
        self._failed = False
        self.waiting = 0

    def run(self) -> None:
        """Never raises: troubles are logged, and after a pause the stream is begun where it broke off."""
        while not self._stop():
            try:
                if not self._source.mine():
                    self._rest(TAKEN_PAUSE)
                    continue
                self._follow()
                return
            except ChannelError as error:
                self._trouble("broke off", error, _pause(error, self._faults))
            except Exception as error:
                let_go()
                self._trouble("broke off", error, _pause(None, self._faults))

    def _follow(self) -> None:
        reading = _Reading()
        reader = threading.Thread(target=reading.read, args=(self._source.pages,), daemon=True)
        reader.start()
        log.info("following %s", self._source.name)
        try:
            while not self._stop():
                over = reading.ended.is_set()
                pages = reading.some()
                self.waiting = reading.pages.qsize()
                if pages:
                    self._hand_on(pages)
                elif over:
                    if reading.error:
                        raise reading.error
                    return
        finally:
            reading.left.set()

    def _hand_on(self, pages: list[Page]) -> None:
        """Try until it is safe: not every stream can tell again what is in hand."""
        bodies = [delivery.body for page in pages for delivery in page.deliveries]
        while not self._stop():
            try:
                if self._failed and not self._source.mine():
                    raise ChannelError("Another process follows it now.")
                self._put(bodies, pages[-1].cursor)
            except ChannelError:
                raise
            except Exception as error:
                let_go()
                self._failed = True
                self._trouble("what it told is not safe yet", error, _pause(None, self._faults))
            else:
                self._faults, self._failed = 0, False
                self._tally.add(told=len(bodies))
                return

    def _put(self, bodies: list[bytes], cursor: str) -> None:
        source = self._source
        self._outlet.put(source.channel, source.connection_id, bodies, lambda: source.moved(cursor))

    def _trouble(self, what: str, error: Exception, pause: float) -> None:
        if self._stop():
            return
        self._faults += 1
        self._tally.add(troubles=1)
        cause = error.message if isinstance(error, ChannelError) else f"{type(error).__name__}: {error}"
        cause = cause.strip().partition("\n")[0].rstrip(".")
        log.warning("%s: %s: %s. Again in %.1f s.", self._source.name, what, cause, pause)
        self._rest(pause)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stop() and (left := until - time.monotonic()) > 0:
            time.sleep(min(LOOK, left))


def _pause(error: ChannelError | None, faults: int) -> float:
    if error and error.permanent:
        return PERMANENT_PAUSE
    if error and error.retry_after is not None:
        return min(max(1.0, error.retry_after), 3600.0)
    return min(FIRST_PAUSE * (1 << min(faults, 10)), LONGEST_PAUSE)

"""Stores webhook bodies durably, many in one commit: what arrives while a commit is under way forms the next."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from hearout.lib.doorbell import WAKE
from hearout.listening.receiving import INSERT_MANY, as_parameters

log = logging.getLogger(__name__)

MOST_IN_A_COMMIT = 500
MOST_WAITING = 5_000
WAKE_EVERY = 0.05
"""Seconds from waking the workers to waking them again: who has been woken looks around for longer than that."""


class StoreError(Exception):
    """The body is not stored, so it must not be acknowledged."""


@dataclass(slots=True)
class _Waiting:
    body: bytes
    channel: str
    connection_id: int
    stored: asyncio.Future[None]


class Writer:
    """One connection, one task. `store` returns when the body is committed, and never before."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._waiting: list[_Waiting] = []
        self._more = asyncio.Event()
        self._database: psycopg.AsyncConnection[tuple[object, ...]] | None = None
        self._task: asyncio.Task[None] | None = None
        self._woke = -WAKE_EVERY

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Commit what waits, then close."""
        if self._task:
            while self._waiting and not self._task.done():
                self._more.set()
                await asyncio.sleep(0.01)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._database:
            await self._database.close()

    async def store(self, body: bytes, *, channel: str, connection_id: int) -> None:
        """Raises StoreError when the database did not take it."""
        if len(self._waiting) >= MOST_WAITING:
            raise StoreError("too many payloads wait for the database")
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(body, channel, connection_id, stored))
        self._more.set()
        await stored

    async def _run(self) -> None:
        while True:
            await self._more.wait()
            batch, self._waiting = self._waiting[:MOST_IN_A_COMMIT], self._waiting[MOST_IN_A_COMMIT:]
            if not self._waiting:
                self._more.clear()
            if batch:
                await self._commit(batch)

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            await self._insert(batch)
        except psycopg.IntegrityError as error:
            if len(batch) > 1:  # one row's connection may be gone; the others must not pay for it
                for one in batch:
                    await self._commit([one])
            else:
                _settle(batch, error)
        except (psycopg.Error, OSError) as error:
            log.warning("webhook payloads not stored: %s", error)
            await self._drop_database()
            _settle(batch, error)
        else:
            _settle(batch, None)

    async def _insert(self, batch: Sequence[_Waiting]) -> None:
        if self._database is None or self._database.closed:
            self._database = await psycopg.AsyncConnection.connect(
                self._dsn, autocommit=True, connect_timeout=5
            )
        parameters = as_parameters(
            [(one.body, one.channel, one.connection_id) for one in batch], route="webhook", archive_id=None
        )
        await self._database.execute(INSERT_MANY, parameters)
        if (moment := asyncio.get_running_loop().time()) - self._woke >= WAKE_EVERY:
            self._woke = moment
            await self._database.execute(WAKE)

    async def _drop_database(self) -> None:
        if self._database:
            with contextlib.suppress(Exception):
                await self._database.close()
        self._database = None


def _settle(batch: Sequence[_Waiting], error: Exception | None) -> None:
    for one in batch:
        if one.stored.done():
            continue
        if error is None:
            one.stored.set_result(None)
        else:
            one.stored.set_exception(StoreError(str(error)))

"""Delivering news to webhooks, signed as Standard Webhooks (standardwebhooks.com) say."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine
from typing import Any
from uuid import uuid4

import httpx2

from simulator.faults import HELD_SECONDS
from simulator.posts import Account, Post
from simulator.server import RefusedError
from simulator.state import State

MOST_POSTS = 50
RETRIES = 8
TIMEOUT_SECONDS = 10.0

Batch = list[tuple[Post, int]]


class Deliveries:
    """One task an account follows its feed; refused deliveries are retried beside it: news never waits."""

    def __init__(self, state: State, retry_seconds: float) -> None:
        self._state = state
        self._retry_seconds = retry_seconds
        self._client = httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._tries: set[asyncio.Task[None]] = set()

    @staticmethod
    def check(url: str, secret: str) -> None:
        """Raises RefusedError when the address or the secret cannot be used."""
        if not url.startswith(("http://", "https://")):
            raise RefusedError(400, "bad_request", "url must begin with http:// or https://.")
        try:
            signing_key(secret)
        except ValueError as error:
            raise RefusedError(400, "bad_request", "secret must be whsec_ and base64.") from error

    def start(self, account: Account) -> None:
        """Deliver what reaches the account's feed from now on."""
        if account.id not in self._followers:
            task = asyncio.create_task(self._follow(account, len(account.feed)))
            self._followers[account.id] = task

    async def forget(self) -> None:
        """Stop every delivery, also those still to be tried again."""
        tasks = [*self._followers.values(), *self._tries]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._followers.clear()

    async def stop(self) -> None:
        await self.forget()
        await self._client.aclose()

    async def _follow(self, account: Account, place: int) -> None:
        held: Batch = []
        while True:
            batch = account.feed[place : place + MOST_POSTS]
            place += len(batch)
            if not batch:
                # What is held back waits for news to overtake it, but not for long.
                if not await account.bell.wait(HELD_SECONDS if held else 60) and held:
                    await self._deliver(account, held)
                    held = []
                continue
            await self._state.maybe_delay(batch[0][0])
            if self._hit("missing", batch):
                continue
            if not held and self._hit("shuffle", batch):
                held = self._state.faults.shuffled(batch)
                continue
            await self._deliver(account, batch)
            if self._hit("duplicate", batch):
                await self._deliver(account, batch)
            if held:
                await self._deliver(account, held)
                held = []

    def _hit(self, kind: str, batch: Batch) -> bool:
        return self._state.fault(kind, batch[0][0], ids=[post.id for post, _ in batch])

    async def _deliver(self, account: Account, batch: Batch) -> None:
        posts = [post.wire(self._state.base_url, revision) for post, revision in batch]
        body = json.dumps({"posts": posts}, separators=(",", ":")).encode()
        delivery_id = f"msg_{uuid4().hex}"
        if not await self._try(account, batch, delivery_id, body):
            self._aside(self._try_again(account, batch, delivery_id, body))

    async def _try_again(self, account: Account, batch: Batch, delivery_id: str, body: bytes) -> None:
        for number in range(RETRIES):
            await asyncio.sleep(self._retry_seconds * 2**number)
            if await self._try(account, batch, delivery_id, body):
                return
        self._state.given_up([post.id for post, _ in batch], account)

    async def _try(self, account: Account, batch: Batch, delivery_id: str, body: bytes) -> bool:
        if account.webhook is None:
            return True
        url, secret = account.webhook
        headers = signed_headers(secret, delivery_id, int(time.time()), body)
        try:
            response = await self._client.post(url, content=body, headers=headers)
        except httpx2.HTTPError:
            return False
        if not response.is_success:
            return False
        for post, _ in batch:
            self._state.delivered(post, account, "webhook")
        return True

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tries.add(task)
        task.add_done_callback(self._tries.discard)


def signing_key(secret: str) -> bytes:
    """The bytes behind `whsec_` + base64. ValueError when it is something else."""
    if not secret.startswith("whsec_"):
        raise ValueError("no whsec_ in front")
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def signed_headers(secret: str, delivery_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    digest = hmac.new(signing_key(secret), signed, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }

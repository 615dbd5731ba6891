"""Asking networks for what is new: under a lease, outside any transaction, with the cursor moved in the
transaction that stores what came."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection as database
from django.db import models, transaction

from hearout.channels.base import Channel, ChannelError, Page
from hearout.listening.connecting import can, channel_of
from hearout.listening.models import Connection, Handle, Received
from hearout.listening.receiving import store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""Longer than any channel waits for its network."""

SWEEP = timedelta(seconds=5)
"""Webhooks tell at once; the sweep finds what they left out."""

PERMANENT_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(minutes=5)
LONGEST_ASKED_PAUSE = timedelta(hours=1)


def fetch_due(limit: int, now: datetime) -> int:
    """Fetch one page for each of up to `limit` due connections. Returns how many new payloads were stored.

    A network's fault is written on its connection, with a pause before the next attempt.
    """
    stored = 0
    for _ in range(limit):
        leased = _lease(now)
        if leased is None:
            break
        if not can(leased, "fetch"):
            _held(leased).update(due_at=None, lease_until=None)
            continue
        try:
            channel = channel_of(leased)
            know_ourselves(leased, channel)
            page = channel.fetch(leased.cursor)
        except ChannelError as error:
            _fault(leased, error, now)
        except Exception as error:
            log.exception("channel %s broke while fetching", leased.channel)
            _fault(leased, ChannelError(f"{type(error).__name__}: {error}"), now)
        else:
            stored += _keep(leased, page, now)
    return stored


def _lease(now: datetime) -> Connection | None:
    """The connection that has been due longest, ours until `lease_until`."""
    with database.cursor() as cursor:
        cursor.execute(
            """UPDATE listening_connection SET lease_until = %s
               WHERE id = (SELECT id FROM listening_connection
                           WHERE due_at <= %s AND (lease_until IS NULL OR lease_until <= %s)
                           ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
               RETURNING id""",
            [now + LEASE, now, now],
        )
        row = cursor.fetchone()
    return Connection.objects.get(pk=row[0]) if row else None


def _keep(leased: Connection, page: Page, now: datetime) -> int:
    """Store the page and move the cursor, or neither when the lease ran out and another took over."""
    with transaction.atomic():
        moved = (
            _held(leased)
            .filter(cursor=leased.cursor)
            .update(
                cursor=page.cursor,
                due_at=now if page.more else now + SWEEP,
                lease_until=None,
                fetched_at=now,
                heard_at=now if page.deliveries else leased.heard_at,
                faults=0,
                last_fault="",
            )
        )
        if not moved:
            return 0
        return store(
            [delivery.body for delivery in page.deliveries],
            channel=leased.channel,
            route=Received.Route.SWEEP,
            connection_id=leased.pk,
        )


def know_ourselves(leased: Connection, channel: Channel) -> None:
    """Learn the handle's id on the network, by which our own posts, our page and messages to us are known."""
    nameless = Handle.objects.filter(pk=leased.handle_id, external_id="")
    if nameless.exists() and (account := channel.account()):
        nameless.update(external_id=account.external_id)


def _fault(leased: Connection, error: ChannelError, now: datetime) -> None:
    words = error.message.replace("\0", "").encode("utf-8", "replace").decode()[:500]
    _held(leased).update(
        faults=min(leased.faults + 1, 1000),
        last_fault=words,
        last_fault_at=now,
        due_at=now + _pause_after(leased.faults, error),
        lease_until=None,
    )


def _pause_after(faults: int, error: ChannelError) -> timedelta:
    if error.permanent:
        return PERMANENT_PAUSE
    if error.retry_after is not None:
        return min(timedelta(seconds=max(1.0, error.retry_after)), LONGEST_ASKED_PAUSE)
    return min(SWEEP * (1 << min(faults, 10)), LONGEST_PAUSE)


def _held(leased: Connection) -> models.QuerySet[Connection]:
    return Connection.objects.filter(pk=leased.pk, lease_until=leased.lease_until)

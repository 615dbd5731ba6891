"""Reading back: a reply counts once it is seen on the network, not when the network said yes."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.timezone import now as our_time

from hearout.channels.base import ChannelError
from hearout.journal.writing import note
from hearout.lib.doorbell import ring
from hearout.replies.models import Reply
from hearout.replies.sending import LEASE, channel_for, outgoing, park

log = logging.getLogger(__name__)

WAITS = (0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)
"""Seconds between looks: networks show a post up to a few seconds after they took it."""

CLAIM = """
UPDATE replies_reply SET lease_until = clock_timestamp() + make_interval(secs => %s)
WHERE id = (
    SELECT id FROM replies_reply
    WHERE due_at <= clock_timestamp() AND sent_at IS NOT NULL AND seen_at IS NULL
      AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def look_for(limit: int, now: datetime) -> int:
    """Look on the network for up to `limit` replies it has accepted. Returns how many looks were taken."""
    for done in range(limit):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(CLAIM, [LEASE.total_seconds()])
            row = cursor.fetchone()
        if row is None:
            return done
        _look(Reply.objects.select_related("case", "handle", "target", "recipient").get(pk=row[0]))
    return limit


def _look(reply: Reply) -> None:
    try:
        _, channel = channel_for(reply)
        receipt = channel.look_up(outgoing(reply))
    except ChannelError as error:
        return _later(reply, error.message, error.retry_after)
    except Exception as error:
        log.exception("reading back reply %s", reply.pk)
        return _later(reply, f"Something went wrong on our side ({type(error).__name__}).", None)
    if receipt is None:
        return _later(reply, "The network accepted it and does not show it.", None)
    with transaction.atomic(), connection.cursor() as cursor:
        Reply.objects.filter(pk=reply.pk).update(
            seen_at=our_time(), due_at=None, lease_until=None, cause="", external_id=receipt.external_id
        )
        note("reply.seen", brand_id=reply.brand_id, noun="case", noun_id=reply.case_id, reply=reply.pk)
        ring(cursor, [f"case:{reply.case_id}"])


def _later(reply: Reply, cause: str, retry_after: float | None) -> None:
    if reply.tries >= len(WAITS):
        return park(reply, cause)
    wait = timedelta(seconds=retry_after if retry_after is not None else WAITS[reply.tries])
    Reply.objects.filter(pk=reply.pk).update(
        due_at=our_time() + wait, lease_until=None, tries=reply.tries + 1, cause=cause
    )

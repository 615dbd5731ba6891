"""Sending probes: each exactly once, with the care that replies get (`replies/sending.py`).

An attempt is committed (`sending_at`) before the network hears of it. When no outcome follows, the
network is asked first: with an idempotency key the same call is made again, with read-back the post is
looked for, with neither the probe is parked for a person. One that comes too late is drawn anew, for
probes sent in a heap would be no surprise.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from random import Random

from django.db import connection, transaction
from django.utils.timezone import now as our_time

from hearout.channels import registry
from hearout.channels.base import Act, Channel, ChannelError, OutgoingReply, Receipt
from hearout.insight.probes.hearing import keep
from hearout.insight.probes.models import Plan, Probe
from hearout.listening.connecting import channel_of
from hearout.replies.sending import LEASE, LOOKS, MOST_TRIES

log = logging.getLogger(__name__)

LATE = timedelta(hours=1)
"""A probe that nobody sent for so long gets another time in what is left of the window."""

CLAIM = """
UPDATE insight_probe
SET lease_until = clock_timestamp() + make_interval(secs => %s), sending_at = coalesce(sending_at, clock_timestamp())
WHERE id = (
    SELECT p.id FROM insight_probe p
    WHERE p.plan_id = ANY(%s) AND p.due_at <= clock_timestamp() AND p.sent_at IS NULL
      AND (p.lease_until IS NULL OR p.lease_until < clock_timestamp())
      AND (p.sending_at IS NOT NULL
           OR NOT EXISTS (SELECT 1 FROM replies_brake b WHERE b.brand_id = p.brand_id AND b.released_at IS NULL))
    ORDER BY p.due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, (SELECT old.sending_at FROM insight_probe old WHERE old.id = insight_probe.id)
"""


def send_due(plans: list[int], limit: int = 20) -> int:
    """Take up to `limit` due probes of these plans (ids) one step further. Returns how many."""
    for done in range(limit):
        claimed = _claim(plans)
        if claimed is None:
            return done
        probe_id, began_before = claimed
        probe = Probe.objects.select_related("plan", "target", "shopper").get(pk=probe_id)
        _attempt(probe, again=began_before is not None)
    return limit


def outgoing(probe: Probe) -> OutgoingReply:
    """The probe in the words of the channel contract: a public post that answers nothing."""
    return OutgoingReply(
        key=str(probe.key),
        act=Act.PUBLIC_REPLY,
        text=probe.text,
        page_id=probe.target.page_id if probe.own_page else None,
        queued_at=probe.sending_at,
    )


def _claim(plans: list[int]) -> tuple[int, datetime | None] | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, [LEASE.total_seconds(), plans])
        row: tuple[int, datetime | None] | None = cursor.fetchone()
        return row


def _attempt(probe: Probe, *, again: bool) -> None:
    try:
        channel = channel_of(probe.shopper)
        if again:
            _reconcile(probe, channel)
        elif not _too_late(probe):
            _accepted(probe, channel.send(outgoing(probe)))
    except ChannelError as error:
        _refused(probe, error)
    except Exception as error:
        log.exception("sending probe %s", probe.pk)
        _unsure(probe, f"Something went wrong on our side ({type(error).__name__}).")


def _reconcile(probe: Probe, channel: Channel) -> None:
    """An attempt was begun and its outcome is unknown."""
    manifest = registry.manifest(probe.shopper.channel)
    if manifest.idempotent:
        _accepted(probe, channel.send(outgoing(probe)))
    elif not manifest.reads_back:
        _end(
            probe,
            parked_at=our_time(),
            cause="The connection broke, and this network cannot say whether it arrived.",
        )
    elif probe.uncertain_at is None:
        _unsure(probe, "The connection broke while sending; looking for it on the network.")
    elif receipt := channel.look_up(outgoing(probe)):
        _accepted(probe, receipt)
    elif our_time() < probe.uncertain_at + LOOKS[-1]:
        _change(probe, due_at=probe.uncertain_at + LOOKS[-1])
    else:
        # it has had time enough to show up: it did not arrive, so this is a first attempt again
        _change(probe, sending_at=None, uncertain_at=None, due_at=our_time(), tries=probe.tries + 1)


def _too_late(probe: Probe) -> bool:
    """Whether it waited too long for somebody to send it; then it gets another time, or none."""
    now = our_time()
    if probe.tries or probe.due_at is None or now - probe.due_at <= LATE:
        return False
    if now >= probe.plan.ends_at:
        _end(probe, failed_at=now, cause="Its window was over before anybody ran the plan.")
    else:
        drawn = Random(probe.key.int).random()
        _change(probe, due_at=now + (probe.plan.ends_at - now) * drawn, sending_at=None)
    return True


@transaction.atomic
def _accepted(probe: Probe, receipt: Receipt) -> None:
    if receipt.delivery is not None:
        keep(probe.shopper, [receipt.delivery])
    _end(probe, sent_at=our_time(), external_id=receipt.external_id, url=receipt.url, cause="")


def _refused(probe: Probe, error: ChannelError) -> None:
    if error.uncertain:
        return _unsure(probe, error.message)
    began = probe.uncertain_at is not None
    if error.permanent and not began:
        return _end(probe, failed_at=our_time(), cause=error.message)
    if probe.tries + 1 >= MOST_TRIES:
        if began:
            return _end(probe, parked_at=our_time(), cause=f"The network cannot be asked: {error.message}")
        return _end(probe, failed_at=our_time(), cause=error.message)
    wait = timedelta(seconds=error.retry_after if error.retry_after is not None else min(600, 2**probe.tries))
    # a clear refusal: this attempt did nothing. A refused look-up leaves the earlier attempt uncertain
    fresh = {} if began else {"sending_at": None}
    return _change(probe, due_at=our_time() + wait, cause=error.message, tries=probe.tries + 1, **fresh)


def _unsure(probe: Probe, cause: str) -> None:
    if probe.tries + 1 >= MOST_TRIES:
        return _end(probe, parked_at=our_time(), cause=cause)
    return _change(
        probe,
        uncertain_at=probe.uncertain_at or our_time(),
        due_at=our_time() + LOOKS[0],
        cause=cause,
        tries=probe.tries + 1,
    )


def _end(probe: Probe, **fields: object) -> None:
    _change(probe, due_at=None, uncertain_at=None, **fields)


def _change(probe: Probe, **fields: object) -> None:
    Probe.objects.filter(pk=probe.pk).update(lease_until=None, **fields)


def withdraw(plan: Plan) -> int:
    """End the plan for probes that were never begun. Returns how many; an attempt under way takes its course."""
    waiting = plan.probes.filter(sending_at__isnull=True, due_at__isnull=False)
    return waiting.update(
        due_at=None, failed_at=our_time(), cause="The plan was reported before its time came."
    )

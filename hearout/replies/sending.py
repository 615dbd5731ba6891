"""Sending: a reply is written down before it leaves, and nobody is answered twice.

An attempt is committed (`sending_at`) before the network hears of it. If no outcome follows, because
the connection broke or we were killed, the attempt is uncertain and the network is asked first: with
an idempotency key the same call is made again, with read-back the reply is looked for, with neither
it is parked for a person. Only what certainly did not arrive is sent again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.timezone import now as our_time

from hearout.cases.models import Case
from hearout.channels import registry
from hearout.channels.base import Act, Channel, ChannelError, OutgoingReply, Receipt
from hearout.journal.writing import note
from hearout.lib.doorbell import ring
from hearout.listening import receiving
from hearout.listening.connecting import channel_of
from hearout.listening.models import Connection, Received
from hearout.replies.models import Reply
from hearout.replies.news import posts_since

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
"""Longer than a channel may take for one call; after it another worker takes over, as after a crash."""
MOST_TRIES = 8
LOOKS = (timedelta(seconds=3), timedelta(seconds=15))
"""How long after an uncertain attempt the network is asked, first and again, before we call it certain."""

CLAIM = """
UPDATE replies_reply
SET lease_until = clock_timestamp() + make_interval(secs => %s), sending_at = coalesce(sending_at, clock_timestamp())
WHERE id = (
    SELECT r.id FROM replies_reply r
    WHERE r.due_at <= clock_timestamp() AND r.sent_at IS NULL
      AND (r.lease_until IS NULL OR r.lease_until < clock_timestamp())
      AND (r.sending_at IS NOT NULL
           OR NOT EXISTS (SELECT 1 FROM replies_brake b WHERE b.brand_id = r.brand_id AND b.released_at IS NULL))
    ORDER BY r.due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, (SELECT old.sending_at FROM replies_reply old WHERE old.id = replies_reply.id)
"""


def send_due(limit: int, now: datetime) -> int:
    """Take up to `limit` replies one further step towards the network. Returns how many."""
    for done in range(limit):
        claimed = _claim()
        if claimed is None:
            return done
        reply_id, began_before = claimed
        reply = Reply.objects.select_related("case", "handle", "target", "recipient", "brand", "by").get(
            pk=reply_id
        )
        _attempt(reply, again=began_before is not None)
    return limit


def outgoing(reply: Reply) -> OutgoingReply:
    """The reply in the words of the channel contract."""
    return OutgoingReply(
        key=str(reply.key),
        act=Act(reply.act),
        text=reply.text,
        target_id=reply.target.external_id if reply.target else None,
        recipient_id=reply.recipient.external_id if reply.recipient else None,
        queued_at=reply.queued_at,
    )


def channel_for(reply: Reply) -> tuple[Connection, Channel]:
    """The connection to send it over. Raises ChannelError(permanent=True) when there is none."""
    found = Connection.objects.filter(handle=reply.handle_id).first()
    if found is None:
        raise ChannelError(
            f"{reply.handle} is not connected. Connect it in Settings, then send again.", permanent=True
        )
    return found, channel_of(found)


def _claim() -> tuple[int, datetime | None] | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, [LEASE.total_seconds()])
        row: tuple[int, datetime | None] | None = cursor.fetchone()
        return row


def _attempt(reply: Reply, *, again: bool) -> None:
    try:
        link, channel = channel_for(reply)
        if again:
            _reconcile(reply, link, channel)
        elif not _thread_changed(reply):
            accepted(reply, link, channel.send(outgoing(reply)))
    except ChannelError as error:
        _refused(reply, error)
    except Exception as error:
        log.exception("sending reply %s", reply.pk)
        _unsure(reply, f"Something went wrong on our side ({type(error).__name__}).")


def _reconcile(reply: Reply, link: Connection, channel: Channel) -> None:
    """An attempt was begun and its outcome is unknown."""
    manifest = registry.manifest(link.channel)
    if manifest.idempotent:
        accepted(reply, link, channel.send(outgoing(reply)))
    elif not manifest.reads_back:
        park(reply, "The connection broke while sending, and this network cannot tell whether it arrived.")
    elif reply.uncertain_at is None:
        _unsure(reply, "The connection broke while sending; looking for it on the network.")
    elif receipt := channel.look_up(outgoing(reply)):
        accepted(reply, link, receipt)
    elif our_time() < reply.uncertain_at + LOOKS[-1]:
        _put_back(reply, reply.uncertain_at + LOOKS[-1])
    else:
        # it has had time enough to show up: it did not arrive, so this is a first attempt again
        _change(
            reply,
            sending_at=None,
            uncertain_at=None,
            due_at=our_time(),
            lease_until=None,
            tries=reply.tries + 1,
        )


def _thread_changed(reply: Reply) -> bool:
    """Whether somebody wrote since the author read; then the reply goes back to be a draft."""
    if Act(reply.act) not in (Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE) or reply.tries:
        return False
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=reply.case_id)
        if not posts_since(case, reply.thread_version, reply.by):
            return False
        newer = Reply.objects.filter(
            case=case, by=reply.by, queued_at=None, approval_asked_at=None, discarded_at=None
        )
        kept = (
            {"discarded_at": our_time()} if newer.exists() else {"queued_at": None, "approval_asked_at": None}
        )
        cause = "Somebody wrote after you read the thread, so this waits for you. Look, then send again."
        _change(reply, **kept, sending_at=None, due_at=None, lease_until=None, cause=cause)
        _note("reply.stopped", reply)
    return True


@transaction.atomic
def accepted(reply: Reply, link: Connection, receipt: Receipt) -> None:
    """The network has it. It counts once it is read back, which starts now."""
    reads_back = registry.manifest(link.channel).reads_back
    speaks = Act(reply.act) in (Act.PUBLIC_REPLY, Act.PRIVATE_MESSAGE)
    if receipt.delivery is not None and speaks:
        receiving.store(
            [receipt.delivery.body],
            channel=link.channel,
            route=Received.Route.READ_BACK,
            connection_id=link.pk,
        )
    seen = None if reads_back else our_time()
    _change(
        reply,
        sent_at=our_time(),
        seen_at=seen,
        external_id=receipt.external_id,
        url=receipt.url,
        cause="",
        uncertain_at=None,
        lease_until=None,
        tries=0,
        due_at=None if seen else our_time(),
    )
    if seen:
        _note("reply.seen", reply)


@transaction.atomic
def park(reply: Reply, cause: str) -> None:
    """Nobody knows whether it arrived: a person decides."""
    _change(reply, parked_at=our_time(), cause=cause, due_at=None, lease_until=None)
    _note("reply.parked", reply)


@transaction.atomic
def fail(reply: Reply, cause: str) -> None:
    """It certainly did not arrive, and trying again by ourselves will not help."""
    _change(
        reply,
        failed_at=our_time(),
        cause=cause,
        due_at=None,
        lease_until=None,
        sending_at=None,
        uncertain_at=None,
    )
    _note("reply.failed", reply)


def _refused(reply: Reply, error: ChannelError) -> None:
    if error.uncertain:
        return _unsure(reply, error.message)
    began = reply.uncertain_at is not None
    if error.permanent and not began:
        return fail(reply, error.message)
    if reply.tries + 1 >= MOST_TRIES:
        if began:
            return park(reply, f"The network cannot be asked whether it arrived: {error.message}")
        return fail(reply, error.message)
    wait = timedelta(seconds=error.retry_after if error.retry_after is not None else min(600, 2**reply.tries))
    _change(
        reply,
        due_at=our_time() + wait,
        lease_until=None,
        cause=error.message,
        tries=reply.tries + 1,
        # a clear refusal: this attempt did nothing. A refused look-up leaves the earlier attempt uncertain
        **({} if began else {"sending_at": None}),
    )
    if error.retry_after is not None:
        _hold_back(reply, our_time() + wait)


def _hold_back(reply: Reply, until: datetime) -> None:
    """A ban is the account's, not the reply's: nothing else of the handle goes out before it ends."""
    waiting = Reply.objects.filter(handle=reply.handle_id, due_at__lt=until, lease_until=None)
    waiting.exclude(pk=reply.pk).update(due_at=until)


def _unsure(reply: Reply, cause: str) -> None:
    uncertain_at = reply.uncertain_at or our_time()
    if reply.tries + 1 >= MOST_TRIES:
        return park(reply, cause)
    _change(
        reply,
        uncertain_at=uncertain_at,
        due_at=our_time() + LOOKS[0],
        lease_until=None,
        cause=cause,
        tries=reply.tries + 1,
    )


def _put_back(reply: Reply, due_at: datetime) -> None:
    _change(reply, due_at=due_at, lease_until=None)


def _change(reply: Reply, **fields: object) -> None:
    with transaction.atomic():
        Reply.objects.filter(pk=reply.pk).update(**fields)
        for name, value in fields.items():
            setattr(reply, name, value)
        with connection.cursor() as cursor:
            ring(cursor, [f"case:{reply.case_id}"])


def _note(verb: str, reply: Reply) -> None:
    note(verb, brand_id=reply.brand_id, noun="case", noun_id=reply.case_id, reply=reply.pk)

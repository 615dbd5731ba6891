"""What state a reply is in: a pure function of its times."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hearout.replies.models import Reply


class State(StrEnum):
    DRAFT = "draft"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    SEEN = "seen"
    FAILED = "failed"
    PARKED = "parked"
    DISCARDED = "discarded"


WORDS = {
    State.DRAFT: "Draft",
    State.WAITING_FOR_APPROVAL: "Waiting for approval",
    State.QUEUED: "Queued",
    State.SENDING: "Sending",
    State.UNCERTAIN: "Checking on the network",
    State.SENT: "Accepted by the network",
    State.SEEN: "Seen on the network",
    State.FAILED: "Not sent",
    State.PARKED: "Unclear: please decide",
    State.DISCARDED: "Discarded",
}

UNDER_WAY = frozenset({State.QUEUED, State.SENDING, State.UNCERTAIN, State.SENT})


def state(reply: Reply) -> State:
    """The one state the reply is in. Later facts outweigh earlier ones."""
    if reply.discarded_at:
        return State.DISCARDED
    if reply.seen_at:
        return State.SEEN
    if reply.failed_at:
        return State.FAILED
    if reply.parked_at:
        return State.PARKED
    if reply.sent_at:
        return State.SENT
    if reply.queued_at is None:
        return State.WAITING_FOR_APPROVAL if reply.approval_asked_at else State.DRAFT
    if reply.uncertain_at:
        return State.UNCERTAIN
    return State.SENDING if reply.sending_at else State.QUEUED

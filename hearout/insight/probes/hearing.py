"""What the test accounts hear: their own posts and the answers, kept as the network told them.

It stays apart from what the desk receives, so that it shows what a customer sees, also of brands that
are not ours.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable

from django.db import transaction
from django.utils.timezone import now as our_time

from hearout.channels.base import Channel, ChannelError, Delivery, IncomingPost
from hearout.insight.probes.models import Plan, Probe, Shopper, Told
from hearout.listening.connecting import channel_of

log = logging.getLogger(__name__)

MOST_PAGES = 1_000
"""Of one account at one time; a network that never comes to an end must not hold the others up."""


def hear(plan: Plan) -> dict[str, str]:
    """Fetch what is new for the plan's test accounts, and who follows them. Returns the faults by shopper's name."""
    faults: dict[str, str] = {}
    for shopper in Shopper.objects.filter(probes__plan=plan).distinct().order_by("pk"):
        try:
            channel = channel_of(shopper)
            _fetch(shopper, channel)
            _ask_who_follows(plan, shopper, channel)
        except ChannelError as error:
            faults[shopper.name] = error.message
        except Exception as error:
            log.exception("hearing for a test account")
            faults[shopper.name] = f"Something went wrong on our side ({type(error).__name__})."
    return faults


def keep(shopper: Shopper, deliveries: Iterable[Delivery]) -> None:
    """Store payloads, each once."""
    rows = [
        Told(shopper=shopper, body=one.body, digest=hashlib.sha256(one.body).digest()) for one in deliveries
    ]
    Told.objects.bulk_create(rows, ignore_conflicts=True)


def posts_told(plan: Plan) -> tuple[dict[tuple[str, str], IncomingPost], int]:
    """The newest revision of each post that the plan's test accounts were told, by network and id, and how many
    payloads could not be read. A deletion stays a deletion."""
    found: dict[tuple[str, str], IncomingPost] = {}
    unreadable = 0
    for told in Told.objects.filter(shopper__probes__plan=plan).distinct().order_by("pk"):
        try:
            posts = channel_of(told.shopper).parse(Delivery(bytes(told.body)))
        except (ChannelError, RecursionError):
            unreadable += 1
            continue
        for post in posts:
            key = (post.network, post.external_id)
            known = found.get(key)
            if known is None or (known.deleted_at is None and post.revision >= known.revision):
                found[key] = post
    return found, unreadable


def _fetch(shopper: Shopper, channel: Channel) -> None:
    for _ in range(MOST_PAGES):
        page = channel.fetch(shopper.cursor)
        with transaction.atomic():
            keep(shopper, page.deliveries)
            # whoever else fetched in between has moved the cursor; what both bring is kept once
            Shopper.objects.filter(pk=shopper.pk, cursor=shopper.cursor).update(
                cursor=page.cursor, heard_at=our_time()
            )
        shopper.cursor = page.cursor
        if not page.more:
            return


def _ask_who_follows(plan: Plan, shopper: Shopper, channel: Channel) -> None:
    """Of each handle that this account has written to; a network that cannot be asked leaves it unknown."""
    sent = Probe.objects.filter(plan=plan, shopper=shopper, sent_at__isnull=False)
    for target_id, account_id in sent.values_list("target_id", "target__page_id").distinct():
        if account_id:
            known = channel.followed_by(account_id)
            if known is not None:
                sent.filter(target=target_id).update(followed_back=known)

"""A case of Mira's, a network in memory, and hands on the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from hearout.cases.models import Case, CasePost
from hearout.customers.models import Customer
from hearout.listening.models import Mention, Post
from hearout.replies import length, reading_back, sending
from hearout.replies.drafting import save_draft
from hearout.replies.models import Reply
from hearout.replies.network import KilledError, Network, manifest
from hearout.replies.queueing import queue
from hearout.triage.models import Verdict


class Desk:
    """What the tests do, in the desk's words."""

    def __init__(self, cast: Any, network: Network) -> None:
        self.cast = cast
        self.network = network
        self.count = 0
        self.customer = Customer.objects.create(name="Mira K.")
        opening = self.post(cast.mira, "My bag is gone, help!")
        self.case = Case.objects.create(
            brand=cast.brand,
            customer=self.customer,
            opening=opening,
            network="simulator",
            kind="complaint",
            how="direct",
            subject="My bag is gone",
            opened_at=opening.posted_at,
            last_post_at=opening.posted_at,
        )
        self.join(opening)

    def post(self, author: Any, text: str, **more: Any) -> Post:
        self.count += 1
        made = Post.objects.create(
            network="simulator",
            external_id=f"p{self.count}",
            author=author,
            text=text,
            posted_at=self.cast.monday + timedelta(minutes=self.count),
            **more,
        )
        mention = Mention.objects.create(
            post=made, brand=self.cast.brand, handle=self.cast.main_handle, how="direct", due_at=None
        )
        Verdict.objects.create(
            mention=mention, post=made, brand=self.cast.brand, kind="complaint", sentiment="negative",
            emotion="anger", urgency="normal", language="en", needs_answer=True, due_at=None,
            confidence={"language": 0.95},
        )  # fmt: skip
        return made

    def join(self, post: Post, ours: bool = False) -> None:
        """The post joins the case's thread, as the stage that places posts would do it."""
        self.case.refresh_from_db()
        self.case.thread_version += 1
        self.case.save(update_fields=["thread_version"])
        CasePost.objects.create(
            case=self.case, post=post, brand=self.cast.brand, posted_at=post.posted_at, ours=ours,
            wants_answer=not ours, version=self.case.thread_version,
        )  # fmt: skip

    def customer_writes(self, text: str = "And where is it now?") -> Post:
        post = self.post(self.cast.mira, text)
        self.join(post)
        return post

    def draft(self, text: str = "Sorry, Mira. We are looking for it.", by: Any = None, **more: Any) -> Reply:
        more = {"act": "public_reply"} | more
        return save_draft(self.case, by=by or self.cast.ana, text=text, **more)

    def queued(self, text: str = "Sorry, Mira. We are looking for it.", **more: Any) -> Reply:
        """Written, released, and its ten seconds over."""
        self.case.refresh_from_db()
        reply = queue(
            self.draft(text, **more), by=self.cast.ana, seen_version=self.case.thread_version, sure=True
        )
        self.time_passes()
        return reply

    def time_passes(self) -> None:
        """All waits, leases and looks are over."""
        long_ago = now() - timedelta(hours=1)
        Reply.objects.filter(due_at__isnull=False).update(due_at=long_ago)
        Reply.objects.filter(lease_until__isnull=False).update(lease_until=long_ago)
        Reply.objects.filter(uncertain_at__isnull=False).update(uncertain_at=long_ago)

    def work(self, rounds: int = 30) -> None:
        """Send and read back until nothing is due, over as many deaths of the worker as it takes."""
        for _ in range(rounds):
            self.time_passes()
            try:
                if not sending.send_due(20, now()) + reading_back.look_for(20, now()):
                    return
            except KilledError:
                pass


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def desk(cast: Any, network: Network, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for module in (sending, length):
        monkeypatch.setattr(module, "channel_of", lambda connection: network)
    knows(monkeypatch)
    return Desk(cast, network)


def knows(monkeypatch: pytest.MonkeyPatch, *, idempotent: bool = True, reads_back: bool = True) -> None:
    """What the network can do about an uncertain attempt."""
    can = manifest(idempotent=idempotent, reads_back=reads_back)
    monkeypatch.setattr("hearout.channels.registry.manifest", lambda name: can)

"""A worker process for drills: the real pipeline, an agent who answers everybody, and builds broken on purpose.

python -m tests.drill.worker inside|outside|agent [none|forgetful_sender|deaf_sweep]
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from dataclasses import replace
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hearout.settings")


def main(part: str, broken: str) -> None:
    import django

    django.setup()
    from hearout import pipeline
    from hearout.listening import fetching
    from hearout.replies import sending

    if broken == "forgetful_sender":
        # a new key at every attempt: what a sender does that does not write down before it sends
        right = sending.outgoing
        sending.outgoing = lambda reply: replace(right(reply), key=str(uuid.uuid4()))
    if broken == "deaf_sweep":
        # trusts that every webhook arrives
        fetching.fetch_due = lambda limit, now: 0
    sending.LEASE = fetching.LEASE = timedelta(seconds=5)
    if part == "agent":
        answer_everybody()
        return
    stages = list(pipeline.choose(outside=part == "outside"))
    if broken == "deaf_sweep":
        stages = [replace(s, step=fetching.fetch_due) if s.name == "fetch" else s for s in stages]
    pipeline.run_forever(stages, lambda: False, pause=0.05)


def answer_everybody() -> None:
    """An agent who never sleeps: one reply to each case whose customer waits."""
    from django.db import close_old_connections

    from hearout.cases.models import Case
    from hearout.people.models import User
    from hearout.replies import queueing
    from hearout.replies.drafting import save_draft
    from hearout.replies.errors import ReplyError
    from hearout.replies.models import Reply

    queueing.UNDO_SECONDS = 0
    agent = User.objects.get(email="ana@tidewing.example")
    while True:
        close_old_connections()
        waiting = Case.objects.filter(closure=None, waiting_since__isnull=False).order_by("waiting_since")
        for case in waiting[:50]:
            pending = Reply.objects.filter(
                case=case, queued_at__isnull=False, discarded_at=None, failed_at=None
            )
            last = pending.order_by("-queued_at").first()
            joined = last and case.posts.filter(ours=True, post__external_id=last.external_id).exists()
            if last and not (last.seen_at and joined):
                continue
            # the list is old by now: look at the case as it is before answering it
            case.refresh_from_db()
            if case.waiting_since is None:
                continue
            private = case.posts.filter(post__private=True, ours=False).exists()
            act = "private_message" if private else "public_reply"
            text = f"We are on it, one moment please. Ref {uuid.uuid4().hex[:8]}"
            try:
                draft = save_draft(case, by=agent, act=act, text=text)
                queueing.queue(draft, by=agent, seen_version=case.thread_version, sure=True)
            except ReplyError:
                continue
        time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "none")

"""Posts with their verdicts, as triage would leave them, and a case to try verbs on."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from hearout.cases.models import Case, CasePost
from hearout.customers.models import Author, Customer
from hearout.listening.models import Mention, Post
from hearout.triage.models import Verdict

numbers = count(1)


class Town:
    """Says posts into the database. Times are minutes after the cast's Monday, 10:00."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        self.us = Author.objects.create(network="simulator", external_id="u_tidewing", handle="tidewing")

    def at(self, minutes: float) -> datetime:
        return self.cast.monday + timedelta(minutes=minutes)

    def post(
        self, author: Author, minutes: float, text: str = "Hello", to: Post | None = None, **more: Any
    ) -> Post:
        number = next(numbers)
        made = Post.objects.create(
            network="simulator",
            external_id=f"p{number}",
            author=author,
            text=text,
            parent=to,
            posted_at=self.at(minutes),
            **more,
        )
        if made.root_id is None:
            made.root = to.root if to else made
            made.save(update_fields=["root"])
        return made

    def says(
        self,
        author: Author,
        minutes: float,
        text: str = "Where is my bag?",
        to: Post | None = None,
        *,
        wants: bool = True,
        kind: str = "question",
        priority: int = 1,
        team: Any = None,
        **more: Any,
    ) -> Verdict:
        """A customer's post and its verdict."""
        return self.verdict(
            self.post(author, minutes, text, to, **more), "direct", wants, kind, priority, team
        )

    def we_say(self, minutes: float, to: Post | None = None, text: str = "Sorry!", **more: Any) -> Verdict:
        """A post by @tidewing and its verdict."""
        made = self.post(self.us, minutes, text, to, handle=self.cast.main_handle, **more)
        return self.verdict(made, "ours", False, "other")

    def verdict(
        self, post: Post, how: str, wants: bool, kind: str, priority: int = 1, team: Any = None
    ) -> Verdict:
        mention = Mention.objects.create(post=post, brand=self.cast.brand, how=how, due_at=None)
        return Verdict.objects.create(
            mention=mention,
            post=post,
            brand=self.cast.brand,
            kind=kind,
            sentiment="neutral",
            emotion="none",
            urgency="normal",
            needs_answer=wants,
            priority=priority,
            team=team,
        )

    def case(self, author: Author, minutes: float = 0, **more: Any) -> Case:
        """A case with one post, made without the stage that opens cases."""
        if author.customer is None:
            author.customer = Customer.objects.create(name=author.name)
            author.save(update_fields=["customer"])
        opening = self.post(author, minutes)
        fields = {"network": "simulator", "kind": "question", "how": "direct", "subject": "Hello", **more}
        made = Case.objects.create(
            brand=self.cast.brand,
            customer=author.customer,
            opening=opening,
            opened_at=opening.posted_at,
            last_post_at=opening.posted_at,
            waiting_since=opening.posted_at,
            **fields,
        )
        CasePost.objects.create(
            case=made,
            post=opening,
            brand=made.brand,
            posted_at=opening.posted_at,
            ours=False,
            wants_answer=True,
        )
        return made


@pytest.fixture
def town(cast: Any) -> Town:
    return Town(cast)

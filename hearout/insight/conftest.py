"""Posts for the tests of figures, written straight into the tables that figures read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from conftest import Cast

Say = Callable[..., Any]


@pytest.fixture
def say(cast: Cast) -> Say:
    """`say(who, text, minutes, under=None, **fields)`: a post by an author or a handle so long after Monday 10:00.

    `mention`: how it mentions Tidewing, with `handle` where it arrived; `kind`: the verdict's reading.
    """
    from hearout.customers.models import Author
    from hearout.listening.models import Handle, Mention, Post
    from hearout.triage.models import Verdict

    numbers = count(1)

    def speaker(handle: Handle) -> Author:
        return Author.objects.get_or_create(
            network=handle.network, external_id=f"u_{handle.handle}", defaults={"handle": handle.handle}
        )[0]

    def say(who, text="", minutes=0.0, under=None, *, mention=None, kind=None, wants=None, **fields):
        at: datetime = cast.monday + timedelta(minutes=minutes)
        verdict = {"thanks": fields.pop("thanks", False), "team": fields.pop("team", None)}
        arrived, own_page = fields.pop("arrived", None), fields.pop("own_page", False)
        ours = isinstance(who, Handle)
        post = Post(
            network=who.network,
            external_id=f"p{next(numbers)}",
            author=speaker(who) if ours else who,
            handle=who if ours else None,
            text=text,
            posted_at=at,
            parent=under,
            parent_external_id=under.external_id if under else "",
        )
        for name, value in fields.items():
            setattr(post, name, value)
        post.save()
        Post.objects.filter(pk=post.pk).update(root=under.root_id or under.pk if under else post.pk)
        post.refresh_from_db()
        if mention or kind:
            row = Mention.objects.create(
                post=post, brand=cast.brand, how=mention or "direct", handle=arrived, own_page=own_page
            )
        if kind:
            wants = kind in ("question", "complaint") if wants is None else wants
            Verdict.objects.create(
                mention=row, post=post, brand=cast.brand, kind=kind, needs_answer=wants, **verdict,
                set_aside="" if wants else "nothing to answer",
            )  # fmt: skip
        return post

    return say

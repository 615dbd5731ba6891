"""Many posts at once, as the stages leave them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from conftest import Cast

Fill = Callable[..., list[Any]]


@pytest.fixture
def fill(cast: Cast) -> Fill:
    """`fill(times, kind="complaint", topics=(), text=..., authors=5)`: posts about Tidewing with their verdicts."""
    from hearout.customers.models import Author
    from hearout.listening.models import Mention, Post
    from hearout.triage.models import Verdict

    numbers = count(1)
    many = [
        Author.objects.create(network="simulator", external_id=f"w{n}", handle=f"w{n}") for n in range(30)
    ]

    def fill(
        times: Iterable[datetime], kind: str = "question", topics: tuple[str, ...] = (), text: str = "hm",
        brand: Any = None, **fields: Any,
    ) -> list[Any]:  # fmt: skip
        brand, wants = brand or cast.brand, kind in ("question", "complaint")
        posts = Post.objects.bulk_create(
            Post(network="simulator", external_id=f"t{number}", author=many[number % 30], text=text, posted_at=at,
                 **fields)
            for number, at in zip(numbers, times, strict=False)
        )  # fmt: skip
        mentions = Mention.objects.bulk_create(
            Mention(post=post, brand=brand, how="direct", due_at=None) for post in posts
        )
        Verdict.objects.bulk_create(
            Verdict(mention=one, post=one.post, brand=brand, kind=kind, needs_answer=wants, topics=list(topics),
                    set_aside="" if wants else "nothing to answer", due_at=None)
            for one in mentions
        )  # fmt: skip
        return posts

    return fill


@pytest.fixture
def every(cast: Cast) -> Callable[..., list[datetime]]:
    """`every(minutes, days, start=0)`: moments that far apart, from so many days after Monday on."""

    def every(minutes: float, days: float, start: float = 0.0) -> list[datetime]:
        first = cast.monday + timedelta(days=start)
        return [first + timedelta(minutes=minutes * n) for n in range(int(days * 1440 / minutes))]

    return every


@pytest.fixture
def watched(cast: Cast) -> Callable[..., Any]:
    """`watched(days)`: watch until so many days after Monday. Returns the brand's watch."""
    from hearout.insight.trends.models import Watch
    from hearout.insight.trends.watching import watch_due

    def watched(days: float) -> Any:
        now = cast.monday + timedelta(days=days)
        for _ in range(100):
            if not watch_due(10, now):
                return Watch.objects.get(brand=cast.brand)
        raise AssertionError("the watch did not come to rest")

    return watched

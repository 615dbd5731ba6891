"""Mentions of Tidewing to decide about, made without the listening stage."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from hearout.customers.models import Author
from hearout.listening.models import Mention, Post
from hearout.triage import deciding
from hearout.triage.deciding import decide
from hearout.triage.models import Rule, Verdict
from hearout.understanding.reading import Emotion, Kind, Reading, Sentiment, Urgency


class Desk:
    """`mention` makes one, `decide` runs the stage, `verdict_on` does both."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        self._numbers = count(1)

    def mention(
        self,
        text: str,
        how: str = "direct",
        brand: Any = None,
        author: Author | None = None,
        handle: Any = None,
        own_page: bool = False,
        **more: Any,
    ) -> Mention:
        post = Post.objects.create(
            network="simulator",
            external_id=f"t{next(self._numbers)}",
            author=author or self.cast.mira,
            text=text,
            posted_at=more.pop("posted_at", self.cast.monday),
            **more,
        )
        return Mention.objects.create(
            post=post,
            brand=brand or self.cast.brand,
            handle=handle or (self.cast.main_handle if how == "direct" else None),
            how=how,
            own_page=own_page,
        )

    def rule(self, conditions: Any, position: int = 10, **more: Any) -> Rule:
        fields = {"brand": self.cast.brand, "name": f"rule {position}", **more}
        return Rule.objects.create(position=position, conditions=conditions, **fields)

    def decide(self) -> int:
        decided = 0
        while step := decide(300, self.cast.monday):
            decided += step
        return decided

    def verdict_on(self, text: str, how: str = "direct", **more: Any) -> Verdict:
        made = self.mention(text, how, **more)
        self.decide()
        return Verdict.objects.get(mention=made)


@pytest.fixture
def triage(cast: Any) -> Desk:
    return Desk(cast)


class Oracle:
    """A reader that says what it is told to."""

    name = "oracle"

    def __init__(self, **fields: Any) -> None:
        plain: dict[str, Any] = {
            "language": "en",
            "kind": Kind.OTHER,
            "sentiment": Sentiment.NEUTRAL,
            "emotion": Emotion.NONE,
            "urgency": Urgency.NORMAL,
            "needs_answer": False,
        }
        self.reading = Reading(**{**plain, **fields})

    def read(self, texts: Any) -> list[Reading]:
        return [self.reading for _ in texts]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Call it with the fields of the reading that every post gets from now on."""

    def tell(**fields: Any) -> None:
        oracle = Oracle(**fields)
        monkeypatch.setattr(deciding, "reader_of", lambda brand_id, page: oracle)

    return tell

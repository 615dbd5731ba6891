"""A desk with cases on it, as the stages would leave them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html.parser import HTMLParser
from itertools import count
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from hearout.cases.models import Case, CasePost
from hearout.clocks.models import Clock, Hours, Standard
from hearout.customers.models import Author, Customer
from hearout.desk.overview import taken
from hearout.listening.models import Mention, Post
from hearout.triage.models import Verdict

PASSWORD = "a long password"  # noqa: S105 - of the test cast
numbers = count(1)


@pytest.fixture(autouse=True)
def _plain_static(settings: Any) -> None:
    """Names without hashes: tests do not collect static files."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**django_settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def _fresh_figures() -> Iterator[None]:
    """Figures are kept for some seconds, and tests for less."""
    taken.forget()
    yield
    taken.forget()


@dataclass
class Desk:
    """Makes posts and cases of the cast's brand."""

    cast: Any

    def sign_in(self, user: Any) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    def post(self, author: Any, text: str, at: datetime | None = None, **fields: Any) -> Post:
        number = next(numbers)
        return Post.objects.create(
            network="simulator",
            external_id=f"p{number}",
            author=author,
            text=text,
            posted_at=at or timezone.now(),
            url=f"https://sim.example/p{number}",
            **fields,
        )

    def read(self, post: Post, kind: str = "complaint", *, brand: Any = None, **fields: Any) -> Verdict:
        brand = brand or self.cast.brand
        mention = Mention.objects.create(
            post=post, brand=brand, how="direct", words=["@tidewing"], due_at=None
        )
        known = {
            "sentiment": "negative",
            "emotion": "anger",
            "urgency": "normal",
            "language": "en",
            "needs_answer": True,
            "confidence": {"kind": 0.95, "emotion": 0.55},
            "reasons": {"kind": ["lost"]},
            "because": "complaints go to Care",
        }
        return Verdict.objects.create(
            mention=mention, post=post, brand=brand, kind=kind, due_at=None, **{**known, **fields}
        )

    def case(
        self,
        author: Any = None,
        text: str = "@tidewing you lost my bag",
        *,
        minutes_ago: float = 10,
        brand: Any = None,
        kind: str = "complaint",
        **fields: Any,
    ) -> Case:
        brand = brand or self.cast.brand
        author = author or self.author(f"guest{next(numbers)}")
        if author.customer is None:
            author.customer = Customer.objects.create(name=author.name[:200])
            author.save()
        at = timezone.now() - timedelta(minutes=minutes_ago)
        post = self.post(author, text, at)
        self.read(post, kind, brand=brand)
        known = {"network": "simulator", "how": "direct", "subject": text[:160], "waiting_since": at}
        case = Case.objects.create(
            brand=brand,
            customer=author.customer,
            opening=post,
            kind=kind,
            opened_at=at,
            last_post_at=at,
            **{**known, **fields},
        )
        self.joins(case, post, wants_answer=True)
        return case

    def joins(self, case: Case, post: Post, *, ours: bool = False, wants_answer: bool = False) -> CasePost:
        return CasePost.objects.create(
            case=case,
            post=post,
            brand=case.brand,
            posted_at=post.posted_at,
            ours=ours,
            wants_answer=wants_answer,
        )

    def author(self, handle: str, name: str = "") -> Author:
        return Author.objects.create(network="simulator", external_id=f"u_{handle}", handle=handle, name=name)

    def clock(self, case: Case, *, minutes: float, measure: str = "first_response", **times: Any) -> Clock:
        """A clock that falls due in so many minutes, at risk in the last quarter of an hour."""
        hours, _ = Hours.objects.get_or_create(brand=case.brand, name="Always", always=True)
        known = {"measure": measure, "target_seconds": 3600, "hours": hours}
        standard, _ = Standard.objects.get_or_create(
            brand=case.brand, name=f"{measure} in an hour", defaults=known
        )
        due = timezone.now() + timedelta(minutes=minutes)
        facts = {"due_at": due, "at_risk_at": due - timedelta(minutes=15), "started_at": case.opened_at}
        return Clock.objects.create(
            case=case, brand=case.brand, standard=standard, measure=measure, **{**facts, **times}
        )


@pytest.fixture
def desk(cast: Any) -> Desk:
    return Desk(cast)


class Tags(HTMLParser):
    """Every start tag of a page, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


@pytest.fixture
def tags_of() -> Callable[[Any], list[tuple[str, dict[str, str]]]]:
    def read(response: Any) -> list[tuple[str, dict[str, str]]]:
        tags = Tags()
        tags.feed(response.content.decode())
        return tags.found

    return read


@pytest.fixture
def answered(desk: Desk, cast: Any) -> Desk:
    """Two openings of the last hour: Mira's, answered after 20 minutes, and Tom's, which waits."""
    for author, text in ((cast.mira, "@tidewing my bag is gone"), (cast.tom, "@tidewing when do you open?")):
        case = desk.case(author, text, minutes_ago=60)
        post = case.opening
        post.root = post
        post.save()
        post.mentions.update(handle=cast.main_handle)
        if author is cast.mira:
            desk.post(
                author, "On it", post.posted_at + timedelta(minutes=20), parent=post, root=post,
                parent_external_id=post.external_id, handle=cast.main_handle,
            )  # fmt: skip
    return desk

"""A brand with one of everything that settings can change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hearout.clocks.models import DayOverride, Hours, Shift
from hearout.clocks.standards import default_standards
from hearout.journal.models import Entry
from hearout.replies.models import SavedReply
from hearout.triage.default_rules import give_default_rules
from hearout.triage.topics import Topic


@dataclass
class Office:
    """`change` posts a form as somebody; `page` reads one."""

    cast: Any
    desk: Any
    hours: Hours
    standards: list[Any]
    rules: list[Any]
    saved: SavedReply
    topic: Topic
    clients: dict[int, Client] = field(default_factory=dict)

    def url(self, name: str, *args: object) -> str:
        return reverse(name, args=[self.cast.brand.pk, *args])

    def client(self, user: Any) -> Client:
        return self.clients.setdefault(user.pk, self.desk.sign_in(user))

    def page(self, name: str, /, *args: object, by: Any = None, **query: str) -> Any:
        return self.client(by or self.cast.ada).get(self.url(name, *args), query)

    def change(self, name: str, /, *args: object, by: Any = None, **fields: Any) -> Any:
        data = {key.replace("__", "-"): value for key, value in fields.items()}
        return self.client(by or self.cast.ada).post(self.url(name, *args), data)

    def last(self) -> Entry:
        entry = Entry.objects.filter(brand_id=self.cast.brand.pk, verb="settings.changed").last()
        assert entry is not None
        return entry


@pytest.fixture
def office(desk: Any, cast: Any) -> Office:
    hours = Hours.objects.create(brand=cast.brand, name="Care desk", timezone="Europe/Lisbon", country="PT")
    for weekday in range(5):
        Shift.objects.create(hours=hours, weekday=weekday, starts=time(7), ends=time(13))
    DayOverride.objects.create(hours=hours, date="2099-12-24")
    saved = SavedReply.objects.create(brand=cast.brand, name="Thanks", text="Thank you, {first_name}!")
    standards, rules = default_standards(cast.brand, hours), give_default_rules(cast.brand)
    topic = Topic.objects.create(brand=cast.brand, name="Lounge", words="lounge\nlounges")
    return Office(cast, desk, hours, standards, rules, saved, topic)

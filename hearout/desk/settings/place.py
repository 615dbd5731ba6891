"""Where in the settings somebody is, and who may be there: every page of a brand's settings passes this door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from hearout.desk.request import DeskRequest, View, at_the_desk
from hearout.desk.shell import shell_of
from hearout.desk.zones import zone_of
from hearout.people.doors import ADMINISTERS, EVERYBODY, LEADS, membership_for
from hearout.people.models import Brand, Membership, Role, User


@dataclass(frozen=True)
class Section:
    """One entry of the settings' list. `roles`: who may open it and change what is in it."""

    slug: str
    label: str
    icon: str
    roles: tuple[Role, ...]


SECTIONS = {
    section.slug: section
    for section in (
        Section("people", "People", "mine", LEADS),
        Section("teams", "Teams", "unassigned", ADMINISTERS),
        Section("handles", "Handles", "globe", ADMINISTERS),
        Section("watchwords", "Watchwords", "search", ADMINISTERS),
        Section("queries", "Listening queries", "filter", ADMINISTERS),
        Section("hours", "Business hours", "clock", ADMINISTERS),
        Section("standards", "Standards", "flag", ADMINISTERS),
        Section("rules", "Rules", "filter", ADMINISTERS),
        Section("topics", "Topics", "tag", ADMINISTERS),
        Section("reading", "Reading", "brain", ADMINISTERS),
        Section("saved-replies", "Saved replies", "reply", LEADS),
        Section("history", "History", "note", ADMINISTERS),
    )
}


@dataclass(frozen=True)
class Place:
    """A member of a brand at one section of its settings."""

    member: Membership
    section: Section

    @property
    def user(self) -> User:
        return self.member.user

    @property
    def brand(self) -> Brand:
        return self.member.brand

    @property
    def administers(self) -> bool:
        return self.member.role in ADMINISTERS

    def url(self, name: str, *args: object) -> str:
        return reverse(name, args=[self.brand.pk, *args])


def settings_page(slug: str, roles: tuple[Role, ...] | None = None) -> Callable[[View], View]:
    """A view of one section: `brand_id` in the address becomes a Place, or a 404 for who has no business there.

    `roles` narrows the section's. Times are shown in the brand's zone.
    """
    section = SECTIONS[slug]

    def door(view: View) -> View:
        @at_the_desk
        @wraps(view)
        def opened(request: DeskRequest, brand_id: int, **names: Any) -> HttpResponse:
            member = membership_for(request.user, brand_id, roles or section.roles)
            if shell := shell_of(request):
                # The frame speaks of the brand whose settings these are.
                shell.brand_wanted = str(brand_id)
            with timezone.override(zone_of(member.brand)):
                return view(request, Place(member, section), **names)

        return opened

    return door


@dataclass(frozen=True)
class Entry:
    """One line of the list at the side."""

    label: str
    icon: str
    url: str
    here: bool


def entries(user: User, brand: Brand | None, here: str) -> list[Entry]:
    """What this person may open, for the brand."""
    found = [Entry("Your profile", "shield", reverse("settings-profile"), here == "profile")]
    member = Membership.objects.filter(user=user, brand=brand).first() if brand else None
    for section in SECTIONS.values():
        if member and brand and member.role in section.roles:
            url = reverse(f"settings-{section.slug}", args=[brand.pk])
            found.append(Entry(section.label, section.icon, url, here == section.slug))
    return found


def brand_to_set_up(
    user: User, wanted: Brand | None, roles: tuple[Role, ...] = EVERYBODY
) -> Membership | None:
    """The membership whose settings open first: at the chosen brand, else where the user may change most."""
    mine = (
        Membership.objects.filter(user=user, role__in=roles).select_related("brand").order_by("brand__name")
    )
    by_power = sorted(mine, key=lambda m: (m.role not in ADMINISTERS, m.role not in LEADS))
    return next(
        (m for m in by_power if wanted and m.brand_id == wanted.pk), by_power[0] if by_power else None
    )

"""The cast that every test shares."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public data sets beside the checkout, never part of it; tests that need them skip without."""
    folder = Path(os.environ.get("HEAROUT_DATA", Path(__file__).parent.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data sets at {folder} (set HEAROUT_DATA)")
    return folder


@dataclass
class Cast:
    """One brand, its people, its customers: the same in every test."""

    brand: object
    other_brand: object
    ana: object
    ben: object
    sol: object
    ada: object
    lin: object
    stranger: object
    care: object
    praise: object
    main_handle: object
    care_handle: object
    connection: object
    mira: object
    tom: object
    priya: object
    monday: datetime


@cache
def _hashed() -> str:
    """The cast's password, "a long password": hashed once, because a good hash is slow on purpose."""
    from django.contrib.auth.hashers import make_password

    return make_password("a long password")


@pytest.fixture
def cast(db: None) -> Cast:
    """Tidewing, an airline: Ana and Ben answer, Sol leads, Ada administers, Lin analyses; Mira complains,
    Tom asks, Priya praises. The stranger is an agent of another brand. `monday` is a working day, 10:00 UTC."""
    from hearout.customers.models import Author
    from hearout.listening.models import Connection, Handle, Watchword
    from hearout.people.models import Brand, Membership, Role, Team, User

    brand = Brand.objects.create(slug="tidewing", name="Tidewing", timezone="Europe/Lisbon")
    other = Brand.objects.create(slug="orchard", name="Orchard Rail")

    def person(name: str, role: Role, at: Brand = brand) -> User:
        user = User.objects.create(email=f"{name.lower()}@{at.slug}.example", password=_hashed(), name=name)
        Membership.objects.create(user=user, brand=at, role=role)
        return user

    def author(handle: str, name: str) -> Author:
        return Author.objects.create(network="simulator", external_id=f"u_{handle}", handle=handle, name=name)

    care = Team.objects.create(brand=brand, name="Care")
    praise = Team.objects.create(brand=brand, name="Praise")
    main = Handle.objects.create(
        brand=brand, network="simulator", handle="tidewing", external_id="u_tidewing", role="main"
    )
    care_handle = Handle.objects.create(
        brand=brand, network="simulator", handle="tidewingcare", external_id="u_tidewingcare", role="care"
    )
    for kind, text in (("name", "Tidewing"), ("product", "Tidewing Go"), ("hashtag", "tidewing")):
        Watchword.objects.create(brand=brand, kind=kind, text=text)
    ana, ben = person("Ana", Role.AGENT), person("Ben", Role.AGENT)
    for agent in (ana, ben):
        agent.memberships.get().teams.add(care)
    return Cast(
        brand=brand,
        other_brand=other,
        ana=ana,
        ben=ben,
        sol=person("Sol", Role.SUPERVISOR),
        ada=person("Ada", Role.ADMIN),
        lin=person("Lin", Role.ANALYST),
        stranger=person("Stranger", Role.ADMIN, other),
        care=care,
        praise=praise,
        main_handle=main,
        care_handle=care_handle,
        connection=Connection.objects.create(handle=main, channel="simulator"),
        mira=author("mira_k", "Mira K."),
        tom=author("tom_on_tour", "Tom"),
        priya=author("priya_sky", "Priya"),
        monday=datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
    )

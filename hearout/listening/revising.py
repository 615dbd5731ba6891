"""What an admin does with queries: write, revise, go back, switch; each leaves a version or a line, and one entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from hearout.journal.writing import note
from hearout.lib.doorbell import ring
from hearout.listening.queries import Query, QueryVersion
from hearout.listening.query.parser import parse
from hearout.listening.query.toml import Query as Asked
from hearout.listening.query.toml import read_queries, written
from hearout.people.models import Brand, User

MOST_QUERIES = 10_000
LONGEST = 20_000
"""Characters of an expression."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a query asks: as a `QueryVersion` has it."""

    expression: str
    languages: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    tolerance: int = 2

    @classmethod
    def of(cls, version: QueryVersion) -> Wording:
        return cls(version.expression, tuple(version.languages), tuple(version.networks), version.tolerance)

    def asked(self, name: str, brand: str = "") -> Asked:
        """As files and the engine have it. Raises QueryError."""
        return Asked(
            name=name,
            expression=self.expression,
            node=parse(self.expression),
            brand=brand,
            languages=self.languages,
            networks=self.networks,
            tolerance=True if self.tolerance == 2 else self.tolerance,
        )


class RevisingError(ValueError):
    """What cannot be done, in a sentence for the admin."""


@transaction.atomic
def write(brand: Brand, name: str, wording: Wording, *, by: User | None, why: str = "") -> Query:
    """A new query, which listens from now on. Raises QueryError, and IntegrityError where the name is taken."""
    parse(wording.expression)
    if Query.objects.filter(brand=brand).count() >= MOST_QUERIES:
        raise RevisingError(f"At most {MOST_QUERIES:,} queries.")
    query = Query.objects.create(brand=brand, name=name)
    _version(query, wording, by, why)
    _note(query, by, "added", expression=wording.expression[:160])
    return query


@transaction.atomic
def revise(query: Query, wording: Wording, *, by: User | None, why: str = "", name: str = "") -> Query:
    """A new version, which listens from now on; the same wording again makes none. Raises QueryError."""
    parse(wording.expression)
    query.refresh_from_db(from_queryset=Query.objects.select_for_update(no_key=True))
    before, changes = Wording.of(current(query)), {}
    if wording != before:
        query.version = newest(query) + 1
        _version(query, wording, by, why)
        changes = _changes(before, wording)
    if name and name != query.name:
        changes["name"] = [query.name, name]
        query.name = name
    if changes:
        query.save(update_fields=["name", "version"])
        _note(query, by, "changed", changes=changes, version=query.version)
    return query


def go_back(query: Query, number: int, *, by: User) -> Query:
    """Ask again what an earlier version asked: as a new version, so that the past stays as it was."""
    old = QueryVersion.objects.filter(query=query, number=number).first()
    if old is None:
        raise RevisingError("There is no such version.")
    return revise(query, Wording.of(old), by=by, why=f"as in version {number}")


@transaction.atomic
def switch(query: Query, *, on: bool, by: User) -> Query:
    """Let it listen, or not: nothing of it is lost."""
    query.refresh_from_db(from_queryset=Query.objects.select_for_update(no_key=True))
    if query.listens is not on:
        query.off_at, query.off_by = (None, None) if on else (timezone.now(), by)
        query.save(update_fields=["off_at", "off_by"])
        _note(query, by, "switched on" if on else "switched off")
    return query


def current(query: Query) -> QueryVersion:
    return QueryVersion.objects.get(query=query, number=query.version)


def newest(query: Query) -> int:
    return QueryVersion.objects.filter(query=query).order_by("-number").values_list("number", flat=True)[0]


def current_versions(brand: Brand, *, listening: bool = False) -> list[tuple[Query, QueryVersion]]:
    """Each query with what it asks now, by name; with `listening` only those that are switched on."""
    queries = {one.pk: one for one in Query.objects.filter(brand=brand) if one.listens or not listening}
    versions = QueryVersion.objects.filter(query__in=queries, number=F("query__version")).select_related("by")
    pairs = [(queries[version.query_id], version) for version in versions]
    return sorted(pairs, key=lambda pair: pair[0].name.lower())


def toml_of(brand: Brand) -> str:
    """All queries of a brand that listen, as TOML."""
    pairs = current_versions(brand, listening=True)
    return written(Wording.of(version).asked(query.name, brand.name) for query, version in pairs)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a file brought: how many queries are new, changed, and as they were."""

    new: int
    changed: int
    same: int


@transaction.atomic
def take_in(brand: Brand, text: str, *, by: User | None) -> TakenIn:
    """Write the queries of a TOML file and revise those of the same name; others stay. Raises QueriesError."""
    asked = read_queries(text, "the file")
    known = {query.name.lower(): query for query in Query.objects.filter(brand=brand)}
    new = changed = 0
    for one in _meant_for(brand, asked):
        wording = Wording(one.expression, one.languages, one.networks, one.most_edits)
        mine = known.get(one.name.lower())
        if mine is None:
            write(brand, one.name[:80], wording, by=by, why="from a file")
            new += 1
        else:
            before = mine.version
            changed += revise(mine, wording, by=by, why="from a file").version != before
    return TakenIn(new, changed, len(asked) - new - changed)


def _meant_for(brand: Brand, asked: Sequence[Asked]) -> Iterable[Asked]:
    others = sorted({one.brand for one in asked if one.brand and not _is(brand, one.brand)})
    if others:
        raise RevisingError(
            f"The file has queries of “{others[0]}”, and this is {brand}. Take them out, or open that brand."
        )
    for one in asked:
        if len(one.name) > 80:
            raise RevisingError(f"The name “{one.name[:40]}…” has more than 80 letters.")
    return [replace(one, name=" ".join(one.name.split())) for one in asked]


def _is(brand: Brand, named: str) -> bool:
    return named.strip().lower() in (brand.name.lower(), brand.slug.lower())


def _version(query: Query, wording: Wording, by: User | None, why: str) -> None:
    QueryVersion.objects.create(
        query=query, number=query.version, expression=wording.expression, languages=list(wording.languages),
        networks=list(wording.networks), tolerance=wording.tolerance, by=by, note=why[:200],
    )  # fmt: skip


def _changes(before: Wording, after: Wording) -> dict[str, list[str]]:
    return {
        name: [_said(getattr(before, name)), _said(getattr(after, name))]
        for name in ("expression", "languages", "networks", "tolerance")
        if getattr(before, name) != getattr(after, name)
    }


def _said(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text[:160] or "any"


def _note(query: Query, by: User | None, did: str, **facts: Any) -> None:
    facts = {"did": did, "name": query.name, **facts}
    note(
        "settings.changed", brand_id=query.brand_id, noun="query", noun_id=query.pk,
        by=by.pk if by else None, **facts,
    )  # fmt: skip
    with connection.cursor() as cursor:
        ring(cursor, [f"brand:{query.brand_id}"])

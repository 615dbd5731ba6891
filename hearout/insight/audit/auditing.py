"""An audit: the facts of an archive, or of the live database, as a document in the studies' own measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import ibis
from ibis.expr.types import Table

from hearout import __version__
from hearout.insight.audit import findings as beyond
from hearout.insight.audit import moves, published
from hearout.insight.audit.brands import Brands
from hearout.insight.audit.document import Audit, Counts, Json, archive_of
from hearout.insight.audit.figures import count, of_brand, with_flags
from hearout.insight.audit.findings import Findings
from hearout.insight.audit.studies import studies
from hearout.insight.engine import Engine, Row, Scratch
from hearout.insight.facts import facts
from hearout.insight.figures import exclusions_of
from hearout.insight.metrics.expectation import weights
from hearout.insight.scope import ALL, LIVE, Scope
from hearout.insight.tables import Tables
from hearout.insight.threads import with_threads

Tell = Callable[[str], None]

SUSPICIOUS = 100
NONE_UNANSWERED = (
    "Every opening was answered: an archive gathered from answers has no others; its rates say nothing"
)


@dataclass(frozen=True)
class AuditOptions:
    """`scope` and `archive_id` as for any figure. `tone`: whether texts were read, without which some figures are
    unknown. `brands`: of brands.toml, for their industry. `names`: by slug, where the report should not show slugs."""

    scope: Scope = field(default_factory=lambda: Scope(ALL))
    archive_id: int | None = None
    name: str = ""
    inputs: Sequence[str] = ()
    tone: bool = True
    brands: Brands | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def audit(
    engine: Engine, tables: Tables, counts: Counts, *, options: AuditOptions, tell: Tell = lambda text: None
) -> Audit:
    """The audit of what the tables hold. `tell` is called with what is being done."""
    tell("finding openings and answers")
    known = facts(tables, options.scope, options.archive_id)
    if tables.found is None:
        known = replace(known, openings=engine.keep("openings", known.openings))
    tell("looking into the threads")
    with Scratch(engine) as scratch:
        known = with_flags(with_threads(known, scratch.keep), tone=options.tone)
        known = replace(known, openings=engine.keep("openings", known.openings))
    excluded, owned = engine.run(known.exclusions, _owned(tables))
    exclusions = exclusions_of(excluded)
    groups = count(known, engine, tone=options.tone, tell=tell)
    tell("working out the figures")
    whole = of_brand(groups, None, tone=options.tone)
    brands = [
        {**brand, **of_brand(groups, brand["slug"], tone=options.tone)}
        for brand in _brands(owned, groups[""], options)
    ]
    brands.sort(key=lambda brand: (-brand["openings"], brand["brand"].lower(), brand["brand"]))
    tell("comparing definitions")
    moved = moves.results(engine.run(*moves.measures(known)))
    tell("filling the studies' tables")
    found = engine.run(*beyond.measures(known))
    return Audit(
        archive=archive_of(counts, exclusions),
        brands=brands,
        whole=whole,
        made=_made(engine, options),
        exclusions=exclusions,
        rejections=dict(sorted(counts.rejected.items(), key=lambda reason: -reason[1])),
        warnings={**counts.warnings, **_too_good(whole)},
        moves=moved,
        studies=studies(Findings(whole, brands, found, options.tone)),
        league=_league(brands),
    )


def _owned(tables: Tables) -> Table:
    """Every brand with its own handles; a brand without one has a row too."""
    handles = tables.handles.filter(tables.handles.role != "watched")
    handles = handles.select("brand_id", "handle", "network", "role")
    brands = tables.brands.select("id", "slug", "served")
    return brands.left_join(handles, brands.id == handles.brand_id).select(
        "slug", "served", "handle", "network", "role"
    )


def _brands(owned: Sequence[Row], groups: Mapping[tuple[str, Any], Any], options: AuditOptions) -> list[Json]:
    """Names, handles and roles of the brands that the scope is about, or that were addressed."""
    addressed = {slug for slug, _ in groups}
    industries = {name: brand.industry for brand in options.brands or () for name in (brand.slug, brand.name)}
    found: dict[str, Json] = {}
    for row in sorted(owned, key=lambda row: (row["slug"], row["handle"] or "", row["network"] or "")):
        slug = row["slug"]
        if slug not in addressed and not _about(row, options.scope):
            continue
        brand = found.setdefault(
            slug,
            {
                "brand": options.names.get(slug, slug),
                "slug": slug,
                "industry": industries.get(slug, ""),
                "handles": [],
                "roles": {},
            },
        )
        if row["handle"] and row["handle"] not in brand["handles"]:
            brand["handles"].append(row["handle"])
        if row["handle"]:
            brand["roles"][row["handle"]] = row["role"]
    return list(found.values())


def _about(row: Row, scope: Scope) -> bool:
    if scope.brands:
        return row["slug"] in scope.brands
    return row["served"] if scope.archive == LIVE else True


def _too_good(whole: Json) -> dict[str, int]:
    """Public archives are often gathered from brands' answers; then nobody is unanswered in them."""
    if whole["openings"] < SUSPICIOUS or whole["answered"] < whole["openings"]:
        return {}
    return {NONE_UNANSWERED: whole["openings"]}


def _league(brands: Sequence[Json]) -> list[Json]:
    source = published.LEAGUE
    said = f"{source.source}, about {source.year}"
    ours = [
        {
            "brand": brand["brand"],
            "rate": brand["response_rate"]["value"],
            "mean_seconds": brand["first_response_seconds"]["mean"],
            "median_seconds": brand["first_response_seconds"]["median"],
            "openings": brand["openings"],
            "published": False,
            "source": None,
        }
        for brand in brands
        if brand["openings"]
    ]
    theirs = [
        {
            "brand": name,
            "rate": rate,
            "mean_seconds": seconds,
            "median_seconds": None,
            "openings": None,
            "published": True,
            "source": said,
        }
        for name, rate, seconds in published.LEAGUE_BRANDS
    ]
    return ours + theirs


def _made(engine: Engine, options: AuditOptions) -> Json:
    scope = options.scope
    return {
        "at": options.now.isoformat(timespec="seconds"),
        "hearout": __version__,
        "engine": f"{engine.name}, Ibis {ibis.__version__}",
        "inputs": list(options.inputs),
        "tone": options.tone,
        "expectation": list(weights()),
        "name": options.name,
        "since": scope.since.isoformat() if scope.since else None,
        "until": scope.until.isoformat() if scope.until else None,
    }

"""The report of a plan: the audit's own figures of its probes, and what only a test account can see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now as our_time

from hearout.cases.models import CasePost
from hearout.insight.audit.auditing import AuditOptions, audit
from hearout.insight.audit.cells import plain
from hearout.insight.dimensions import split
from hearout.insight.duck import DuckEngine
from hearout.insight.engine import Row
from hearout.insight.facts import Facts, facts
from hearout.insight.figures import metric
from hearout.insight.probes.models import Plan, Probe, Shopper
from hearout.insight.probes.plan_file import PLACES, TONES
from hearout.insight.probes.threads import Seen, seen, slug_of
from hearout.insight.results import Result, share
from hearout.insight.scope import Scope
from hearout.journal.writing import note

Json = dict[str, Any]

CELL = ("network", "tone", "directness", "place")
OF_A_CELL = ("response-rate", "first-response", "moved-to-private")
STUDIES = ("retailers", "league", "expectations", "socially-devoted")
"""Those whose tables test posts can fill."""

SILENT = ("first_contact_resolution", "loop_closed", "kudos_rate", "leak_rate")
"""Figures that need customers who answer, thank or choose where to write."""

FOLLOWED_ROW = "Brands that followed the customer back"
FOLLOWED_BACK = (
    "Pairs of test account and tested handle in which the handle follows the account when the report is made / all "
    "such pairs that the network could be asked about. Interval: Wilson, 95 %."
)


def standing(plan: Plan) -> dict[str, int]:
    """How many probes there are, and how many were sent, wait, failed, or may or may not have arrived."""
    counts: Counter[str] = Counter()
    for probe in plan.probes.only("sent_at", "failed_at", "parked_at"):
        counts["planned"] += 1
        state = (
            "sent"
            if probe.sent_at
            else "failed"
            if probe.failed_at
            else "parked"
            if probe.parked_at
            else "waiting"
        )
        counts[state] += 1
    return {name: counts[name] for name in ("planned", "sent", "waiting", "failed", "parked")}


def report(plan: Plan, *, now: datetime | None = None) -> Json:
    """The document of an audit, made of the plan's probes, and with `plan`, `probes`, `cells`, `followed_back`, `each`.

    The unanswered wait until `now`. Figures that rest on what customers say afterwards are null, for
    test accounts say nothing. Nobody is told anything by this; `reveal` does that.
    """
    now = now or our_time()
    told = seen(plan)
    options = AuditOptions(scope=Scope(now=now), name=f"Probes: {plan.name}", now=now, names=told.names)
    with DuckEngine() as engine:
        document = audit(engine, told.tables, told, options=options).as_json()
        known = facts(told.tables, options.scope, None)
        cells = _cells(known, engine)
        openings = engine.run(known.openings)[0]
    followed = followed_back(told.probes.values())
    for figures in _all_figures(document):
        figures.update(dict.fromkeys(SILENT))
        for name in SILENT:
            figures["intervals"][name] = {"low": None, "high": None, "n": 0}
    return {
        **document,
        "studies": [_with_followers(one, followed) for one in document["studies"] if one["id"] in STUDIES],
        "definitions": document["definitions"] | {"followed back": FOLLOWED_BACK},
        "plan": _plan_json(plan),
        "probes": standing(plan),
        "cells": cells,
        "followed_back": followed["pairs"],
        "each": _each(plan, told, openings),
    }


def _all_figures(document: Json) -> Iterator[Json]:
    """Every set of figures in the document."""
    for one in (document["all"], *document["brands"]):
        yield one
        for parts in one["by"].values():
            yield from parts.values()


def _with_followers(study: Json, followed: Json) -> Json:
    """The study with its one figure that only a test account can know."""
    for table in study["tables"]:
        for row in table["rows"]:
            if row["label"] == FOLLOWED_ROW and followed["brands"]["n"]:
                row["yours"][-1] = followed["brands"]
    return study


def _plan_json(plan: Plan) -> Json:
    shoppers = Shopper.objects.filter(probes__plan=plan).distinct().order_by("name")
    return {
        "name": plan.name,
        "from": plan.starts_at.isoformat(),
        "until": plan.ends_at.isoformat(),
        "seed": plan.seed,
        "others": plan.others,
        "reported": plan.reported_at.isoformat() if plan.reported_at else None,
        "shoppers": [
            {"name": one.name, "network": one.network, "handle": one.handle, "disclosed_to": one.disclosed_to}
            for one in shoppers
        ],
    }


def _cells(known: Facts, engine: DuckEngine) -> list[Json]:
    """One row for each network, tone, directness and place, in the studies' order."""
    parts = Facts(split(known.openings, known.tables, CELL), known.exclusions, known.tables)
    measured = engine.run(*(metric(name).measure(parts, CELL) for name in OF_A_CELL))
    rows: dict[tuple[Any, ...], dict[str, list[Row]]] = defaultdict(lambda: {name: [] for name in OF_A_CELL})
    for name, found in zip(OF_A_CELL, measured, strict=True):
        for row in found:
            rows[tuple(row[key] for key in CELL)][name].append(row)
    order = sorted(rows, key=lambda cell: (cell[0], TONES.index(cell[1]), cell[2], PLACES.index(cell[3])))
    return [dict(zip(CELL, cell, strict=True)) | _cell(rows[cell]) for cell in order]


def _cell(rows: dict[str, list[Row]]) -> Json:
    rate, first, moved = (metric(name).result(rows[name]) for name in OF_A_CELL)
    times = {name: first.value[name] for name in ("median", "p90", "mean")}
    return {
        "openings": rate.n,
        "answered": first.n,
        "response_rate": _share_json(rate),
        "first_response_seconds": {"n": first.n, **times},
        "typical_wait_seconds": first.value["everybody_median"],
        "moved_to_private": moved.value["share"],
    }


def _share_json(result: Result) -> Json:
    low, high = result.intervals["share"] if result.n else (None, None)
    return {"value": result.value["share"], "low": low, "high": high, "n": result.n}


def followed_back(probes: Iterable[Probe]) -> Json:
    """`pairs`: the share of pairs of test account and handle that were followed. `brands`: a study's cell, how many
    brands followed any test account back. Both of those that the network could be asked about."""
    pairs: dict[tuple[int, int], bool] = {}
    brands: dict[str, bool] = {}
    for probe in probes:
        if probe.followed_back is not None:
            pairs[probe.target_id, probe.shopper_id] = probe.followed_back
            slug = slug_of(probe.target)
            brands[slug] = brands.get(slug, False) or probe.followed_back
    result = share([{"n": len(pairs), "followed": sum(pairs.values())}], "followed")
    return {
        "pairs": _share_json(result),
        "brands": plain(sum(brands.values()), "count", len(brands)),
    }


def _each(plan: Plan, told: Seen, openings: Sequence[Row]) -> list[Json]:
    """Every probe of the plan with what became of it."""
    by_probe = {told.probes[row["id"]].pk: row for row in openings if row["id"] in told.probes}
    found = []
    for probe in plan.probes.select_related("target", "shopper").order_by("sent_at", "due_at", "pk"):
        row = by_probe.get(probe.pk)
        found.append(
            {
                "shopper": probe.shopper.name,
                "network": probe.shopper.network,
                "to": f"@{probe.target.handle}",
                "tone": probe.tone,
                "directness": probe.directness,
                "place": "own page" if probe.own_page else "elsewhere",
                "text": probe.text,
                "url": probe.url,
                "sent": row["opened_at"].isoformat() if row else None,
                "answered": bool(row and row["answered"]),
                "seconds": row["seconds"] if row else None,
                "cause": probe.cause,
            }
        )
    return found


@transaction.atomic
def reveal(plan: Plan) -> bool:
    """Say openly that these were probes: in the journal, on their cases, and in the figures' exclusions.

    Returns whether this was the first time. Until then nothing at the desk speaks of them.
    """
    locked = Plan.objects.select_for_update().get(pk=plan.pk)
    if locked.reported_at is not None:
        return False
    locked.reported_at = plan.reported_at = our_time()
    locked.save(update_fields=["reported_at"])
    ours = plan.probes.filter(sent_at__isnull=False, brand__isnull=False).select_related("shopper")
    told = [(probe.brand_id or 0, probe) for probe in ours]
    for brand_id, many in sorted(Counter(brand_id for brand_id, _ in told).items()):
        note("probes.reported", brand_id=brand_id, noun="plan", noun_id=plan.pk, name=plan.name, probes=many)
    for brand_id, probe in told:
        cases = CasePost.objects.filter(
            brand=brand_id, post__network=probe.shopper.network, post__external_id=probe.external_id
        )
        for case_id in cases.values_list("case_id", flat=True):
            note("probe.revealed", brand_id=brand_id, noun="case", noun_id=case_id, plan=plan.name)
    return True

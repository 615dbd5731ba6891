"""The report of a plan: the audit's own figures of its probes, and what only a test account can see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now as our_time

from hearout.cases.models import CasePost
from hearout.insight.audit.figures import SHARES, Counted, count, figures_of, of_brand
from hearout.insight.catalogue import definition
from hearout.insight.dimensions import split
from hearout.insight.duck import DuckEngine
from hearout.insight.engine import Row
from hearout.insight.facts import Facts, facts
from hearout.insight.figures import metric
from hearout.insight.probes.models import Plan, Probe, Shopper
from hearout.insight.probes.plan_file import PLACES, TONES
from hearout.insight.probes.threads import Seen, seen, slug_of
from hearout.insight.results import share, waits_by
from hearout.insight.scope import Scope
from hearout.journal.writing import note

Json = dict[str, Any]

CELL = ("network", "tone", "directness", "place")


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
    """The plan's figures as JSON in the shape of an audit's, with `probes`, `cells`, `followed_back` and `each`.

    The unanswered wait until `now`. Nothing is told to anybody by this; `reveal` does that.
    """
    now = now or our_time()
    told = seen(plan)
    with DuckEngine() as engine:
        known = facts(told.tables, Scope(now=now), None)
        groups = count(known, engine.run)
        cells = _cells(known, engine)
        openings, exclusions = engine.run(known.openings, known.exclusions)
    brands = [
        {"brand": name, "handles": _handles_of(told, slug), **of_brand(groups, slug, tone=False)}
        for slug, name in sorted(told.brands.items(), key=lambda pair: pair[1])
    ]
    return {
        "plan": _plan_json(plan),
        "made": {"at": now.isoformat(), "tone": True, "name": plan.name},
        "archive": {
            "posts": told.posts,
            "first": told.first.isoformat() if told.first else None,
            "last": told.last.isoformat() if told.last else None,
            "rejected": told.unreadable,
        },
        "probes": standing(plan),
        "brands": brands,
        "all": of_brand(groups, None, tone=False),
        "cells": cells,
        "followed_back": _followed_back(told.probes.values()),
        "exclusions": {row["reason"]: row["count"] for row in exclusions if row["count"]},
        "definitions": _definitions(),
        "each": _each(plan, told, openings),
    }


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


def _handles_of(told: Seen, slug: str) -> list[str]:
    probes = told.probes.values()
    return sorted({f"@{probe.target.handle}" for probe in probes if slug_of(probe.target) == slug})


def _cells(known: Facts, engine: DuckEngine) -> list[Json]:
    """One row for each network, tone, directness and place, in the studies' order."""
    parts = Facts(split(known.openings, known.tables, CELL), known.exclusions, known.tables)
    waits, moved = engine.run(waits_by(parts.openings, CELL), metric("moved-to-private").measure(parts, CELL))
    groups: dict[tuple[Any, ...], Counted] = defaultdict(Counted)
    for row in waits:
        groups[tuple(row[name] for name in CELL)].waits.append(row)
    for row in moved:
        groups[tuple(row[name] for name in CELL)].shares["moved_to_private"].append(row)
    order = sorted(groups, key=lambda cell: (cell[0], TONES.index(cell[1]), cell[2], PLACES.index(cell[3])))
    return [dict(zip(CELL, cell, strict=True)) | figures_of(groups[cell], tone=False) for cell in order]


def _followed_back(probes: Iterable[Probe]) -> Json:
    """Of the pairs of test account and handle whose network could be asked, the share that were followed."""
    pairs: dict[tuple[int, int], bool] = {}
    for probe in probes:
        if probe.followed_back is not None:
            pairs[probe.target_id, probe.shopper_id] = probe.followed_back
    result = share([{"n": len(pairs), "followed": sum(pairs.values())}], "followed")
    low, high = result.intervals["share"] if result.n else (None, None)
    return {"value": result.value["share"], "low": low, "high": high, "n": result.n}


def _definitions() -> dict[str, str]:
    names = ("response-rate", "first-response", "answered-within", "expectation", SHARES["moved_to_private"])
    own = {
        "followed-back": "Pairs of test account and tested handle in which the handle follows the account when the "
        "report is made / all such pairs that the network could be asked about. Interval: Wilson, 95 %."
    }
    return {name: definition(name) for name in names} | own


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

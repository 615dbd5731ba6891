"""Probes and what was answered, as the plain tables that every figure is made of.

Tone, directness and place are the plan's own, not a reading: what a test post is, its author knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from hearout.channels.base import IncomingAuthor, IncomingPost, Visibility
from hearout.insight.engine import Row
from hearout.insight.probes.hearing import posts_told
from hearout.insight.probes.models import Plan, Probe, Target
from hearout.insight.tables import Tables, live_tables

Key = tuple[str, str]
"""Network and id there."""


@dataclass(frozen=True)
class Seen:
    """`probes`: those that were sent, by the id of their post in `tables`. `names`: of the brands, by slug. The rest
    is what an audit asks for."""

    tables: Tables
    probes: dict[int, Probe]
    names: dict[str, str]
    posts: int
    first: datetime | None
    last: datetime | None
    rejected: Mapping[str, int]
    duplicates: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)


def seen(plan: Plan) -> Seen:
    """What the plan's test accounts wrote and were answered in public."""
    sent = list(
        Probe.objects.filter(plan=plan, sent_at__isnull=False)
        .select_related("target__brand", "shopper")
        .order_by("sent_at", "pk")
    )
    told, unreadable = posts_told(plan)
    posts = _threads(sent, told)
    ids = {key: number for number, key in enumerate(sorted(posts, key=lambda key: _age(posts, key)), 1)}
    brands = _brands(probe.target for probe in sent)
    handles = _handles(brands, sent)
    probes = {ids[key]: probe for probe in sent if (key := _key(probe)) in ids}
    rows: dict[str, list[Row]] = {
        "posts": _post_rows(posts, ids, handles),
        "brands": [{"id": number, "slug": slug, "served": True} for slug, (number, _) in brands.items()],
        "handles": list(handles.values()),
        **_described(probes, brands, handles),
    }
    times = [post.posted_at for post in posts.values()]
    return Seen(
        tables=_tables(rows),
        probes=probes,
        names={slug: name for slug, (_, name) in brands.items()},
        posts=len(posts),
        first=min(times, default=None),
        last=max(times, default=None),
        rejected={"could not be read": unreadable} if unreadable else {},
    )


def slug_of(target: Target) -> str:
    """A brand of ours by its own slug, another by its handle."""
    return target.brand.slug if target.brand else f"@{target.handle.lower()}"


def _threads(sent: Sequence[Probe], told: Mapping[Key, IncomingPost]) -> dict[Key, IncomingPost]:
    """The probes and all public posts below them. One that the network does not show is as we sent it."""
    posts = {_key(probe): told.get(_key(probe)) or _as_sent(probe) for probe in sent}
    waiting = {
        key: post for key, post in told.items() if post.visibility is Visibility.PUBLIC and post.author
    }
    found = True
    while found:
        below = {key: post for key, post in waiting.items() if (post.network, post.parent_id or "") in posts}
        found = bool(below.keys() - posts.keys())
        posts = {**below, **posts}
        waiting = {key: post for key, post in waiting.items() if key not in posts}
    return posts


def _as_sent(probe: Probe) -> IncomingPost:
    assert probe.sent_at is not None
    author = IncomingAuthor(probe.shopper.external_id, probe.shopper.handle)
    return IncomingPost(probe.shopper.network, probe.external_id, probe.sent_at, author, probe.text)


def _key(probe: Probe) -> Key:
    return probe.shopper.network, probe.external_id


def _age(posts: Mapping[Key, IncomingPost], key: Key) -> tuple[datetime, Key]:
    return posts[key].posted_at, key


def _brands(targets: Iterable[Target]) -> dict[str, tuple[int, str]]:
    """Number and name by slug."""
    names = {slug_of(one): one.brand.name if one.brand else f"@{one.handle}" for one in targets}
    return {slug: (number, name) for number, (slug, name) in enumerate(sorted(names.items()), 1)}


def _handles(brands: Mapping[str, tuple[int, str]], sent: Sequence[Probe]) -> dict[Key, Row]:
    """The accounts whose answers count, by network and name in lower case."""
    found: dict[Key, Row] = {}
    for target in {probe.target_id: probe.target for probe in sent}.values():
        for name, role in target.handles.items():
            row = {
                "brand_id": brands[slug_of(target)][0],
                "network": target.network,
                "handle": name,
                "role": role,
            }
            found.setdefault((target.network, name), row | {"id": len(found) + 1})
    return found


def _post_rows(
    posts: Mapping[Key, IncomingPost], ids: Mapping[Key, int], handles: Mapping[Key, Row]
) -> list[Row]:
    authors: dict[str, int] = {}
    rows = []
    for key, number in ids.items():
        post = posts[key]
        parent, root = (post.network, post.parent_id or ""), key
        above = {key}
        while (up := (posts[root].network, posts[root].parent_id or "")) in ids and up not in above:
            root = up
            above.add(up)
        name = post.author.handle.lower() if post.author else ""
        handle = handles.get((post.network, name))
        author = f"{post.network} {post.author.external_id if post.author else ''}"
        rows.append(
            {
                "id": number,
                "network": post.network,
                "external_id": post.external_id,
                "author_id": authors.setdefault(author, len(authors) + 1),
                "handle_id": handle["id"] if handle else None,
                "parent_external_id": post.parent_id or "",
                "parent_id": ids.get(parent),
                "root_id": ids[root],
                "private": False,
                "text": post.text,
                "automatic": post.automatic,
                "posted_at": post.posted_at,
                "deleted_at": post.deleted_at,
            }
        )
    return rows


def _described(
    probes: Mapping[int, Probe], brands: Mapping[str, tuple[int, str]], handles: Mapping[Key, Row]
) -> dict[str, list[Row]]:
    """Mentions and verdicts, as the plan has them."""
    mentions, verdicts = [], []
    for number, probe in probes.items():
        target = probe.target
        place = {"post_id": number, "brand_id": brands[slug_of(target)][0]}
        handle = handles[target.network, target.handle.lower()]["id"]
        mentions.append(place | {"handle_id": handle, "how": probe.directness, "own_page": probe.own_page})
        wants = probe.tone != "praise"
        verdicts.append(place | {"kind": probe.tone, "needs_answer": wants, "thanks": False})
    return {"mentions": mentions, "verdicts": verdicts}


def _tables(rows: Mapping[str, list[Row]]) -> Tables:
    """In-memory tables with the columns of the live ones."""
    made: dict[str, Any] = {}
    live = live_tables()
    for one in fields(Tables):
        shape = getattr(live, one.name)
        if one.name in rows or one.default is not None:
            schema = shape.schema()
            table = pa.Table.from_pylist(rows.get(one.name, []), schema=schema.to_pyarrow())
            made[one.name] = ibis.memtable(table, schema=schema)
    return Tables(**made)

"""Which post stands at the top of each thread, and the links between posts that cannot be true.

An engine that can goes down the threads (`Engine.tops`). For any other, and where there are circles or very deep
threads, it is done without recursion: every post looks to the post above it, then to the one above that, then four,
eight above, until each sees the top of its thread. A thread n posts deep takes log2(n) rounds, and a round looks only
at the posts that have not arrived.
"""

from __future__ import annotations

from collections import Counter

import ibis
from ibis.expr.types import Table

from hearout.insight.engine import Engine

EARLIER = "earlier_than_parent"
CIRCLE = "circular"


def trees(engine: Engine, told: Table, faults: Counter[str]) -> Table:
    """The posts with `id` and `root_id` (its own for one whose parent is not there), without those that are faults.

    A post dated before the post it answers is a fault, and so is one that is its own ancestor, or hangs
    below such. Both are counted and left out; what hangs below the former stays in the thread.
    """
    tops = engine.tops(told)
    if tops is None:
        return _looking_up(engine, told, faults)
    [[counted]] = engine.run(tops.aggregate(early=tops.early.sum()))
    faults[EARLIER] += counted["early"] or 0
    faults[CIRCLE] += 0
    true = tops.filter(tops.early == 0).drop("early")
    placed = told.join(true, told.key == true.child).drop("child")
    return placed.mutate(id=placed.key, root_id=placed.top).drop("top")


def _looking_up(engine: Engine, told: Table, faults: Counter[str]) -> Table:
    """The same by joins alone."""
    links = engine.keep("links", _links(told))
    [[counted]] = engine.run(links.aggregate(links=links.count(), early=links.early.sum()))
    faults[EARLIER] += counted["early"] or 0
    arrived, lost = _tops(engine, links)
    faults[CIRCLE] += lost
    placed = told.left_join(arrived, told.key == arrived.child).drop("child")
    if counted["early"] or lost:
        wrong = links.anti_join(arrived, links.child == arrived.child).select("child")
        wrong = wrong.union(links.filter(links.early == 1).select("child"))
        placed = placed.anti_join(wrong, placed.key == wrong.child)
    return placed.mutate(id=placed.key, root_id=placed.top.fill_null(placed.key)).drop("top")


def _links(told: Table) -> Table:
    """Every post whose parent is there: child, up, early (1 when dated before its parent)."""
    children = told.filter(told.parent_key.notnull()).select(
        child=told.key, up=told.parent_key, child_at=told.posted_at
    )
    parents = told.select(parent=told.key, parent_at=told.posted_at)
    pairs = children.join(parents, children.up == parents.parent)
    return pairs.select("child", "up", early=ibis.ifelse(pairs.child_at < pairs.parent_at, 1, 0))


def _tops(engine: Engine, links: Table) -> tuple[Table, int]:
    """child and top for every link, and how many links lead in a circle."""
    above = links.select(next=links.child, further=links.up)
    first = links.left_join(above, links.up == above.next)
    seen = engine.keep(
        "seen",
        first.select("child", top=first.further.fill_null(first.up), arrived=first.next.isnull()),
    )
    there, going = [seen.filter(seen.arrived)], seen.filter(~seen.arrived)
    left = _left(engine, going)
    while left:
        seen = ibis.union(*there, going)
        ahead = seen.select(at=seen.child, beyond=seen.top, ready=seen.arrived)
        ahead = ahead.semi_join(going, ahead["at"] == going.top)  # few of many, late in the day
        stepped = going.left_join(ahead, going.top == ahead["at"])
        stepped = stepped.select(
            "child", top=stepped.beyond.fill_null(stepped.top), arrived=stepped.ready.fill_null(True)
        )
        stepped = engine.keep("seen", stepped)
        there.append(stepped.filter(stepped.arrived))
        going = stepped.filter(~stepped.arrived)
        before, left = left, _left(engine, going)
        if left == before:  # as many as before: nobody among them will ever arrive
            break
    return ibis.union(*there).select("child", "top"), left


def _left(engine: Engine, going: Table) -> int:
    [[row]] = engine.run(going.aggregate(n=ibis._.count()))
    return int(row["n"])

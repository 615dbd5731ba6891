"""Which case each post belongs to: the decision alone, without a database.

Posts are taken in network time. A customer's post joins the open case; failing that the closed case
of the same thread, which it reopens when it wants an answer; failing that it opens a case when it
wants an answer, and is left alone otherwise. Our own posts follow what they answer. A post that is
left may belong later, when what it answers has arrived; then its verdict is due again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

Key = tuple[int, int]
"""A customer (or minus an author who has none yet) and a brand; or a post and a brand."""


@dataclass(slots=True)
class Due:
    """A verdict with what its post, its mention and its place so far tell. The order is that of the query."""

    verdict: int
    post: int
    brand: int
    wants: bool
    kind: str
    priority: int
    team: int | None
    how: str
    author: int
    customer: int | None
    recipient: int | None
    recipient_customer: int | None
    parent: int | None
    root: int | None
    conversation: str
    private: bool
    posted_at: datetime
    automatic: bool
    revision: int
    deleted: bool
    network: str
    served: bool
    text: str | None
    case: int | None
    case_is_open: bool | None
    case_opened_at: datetime | None
    wanted: bool | None
    unchanged: bool | None

    @property
    def ours(self) -> bool:
        return self.how == "ours"

    @property
    def key(self) -> Key:
        return (self.customer or -self.author, self.brand)

    @property
    def recipient_key(self) -> Key:
        return (self.recipient_customer or -(self.recipient or 0), self.brand)


@dataclass(slots=True)
class Known:
    """A case in the database, or one about to be made (its id is negative, and counts down)."""

    case: int
    key: Key
    opened_at: datetime
    is_open: bool = True


@dataclass
class Plan:
    """What to write. `placed`: where each new or changed post goes. `opened`: new cases by negative id.

    `reopened`: case to the network time of the post that did it. `moved`: cases whose opening turned
    out to be an earlier post. `woken_by_customer`: cases that got a customer's new post.
    `joined`: the posts that are new to their case. `left_case`: cases that lost a post, with their brand.
    """

    placed: list[tuple[Due, int]] = field(default_factory=list)
    opened: dict[int, Due] = field(default_factory=dict)
    reopened: dict[int, datetime] = field(default_factory=dict)
    moved: dict[int, Due] = field(default_factory=dict)
    woken_by_customer: set[int] = field(default_factory=set)
    joined: list[Due] = field(default_factory=list)
    left_case: dict[int, int] = field(default_factory=dict)


@dataclass
class Town:
    """What is known before the batch, and grows with it.

    `open`: the open case of a customer with a brand. `homes`: the case of a post. `past`: by verdict,
    the case that the customer's post would continue if none were open. `talks`: by verdict, the
    newest case of the customer to whom we wrote in private, among those opened before.
    """

    open: dict[Key, Known]
    homes: dict[Key, int]
    past: Mapping[int, Known]
    talks: Mapping[int, int]


def place(dues: Iterable[Due], town: Town) -> Plan:
    """Decide for each post. `dues` must be in network time."""
    plan = Plan()
    for due in dues:
        if due.case is not None and not _needs_another_place(due, town):
            if not due.unchanged:
                plan.placed.append((due, due.case))
                if due.wants and due.case_opened_at and due.posted_at < due.case_opened_at:
                    plan.moved.setdefault(due.case, due)
            continue
        if not due.served or due.deleted:
            continue
        case = _home_of_ours(due, town) if due.ours else _case_of_customer(due, town, plan)
        if case is None:
            continue
        if due.case is not None and due.case != case:
            plan.left_case[due.case] = due.brand
        plan.placed.append((due, case))
        plan.joined.append(due)
        town.homes[due.post, due.brand] = case
        if not due.ours:
            plan.woken_by_customer.add(case)
    return plan


def _needs_another_place(due: Due, town: Town) -> bool:
    """What our post answers has found its case; or a post of a closed case has come to want an answer."""
    if due.ours:
        return due.parent is not None and town.homes.get((due.parent, due.brand), due.case) != due.case
    return due.wants and not due.wanted and not due.case_is_open


def _home_of_ours(due: Due, town: Town) -> int | None:
    """Our post belongs where the post it answers is, else where the thread began, else to whom we wrote."""
    for post in (due.parent, due.root):
        if post is not None and (post, due.brand) in town.homes:
            return town.homes[post, due.brand]
    if not due.private:
        return None
    known = town.open.get(due.recipient_key)
    if known and known.opened_at <= due.posted_at:
        return known.case
    return town.talks.get(due.verdict)


def _case_of_customer(due: Due, town: Town, plan: Plan) -> int | None:
    known = town.open.get(due.key)
    if known is None:
        known = town.past.get(due.verdict)
        if known is None:
            return _open(due, town, plan) if due.wants else None
        if due.wants and not known.is_open and known.case not in plan.reopened:
            plan.reopened[known.case] = due.posted_at
            town.open[known.key] = known
    elif due.posted_at < known.opened_at and not due.wants:
        return None
    if due.wants and due.posted_at < known.opened_at:
        plan.moved.setdefault(known.case, due)
        known.opened_at = due.posted_at
    return known.case


def _open(due: Due, town: Town, plan: Plan) -> int:
    case = -1 - len(plan.opened)
    plan.opened[case] = due
    town.open[due.key] = Known(case, due.key, due.posted_at)
    return case

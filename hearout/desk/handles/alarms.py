"""Accounts that pretend to be us, with the evidence and what to do about them."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from hearout.cases.models import CasePost
from hearout.listening.impostors import Impostor, ImpostorPost
from hearout.listening.models import Post
from hearout.people.doors import LEADS, NotFoundHereError, brands_for
from hearout.people.models import Brand, User

MOST_ALARMS = 20
MOST_PROOFS = 3
MOST_LETTERS = 4

LIKE = {
    Impostor.How.COPY: "copies",
    Impostor.How.DRAWN: "looks like",
    Impostor.How.EDIT: "is one letter off",
    Impostor.How.SERVICE: "promises help in the name of",
}


@dataclass(frozen=True)
class Proof:
    """What it wrote, and to whom. `case_id`: that customer's case, where there is one."""

    post: Post
    case_id: int | None

    @property
    def to(self) -> str:
        return self.post.parent.author.handle if self.post.parent else ""


@dataclass(frozen=True)
class Alarm:
    impostor: Impostor
    proofs: list[Proof]
    more: int
    customers: int

    @property
    def likeness(self) -> str:
        where = "Its display name" if self.impostor.where == Impostor.Where.NAME else "Its handle"
        return f"{where} {LIKE[Impostor.How(self.impostor.how)]}"

    @property
    def letters(self) -> list[str]:
        """The letters that are not what they seem."""
        shown = (
            self.impostor.shown_name
            if self.impostor.where == Impostor.Where.NAME
            else self.impostor.shown_handle
        )
        odd = dict.fromkeys(letter for letter in shown[:100] if not letter.isascii() and letter.isalnum())
        return [f"{letter} is {unicodedata.name(letter, 'unnamed').lower()}" for letter in odd][:MOST_LETTERS]


def alarms_of(brand: Brand) -> tuple[list[Alarm], int]:
    """The alarms that stand, newest first and at most 20, and how many there are in all."""
    standing = _of(brand).filter(settled_at=None).order_by("-alarmed_at", "-id")
    shown = list(standing[:MOST_ALARMS])
    proofs = _proofs(brand, shown)
    count = len(shown) if len(shown) < MOST_ALARMS else standing.count()
    return [_alarm(one, proofs[one.pk]) for one in shown], count


def settled_of(brand: Brand) -> list[Impostor]:
    return list(_of(brand).filter(settled_at__isnull=False).order_by("-settled_at")[:MOST_ALARMS])


def impostor_for(user: User, impostor_id: int) -> Impostor:
    """An alarm that this user may settle. Raises NotFoundHereError."""
    theirs = Impostor.objects.filter(brand__in=brands_for(user, LEADS), alarmed_at__isnull=False)
    found = theirs.select_related("brand").filter(pk=impostor_id).first()
    if found is None:
        raise NotFoundHereError("no such alarm for this user")
    return found


def _of(brand: Brand) -> QuerySet[Impostor]:
    mine = Impostor.objects.filter(brand=brand, alarmed_at__isnull=False)
    return mine.select_related("author", "handle", "settled_by")


def _proofs(brand: Brand, shown: Sequence[Impostor]) -> dict[int, list[Proof]]:
    rows = ImpostorPost.objects.filter(impostor__in=shown).select_related(
        "post__author", "post__parent__author"
    )
    rows = rows.order_by("-post__posted_at", "-post_id")
    homes = CasePost.objects.filter(
        brand=brand, post__in=[row.post.parent_id for row in rows if row.post.parent_id]
    )
    cases = dict(homes.values_list("post_id", "case_id"))
    found: dict[int, list[Proof]] = defaultdict(list)
    for row in rows:
        found[row.impostor_id].append(Proof(row.post, cases.get(row.post.parent_id or 0)))
    return found


def _alarm(one: Impostor, proofs: list[Proof]) -> Alarm:
    customers = {proof.post.parent.author_id for proof in proofs if proof.post.parent}
    return Alarm(one, proofs[:MOST_PROOFS], max(0, len(proofs) - MOST_PROOFS), len(customers))

"""What the frame around every page shows: brands, queues with their counts, where one may go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from hearout.desk.queues import QUEUES, Queue, counts
from hearout.insight.trends.alarms import unheeded
from hearout.listening.impostors import Impostor
from hearout.people.doors import LEADS, SEES_FIGURES, WORKS_CASES
from hearout.people.models import Brand, Membership, User
from hearout.replies.models import Brake

THEMES = ("auto", "light", "dark")
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class QueueLink:
    queue: Queue
    count: str
    hot: bool

    @property
    def url(self) -> str:
        return reverse("inbox", args=[self.queue.slug])


@dataclass(frozen=True)
class Stopped:
    """Nothing is sent for this brand."""

    brand: Brand
    reason: str
    by: str
    at: datetime


@dataclass
class Shell:
    """Read once a request, from the user's memberships. `brand` None: all brands at once."""

    user: User
    brand_wanted: str
    theme: str
    at: str = ""
    memberships: list[Membership] = field(default_factory=list)
    themes = THEMES

    @cached_property
    def brands(self) -> list[Brand]:
        return [membership.brand for membership in self.memberships]

    @cached_property
    def brand(self) -> Brand | None:
        chosen = [brand for brand in self.brands if str(brand.pk) == self.brand_wanted]
        return chosen[0] if chosen else (self.brands[0] if len(self.brands) == 1 else None)

    @property
    def chosen_brands(self) -> list[Brand]:
        return [self.brand] if self.brand else self.brands

    def _has(self, roles: tuple[str, ...]) -> bool:
        shown = {brand.pk for brand in self.chosen_brands}
        return any(m.role in roles and m.brand_id in shown for m in self.memberships)

    @property
    def works_cases(self) -> bool:
        return self._has(WORKS_CASES)

    @property
    def sees_figures(self) -> bool:
        return self._has(SEES_FIGURES)

    @property
    def leads(self) -> bool:
        return self._has(LEADS)

    @property
    def role(self) -> str:
        roles = {membership.get_role_display() for membership in self.memberships}
        return roles.pop() if len(roles) == 1 else f"{len(self.brands)} brands"

    @property
    def topics(self) -> str:
        return " ".join(f"brand:{brand.pk}" for brand in self.chosen_brands)

    @cached_property
    def queues(self) -> list[QueueLink]:
        found = counts(self.user, [brand.pk for brand in self.chosen_brands])
        return [QueueLink(q, found.get(q.slug, ""), q.slug == "at-risk") for q in QUEUES.values()]

    @property
    def impostors(self) -> int:
        """Alarms that stand for the chosen brands: they came with the memberships."""
        shown = {brand.pk for brand in self.chosen_brands}
        return sum(getattr(m, "alarms", 0) for m in self.memberships if m.brand_id in shown)

    @property
    def rises(self) -> int:
        """Events of the last day of the chosen brands that nobody has said anything to: as above."""
        shown = {brand.pk for brand in self.chosen_brands}
        return sum(getattr(m, "rises", 0) for m in self.memberships if m.brand_id in shown)

    @property
    def brakes(self) -> list[Stopped]:
        """The open brakes of the chosen brands: they came with the memberships."""
        shown = {brand.pk for brand in self.chosen_brands}
        open_ones = [(m.brand, getattr(m, "brake", None)) for m in self.memberships if m.brand_id in shown]
        return [
            Stopped(brand, row["reason"], row["by"] or "", datetime.fromisoformat(row["at"]))
            for brand, row in open_ones
            if row
        ]


def shell_of(request: HttpRequest) -> Shell | None:
    """The shell of a signed-in request, made once; None before sign-in."""
    if not isinstance(request.user, User):
        return None
    made: Shell | None = getattr(request, "desk_shell", None)
    if made is None:
        brake = Brake.objects.filter(brand=OuterRef("brand"), released_at=None)
        facts = JSONObject(reason="reason", by="by__name", at="at")
        mine = Membership.objects.filter(user=request.user).select_related("brand").order_by("brand__name")
        standing = Impostor.objects.filter(brand=OuterRef("brand"), alarmed_at__isnull=False, settled_at=None)
        alarms = standing.order_by().values("brand").annotate(n=Count("pk")).values("n")
        mine = mine.annotate(alarms=Coalesce(Subquery(alarms), 0))
        rises = unheeded(timezone.now()).filter(brand=OuterRef("brand")).order_by().values("brand")
        mine = mine.annotate(rises=Coalesce(Subquery(rises.annotate(n=Count("pk")).values("n")), 0))
        mine = mine.annotate(brake=Subquery(brake.values(row=facts)))
        match = request.resolver_match
        made = Shell(
            user=request.user,
            brand_wanted=request.COOKIES.get("brand", ""),
            theme=theme_of(request),
            at=request.GET.get("at", "")
            or (match.kwargs.get("queue", "") or match.url_name or "" if match else ""),
            memberships=list(mine),
        )
        request.desk_shell = made  # type: ignore[attr-defined]
    return made


def theme_of(request: HttpRequest) -> str:
    wanted = request.COOKIES.get("theme", "auto")
    return wanted if wanted in THEMES else "auto"

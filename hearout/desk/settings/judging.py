"""Posts to judge: a sample of what was heard, what was set aside as not about us, and what was nearly heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import MD5, Cast
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from hearout.desk.heard import Way, ways_of
from hearout.desk.request import DeskRequest, back
from hearout.desk.settings.answering import find, page, refused, told, undoable
from hearout.desk.settings.place import Place, settings_page
from hearout.listening.models import Mention, Post
from hearout.listening.near_misses import NearMiss, near_misses, take_up
from hearout.listening.queries import MentionHit, Query, Relevance
from hearout.listening.relevance import NOT_US, judge, standing
from hearout.people.models import Brand

WEEK = timedelta(days=7)
A_PAGE = 12
NEWEST = 20_000
KINDS = {
    "sample": "Drawn by chance",
    "aside": "Set aside as not us",
    "near": "Nearly heard",
}
SAYS = {"us": "ours", "not_us": "not us"}


@dataclass(frozen=True)
class Card:
    """A post to judge. `mention` None: nothing has heard it, `why` says how nearly. `said`: what somebody said."""

    post: Post
    mention: Mention | None = None
    ways: Sequence[Way] = ()
    why: str = ""
    term: str = ""
    said: str = ""

    @property
    def chance(self) -> str:
        chance = self.mention.chance if self.mention else None
        return "" if chance is None or self.said else f"{chance:.0%}".replace("%", " %")


@settings_page("queries")
def judging(request: DeskRequest, place: Place) -> HttpResponse:
    which = request.GET.get("which", "sample")
    which = which if which in KINDS else "sample"
    wanted = request.GET.get("query", "")
    query = find(Query.objects.filter(brand=place.brand), int(wanted)) if _number(wanted) else None
    cards = _near(place.brand) if which == "near" else _heard(place.brand, which, query)
    tabs = [(slug, label, slug == which) for slug, label in KINDS.items()]
    return page(request, place, "judging", {"cards": cards, "which": which, "tabs": tabs, "query": query})


def _heard(brand: Brand, which: str, query: Query | None) -> list[Card]:
    judged = Relevance.objects.filter(mention=OuterRef("pk"))
    found = Mention.objects.filter(brand=brand, post__deleted_at=None).exclude(how="ours")
    if which == "aside":
        chosen = found.filter(chance__lt=NOT_US).order_by("-pk")
    else:
        chosen = _drawn(found.filter(~Exists(judged)), query)
    mentions = list(chosen.select_related("post__author")[:A_PAGE])
    said = standing([one.pk for one in mentions])
    ways = ways_of(brand.pk, [one.pk for one in mentions])
    return [Card(one.post, one, ways.get(one.pk, ()), said=said.get(one.pk, "")) for one in mentions]


def _drawn(found: QuerySet[Mention], query: Query | None) -> QuerySet[Mention]:
    """In an order of chance, which stays the same while somebody judges, among the newest of seven days."""
    hits = MentionHit.objects.filter(mention=OuterRef("pk"))
    hits = hits.filter(query=query) if query else hits
    recent = found.filter(Exists(hits), post__received_at__gte=timezone.now() - WEEK).order_by("-pk")
    chosen = Mention.objects.filter(pk__in=list(recent.values_list("pk", flat=True)[:NEWEST]))
    return chosen.order_by(MD5(Cast("pk", TextField())))


def _near(brand: Brand) -> list[Card]:
    found: list[NearMiss] = near_misses(brand, timezone.now())
    posts = Post.objects.select_related("author").in_bulk([one.post.id for one in found])
    return [
        Card(posts[one.post.id], why=one.why, term=one.words[:120]) for one in found if one.post.id in posts
    ]


@require_POST
@settings_page("queries")
def judgement(request: DeskRequest, place: Place) -> HttpResponse:
    """Say of one mention, or of a post that was nearly heard, that it is ours or not us; or take that back."""
    says, here = request.POST.get("says", ""), place.url("settings-judging")
    wanted, post = request.POST.get("mention", ""), request.POST.get("post", "")
    if says not in (*SAYS, "unsaid"):
        return refused(request, "Say whether it is about you, or not.", here)
    with transaction.atomic():
        if _number(post):
            taken = take_up(place.brand, int(post), request.POST.get("term", "")[:120])
            wanted = str(taken.pk) if taken else ""
        mention = find(Mention.objects.filter(brand=place.brand), int(wanted) if _number(wanted) else 0)
        drawn = request.POST.get("which") == "sample"
        judge(Mention.objects.filter(pk=mention.pk), says=says, by=place.user, drawn=drawn)
    if says in SAYS:
        url = place.url("settings-judgement")
        undoable(
            request,
            f"Noted: {SAYS[says]}.",
            url,
            {"mention": str(mention.pk), "says": "unsaid", "next": here},
        )
        return back(request, here)
    return told(request, "Taken back.", here)


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18

"""How a post was found, as people read it: by what, how written, and how right that has been so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hearout.listening.precision import Precision, of_hits
from hearout.listening.queries import MentionHit


@dataclass(frozen=True)
class Way:
    """One way in which a post was found. `precision` None: of the like of it nobody has judged any."""

    hit: MentionHit
    precision: Precision | None

    @property
    def text(self) -> str:
        """`name “Tidewing”, written “tidewimg”, 1 letter off, misspelt`."""
        hit = self.hit
        parts = [
            f"{hit.get_route_display().lower()} “{hit.term}”" if hit.term else "by its author or network"
        ]
        if hit.words and hit.words.lower() != hit.term.lower():
            parts.append(f"written “{hit.words}”")
        if hit.distance:
            parts.append(f"{hit.distance} letter{'' if hit.distance == 1 else 's'} off")
        return ", ".join([*parts, hit.variant] if hit.variant else parts)


def ways_of(brand_id: int, mentions: list[int]) -> Mapping[int, list[Way]]:
    """By mention the ways in which it was found: at most two database queries."""
    hits = list(MentionHit.objects.filter(mention__in=mentions).select_related("query").order_by("pk"))
    right = of_hits(brand_id, mentions) if hits else {}
    found: dict[int, list[Way]] = {}
    for hit in hits:
        precision = right.get((hit.query_id, hit.route, hit.term))
        found.setdefault(hit.mention_id, []).append(Way(hit, precision))
    return found

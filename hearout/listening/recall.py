"""How much is missed: capture and recapture between ways of finding a post that know nothing of each other.

Of the posts that address us (a tag, an answer to a post of ours) some also speak our name, hashtag or address.
The share of them that does is, if the two hang on different habits, the share that listening for names finds
among all who speak of us; so the posts found by neither can be estimated.

Estimator: D. G. Chapman, Some properties of the hypergeometric distribution with applications to zoological
sample censuses, University of California Publications in Statistics 1 (1951) 131-160. Interval: M. Sadinle,
Transformed logit confidence intervals for small populations in single capture-recapture estimation,
Communications in Statistics - Simulation and Computation 38 (2009) 1909-1924.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import exp, sqrt
from typing import Any

from django.db import connection

from hearout.listening.relevance import NOT_US
from hearout.people.models import Brand

Z95 = 1.959963984540054
ENOUGH_TWICE = 7
"""Posts found both ways below which the estimator is biased (D. S. Robson and H. A. Regier, 1964)."""

ROUTES = {
    "tag": "@ tag",
    "reply": "answer to a post of ours",
    "name": "name",
    "hashtag": "hashtag",
    "link": "web address",
}
ADDRESSING = ("tag", "reply")
SPEAKING = ("name", "hashtag", "link")


@dataclass(frozen=True, slots=True)
class Recapture:
    """`one` posts were found in the one way, `other` in the other, `both` in both."""

    one: int
    other: int
    both: int

    @property
    def found(self) -> int:
        return self.one + self.other - self.both

    @property
    def enough(self) -> bool:
        return self.both >= ENOUGH_TWICE

    @property
    def all(self) -> float:
        """Chapman's estimate of all posts, found or not."""
        return (self.one + 1) * (self.other + 1) / (self.both + 1) - 1

    @property
    def interval(self) -> tuple[float, float]:
        """Of `all`, 95 %: never below what was found."""
        only_one, only_other, both = self.one - self.both, self.other - self.both, self.both
        a, b, c = both + 0.5, only_one + 0.5, only_other + 0.5
        spread = Z95 * sqrt(1 / a + 1 / b + 1 / c + a / (b * c))
        middle, base = b * c / a, self.found - 0.5
        return max(float(self.found), base + middle * exp(-spread)), base + middle * exp(spread)

    @property
    def missed(self) -> int:
        return max(0, round(self.all) - self.found)

    @property
    def missed_interval(self) -> tuple[int, int]:
        low, high = self.interval
        return max(0, round(low) - self.found), max(0, round(high) - self.found)

    @property
    def share(self) -> float:
        """Of all posts, those found."""
        return self.found / max(self.all, self.found, 1)

    @property
    def share_interval(self) -> tuple[float, float]:
        low, high = self.interval
        return self.found / max(high, 1), self.found / max(low, 1)


@dataclass(frozen=True, slots=True)
class Recall:
    """`by_route`: mentions found by each route. `why_not` says why there is no estimate, else ""."""

    recapture: Recapture
    by_route: dict[str, int]
    why_not: str = ""

    @property
    def routes(self) -> list[tuple[str, int]]:
        """Each route in words, with its count."""
        return [(ROUTES[route], count) for route, count in self.by_route.items()]

    @property
    def said(self) -> str:
        """One sentence for a person."""
        if self.why_not:
            return self.why_not
        twice = self.recapture
        low, high = (f"{share * 100:.0f}" for share in twice.share_interval)
        least, most = twice.missed_interval
        return (
            f"{twice.found:,} found, about {twice.missed:,} missed ({least:,} to {most:,}): "
            f"{twice.share * 100:.0f} % found ({low} to {high} %)."
        )


_COUNTS = """
WITH routes AS (
    SELECT h.mention_id, bool_or(h.route = ANY(%(addressing)s)) AS addressed,
           bool_or(h.route = ANY(%(speaking)s)) AS spoken,
           bool_or(h.route = 'tag') AS tag, bool_or(h.route = 'reply') AS reply, bool_or(h.route = 'name') AS name,
           bool_or(h.route = 'hashtag') AS hashtag, bool_or(h.route = 'link') AS link
    FROM listening_mentionhit h JOIN listening_mention m ON m.id = h.mention_id
    WHERE h.brand_id = %(brand)s AND h.at >= %(since)s AND (m.chance IS NULL OR m.chance >= %(not_us)s)
    GROUP BY h.mention_id
)
SELECT count(*) FILTER (WHERE addressed), count(*) FILTER (WHERE spoken),
       count(*) FILTER (WHERE addressed AND spoken), count(*) FILTER (WHERE tag), count(*) FILTER (WHERE reply),
       count(*) FILTER (WHERE name), count(*) FILTER (WHERE hashtag), count(*) FILTER (WHERE link)
FROM routes
"""
_OF_QUERY = """
WITH routes AS (
    SELECT h.mention_id, bool_or(h.query_id = %(query)s) AS asked,
           bool_or(h.route = ANY(%(addressing)s) AND h.query_id IS DISTINCT FROM %(query)s) AS addressed
    FROM listening_mentionhit h JOIN listening_mention m ON m.id = h.mention_id
    WHERE h.brand_id = %(brand)s AND h.at >= %(since)s AND (m.chance IS NULL OR m.chance >= %(not_us)s)
    GROUP BY h.mention_id
)
SELECT count(*) FILTER (WHERE asked), count(*) FILTER (WHERE addressed), count(*) FILTER (WHERE asked AND addressed)
FROM routes
"""


def recall(brand: Brand, since: datetime) -> Recall:
    """What is missed of all that is said of the brand, estimated from the mentions since then that are not
    set aside as somebody else's."""
    one, other, both, *counts = _row(
        _COUNTS, brand=brand.pk, since=since, addressing=list(ADDRESSING), speaking=list(SPEAKING)
    )
    found = dict(zip(ROUTES, counts, strict=True))
    twice = Recapture(one, other, both)
    return Recall(twice, found, _why_not(twice, "a tag or answer", "a name, hashtag or address"))


def recall_of_query(brand: Brand, query_id: int, since: datetime) -> Recall:
    """What one query misses: of the posts that address us, how many does it find as well?"""
    one, other, both = _row(
        _OF_QUERY, brand=brand.pk, query=query_id, since=since, addressing=list(ADDRESSING)
    )
    twice = Recapture(one, other, both)
    return Recall(twice, {}, _why_not(twice, "this query", "a tag or answer to us"))


def _why_not(twice: Recapture, one: str, other: str) -> str:
    if not twice.one or not twice.other:
        way = one if not twice.one else other
        return (
            f"No estimate: nothing was found by {way}, and it takes two ways that know nothing of each other."
        )
    if not twice.enough:
        return (
            f"No estimate yet: {twice.both} post{'' if twice.both == 1 else 's'} found both by {one} and by {other}; "
            f"it takes {ENOUGH_TWICE}."
        )
    return ""


def _row(sql: str, **values: Any) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"not_us": NOT_US, **values})
        return tuple(int(value) for value in cursor.fetchall()[0])

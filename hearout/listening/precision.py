"""How right the hits are: of the mentions that people judged, how many are about us, with an interval.

Only what people said counts; what nobody judged is no evidence. A share of posts drawn by chance stands for
all of them; clicks made in passing are mostly made on what is wrong, and so make a query look worse than it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from hearout.lib.wait_statistics import wilson
from hearout.listening.queries import MentionHit
from hearout.people.models import Brand


@dataclass(frozen=True, slots=True)
class Precision:
    """`us` of `judged` mentions are about us; the interval is Wilson's, 95 %."""

    us: int = 0
    judged: int = 0

    @property
    def share(self) -> float | None:
        return self.us / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.us, self.judged)

    @property
    def said(self) -> str:
        """`93 % (81 to 98 %)`, or that nobody has judged."""
        if not self.judged:
            return "not judged yet"
        low, high = self.interval
        return f"{self.us / self.judged:.0%} ({low * 100:.0f} to {high:.0%})".replace("%", " %")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a query, a term or all of a brand stands: `recently` are hits since a time."""

    precision: Precision = Precision()
    recently: int = 0


@dataclass(frozen=True, slots=True)
class TermStanding:
    route: str
    term: str
    standing: Standing
    looked_alike: int = 0
    """Of the recent hits, those that were not written as the term is."""

    @property
    def route_named(self) -> str:
        return str(MentionHit.Route(self.route).label)


_LATEST = """
SELECT DISTINCT ON (r.mention_id) r.mention_id, r.says FROM listening_relevance r
WHERE r.brand_id = %(brand)s ORDER BY r.mention_id, r.id DESC
"""
_BY_QUERY = f"""
WITH said AS ({_LATEST}), judged AS (
    SELECT h.query_id, count(DISTINCT h.mention_id) FILTER (WHERE s.says = 'us') AS us,
           count(DISTINCT h.mention_id) AS judged
    FROM said s JOIN listening_mentionhit h USING (mention_id)
    WHERE s.says <> 'unsaid' AND h.query_id IS NOT NULL GROUP BY h.query_id
), recent AS (
    SELECT query_id, count(DISTINCT mention_id) AS hits FROM listening_mentionhit
    WHERE query_id IN (SELECT id FROM listening_query WHERE brand_id = %(brand)s) AND at >= %(since)s
    GROUP BY query_id
)
SELECT q.id, coalesce(j.us, 0), coalesce(j.judged, 0), coalesce(r.hits, 0)
FROM listening_query q LEFT JOIN judged j ON j.query_id = q.id LEFT JOIN recent r ON r.query_id = q.id
WHERE q.brand_id = %(brand)s
"""  # noqa: S608
_BY_TERM = f"""
WITH said AS ({_LATEST}), judged AS (
    SELECT h.route, h.term, count(DISTINCT h.mention_id) FILTER (WHERE s.says = 'us') AS us,
           count(DISTINCT h.mention_id) AS judged
    FROM said s JOIN listening_mentionhit h USING (mention_id)
    WHERE s.says <> 'unsaid' AND h.query_id IS NOT DISTINCT FROM %(query)s GROUP BY 1, 2
), recent AS (
    SELECT route, term, count(DISTINCT mention_id) AS hits,
           count(DISTINCT mention_id) FILTER (WHERE variant <> '') AS alike
    FROM listening_mentionhit
    WHERE brand_id = %(brand)s AND query_id IS NOT DISTINCT FROM %(query)s AND at >= %(since)s GROUP BY 1, 2
)
SELECT route, term, coalesce(us, 0), coalesce(judged, 0), coalesce(hits, 0), coalesce(alike, 0)
FROM judged FULL JOIN recent USING (route, term)
ORDER BY coalesce(hits, 0) DESC, coalesce(judged, 0) DESC, term LIMIT %(most)s
"""  # noqa: S608
MOST_TERMS = 60
NEWEST = 2_000


def by_query(brand: Brand, since: datetime) -> dict[int, Standing]:
    """How each query of the brand stands, by its id."""
    rows = _rows(_BY_QUERY, brand=brand.pk, since=since)
    return {pk: Standing(Precision(us, judged), hits) for pk, us, judged, hits in rows}


def by_term(brand: Brand, since: datetime, query_id: int | None = None) -> list[TermStanding]:
    """How the terms of a query stand, or (None) the brand's handles and watchwords, the commonest first."""
    rows = _rows(_BY_TERM, brand=brand.pk, since=since, query=query_id, most=MOST_TERMS)
    return [
        TermStanding(route, term, Standing(Precision(us, judged), hits), alike)
        for route, term, us, judged, hits, alike in rows
    ]


_OF_HITS = """
WITH said AS (
    SELECT DISTINCT ON (r.mention_id) r.mention_id, r.says
    FROM (SELECT id, mention_id, says FROM listening_relevance WHERE brand_id = %(brand)s
          ORDER BY id DESC LIMIT %(newest)s) r
    ORDER BY r.mention_id, r.id DESC
)
SELECT h.query_id, h.route, h.term, count(*) FILTER (WHERE s.says = 'us'), count(*)
FROM said s JOIN listening_mentionhit h USING (mention_id)
WHERE s.says <> 'unsaid' AND (coalesce(h.query_id, 0), h.route, h.term) IN (
    SELECT coalesce(query_id, 0), route, term FROM listening_mentionhit WHERE mention_id = ANY(%(mentions)s))
GROUP BY 1, 2, 3
"""


def of_hits(brand_id: int, mentions: list[int]) -> Mapping[tuple[int | None, str, str], Precision]:
    """The precision of each way (query, route, term) in which these mentions were found, by the newest 2,000
    judgements: every case page asks for it."""
    if not mentions:
        return {}
    rows = _rows(_OF_HITS, brand=brand_id, mentions=mentions, newest=NEWEST)
    return {(query, route, term): Precision(us, judged) for query, route, term, us, judged in rows}


def _rows(sql: str, **values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())

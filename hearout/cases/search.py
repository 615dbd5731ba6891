"""Finding cases by number, by the words of their posts, and by who wrote them."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from hearout.cases.models import Case
from hearout.lib.clean import clean_text

LONGEST = 200
MOST_POSTS = 50_000
PREFIX = 60
"""As many characters of a handle and a name are indexed (`customers.models.Author`)."""

# MATERIALIZED, because the planner would rather walk all cases, newest first, and test each: a
# second at a million posts, against some 20 ms through the text index. A word that nearly every
# post has finds its newest cases only by chance beyond the limit; it is no search then either.
SAID = """
WITH said AS MATERIALIZED (
    SELECT id FROM listening_post
    WHERE to_tsvector('simple'::regconfig, coalesce(text, '')) @@ websearch_to_tsquery('simple'::regconfig, %s)
    LIMIT %s
)
SELECT cp.case_id FROM said JOIN cases_casepost cp ON cp.post_id = said.id
"""
WROTE = """
SELECT customer_id FROM customers_author
WHERE customer_id IS NOT NULL
  AND ("left"(lower(handle), 60) LIKE %s ESCAPE '!' OR "left"(lower(name), 60) LIKE %s ESCAPE '!')
"""


def search(cases: QuerySet[Case], words: str) -> QuerySet[Case]:
    """Those of the cases that the words find; all of them without words. Hostile text finds nothing.

    `42` or `#42` is a case's number, `"lost bag" -refund` is understood as search engines do, and
    the beginning of a handle or a name finds its customer.
    """
    words = clean_text(words.strip(), LONGEST)
    if not words:
        return cases
    number = words.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19:
        return cases.filter(Q(pk=int(number)) | _found(words))
    return cases.filter(_found(words))


def _found(words: str) -> Q:
    begins = words.removeprefix("@").lower()[:PREFIX]
    for special in "!%_":
        begins = begins.replace(special, f"!{special}")
    said = RawSQL(SAID, [words, MOST_POSTS])  # noqa: S611 (our SQL, their words as parameters)
    wrote = RawSQL(WROTE, [f"{begins}%"] * 2)  # noqa: S611
    return Q(pk__in=said) | Q(customer__in=wrote)

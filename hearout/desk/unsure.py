"""Cases that were opened because the reading could not tell, and nobody has yet said what the post is."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from hearout.cases.models import Case
from hearout.triage.models import Verdict

MOST_COUNTED = 99


def opened_unsure() -> Exists:
    """Of a case: whether its opening's verdict is unsure and stands. One look into a small index."""
    opening = Verdict.objects.filter(
        post=OuterRef("opening"), brand=OuterRef("brand"), unsure=True, overruled_at__isnull=True
    )
    return Exists(opening)


def count_unsure(cases: QuerySet[Case]) -> str:
    """`12`, `99+` past 99, nothing for none."""
    found = len(cases.filter(opened_unsure()).order_by().values_list("pk")[: MOST_COUNTED + 1])
    return f"{MOST_COUNTED}+" if found > MOST_COUNTED else str(found or "")

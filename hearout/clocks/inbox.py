"""Cases by the state of their clocks."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from hearout.cases.models import Case
from hearout.clocks.models import Clock


def at_risk(cases: QuerySet[Case], now: datetime) -> QuerySet[Case]:
    """Those of the cases that have a clock at risk or past due. A paused clock worries nobody unless it is past."""
    worrying = Clock.objects.filter(
        Q(due_at__lt=now) | Q(at_risk_at__lte=now, paused_at=None), case=OuterRef("pk"), stopped_at=None
    )
    return cases.filter(Exists(worrying))

"""The one setting of a watch: how many false alarms a week are accepted."""

from __future__ import annotations

from django.db import transaction
from django.utils.timezone import now

from hearout.insight.trends.models import Watch
from hearout.journal.writing import note
from hearout.people.models import User

LEAST, MOST = 0.01, 100.0


def arrange(watch: Watch, *, by: User, false_alarms: float, on: bool) -> None:
    """Accept so many false alarms a week (LEAST to MOST) from now on; `on` false: count on, and alarm nobody."""
    if not LEAST <= false_alarms <= MOST:
        raise ValueError(f"{false_alarms} false alarms a week are not {LEAST} to {MOST}")
    with transaction.atomic():
        kept = Watch.objects.select_for_update().get(pk=watch.pk)
        kept.false_alarms = false_alarms
        kept.off_at = None if on else kept.off_at or now()
        kept.save(update_fields=["false_alarms", "off_at"])
        facts = {"false_alarms": false_alarms, "on": on}
        note("settings.changed", brand_id=kept.brand_id, noun="watch", noun_id=kept.pk, by=by.pk, **facts)

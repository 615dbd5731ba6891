"""What insight keeps: mystery shoppers and their probes, and the watch on trends. Figures themselves are never kept."""

from hearout.insight.probes.models import Plan, Probe, Shopper, Target, Told
from hearout.insight.trends.models import Alarm, Hour, Incident, IncidentNote, Series, Severity, Watch

__all__ = [
    "Alarm", "Hour", "Incident", "IncidentNote", "Plan", "Probe", "Series", "Severity", "Shopper", "Target", "Told",
    "Watch",
]  # fmt: skip

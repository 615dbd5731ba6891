"""What insight keeps: mystery shoppers and their probes. Figures themselves are never kept."""

from hearout.insight.probes.models import Plan, Probe, Shopper, Target, Told

__all__ = ["Plan", "Probe", "Shopper", "Target", "Told"]

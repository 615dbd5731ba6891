"""Cells of sheets that people open in a program which reckons."""

from __future__ import annotations

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a sheet takes a cell for a formula (the last four: full width, which some sheets fold)."""


def neutral(cell: str) -> str:
    """A text that no sheet takes for a formula: one that could be gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell

"""Which metrics there are and what they mean, told without loading an engine."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from hearout.insight.scope import ScopeError

FOLDER = Path(__file__).parent / "metrics"


@cache
def metric_names() -> list[str]:
    """Every metric: the files in `insight/metrics/`, with hyphens."""
    found = (path.stem for path in FOLDER.glob("*.py"))
    return sorted(name.replace("_", "-") for name in found if not name.startswith(("test_", "_")))


def definition(name: str) -> str:
    """What a metric means and how it is computed: its file's docstring. Raises ScopeError for no metric."""
    if name not in metric_names():
        raise ScopeError(f"There is no metric {name!r}. Choose among: {', '.join(metric_names())}.")
    file = FOLDER / f"{name.replace('-', '_')}.py"
    return ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""

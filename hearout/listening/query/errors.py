"""What is wrong with a query, where, and what was expected there."""

from __future__ import annotations

_AROUND = 60
"""Characters of the line shown on each side of the place."""


class QueryError(ValueError):
    """A query that cannot be read. `position` counts characters from 0; `expected` is "" where nothing helps."""

    def __init__(self, message: str, position: int, expected: str = "", query: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.expected = expected
        self.query = query

    def __str__(self) -> str:
        expected = f"; expected {self.expected}" if self.expected else ""
        return f"{self.message} at character {self.position + 1}{expected}"

    def pointed(self) -> str:
        """The line of the query, a caret under the character, and the message: three lines."""
        start = self.query.rfind("\n", 0, self.position) + 1
        line = self.query[start:].partition("\n")[0]
        column = min(self.position - start, len(line))
        first = max(0, column - _AROUND)
        shown = line[first : column + _AROUND]
        before = "…" if first else ""
        after = "…" if column + _AROUND < len(line) else ""
        # what a terminal does not draw as one column would push the caret away
        shown = "".join(c if c.isprintable() else " " for c in shown)
        return f"{before}{shown}{after}\n{' ' * (len(before) + column - first)}^\n{self}"

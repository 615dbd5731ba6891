"""Conditions of a rule as rows of a form, and back: field, is or is not, values; all of them or any of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hearout.triage.conditions import FIELDS, ConditionError, compile_conditions

MOST_ROWS = 20
TRUE, FALSE = "true", "false"
VERBS = {
    "text": ("have", "have not"),
    "words": ("is", "is not"),
    "choices": ("is", "is not"),
    "number": ("at least", "less than"),
}
Tree = dict[str, Any]


@dataclass
class Row:
    """One condition. `values`: what was entered. `error`: why it cannot be. `topics`: those the brand can have."""

    field: str = ""
    negated: bool = False
    values: list[str] = dataclasses.field(default_factory=list)
    error: str = ""
    topics: Sequence[str] = ()

    @property
    def control(self) -> str:
        """How its values are entered: choices, flag, number or words."""
        known = FIELDS.get(self.field)
        if known is None or known.operators == ("has",) or (not known.values and "is" in known.operators):
            return "words"
        if known.operators == ("at_least",):
            return "number"
        return "flag" if known.values == (TRUE, FALSE) else "choices"

    @property
    def choices(self) -> tuple[str, ...]:
        if not FIELDS[self.field].more:
            return FIELDS[self.field].values
        return tuple(dict.fromkeys((*self.topics, *self.values)))

    @property
    def text(self) -> str:
        return ", ".join(self.values)

    @property
    def said(self) -> str:
        """The row as a sentence's part, such as “kind is not praise or other”."""
        label = FIELDS[self.field].label if self.field in FIELDS else self.field
        if self.control == "flag":
            return f"{label}: {'yes' if (self.text == TRUE) is not self.negated else 'no'}"
        positive, negative = VERBS["text" if self.field == "text" else self.control]
        quoted = [f"“{value}”" if self.field == "text" else value for value in self.values]
        more = f" or {len(quoted) - 4} more" if len(quoted) > 5 else ""
        shown = " or ".join(quoted[:4] if more else quoted)
        return f"{label} {negative if self.negated else positive} {shown}{more}"

    def tree(self) -> Tree:
        """The row as a condition. Raises ConditionError, with the reason kept in `error`."""
        try:
            test = {"field": self.field, **self._operand()}
            compile_conditions(test)
        except ConditionError as error:
            self.error = str(error)
            raise
        return {"not": test} if self.negated else test

    def _operand(self) -> Tree:
        known = FIELDS.get(self.field)
        if known is None:
            raise ConditionError("Choose what to look at.")
        if not self.values:
            raise ConditionError(f"Say which: {known.label} needs a value.")
        if self.control == "flag":
            return {"is": {TRUE: True, FALSE: False}.get(self.values[0], self.values[0])}
        if self.control == "number":
            return {"at_least": _number(self.values[0])}
        if known.operators == ("has",):
            return {"has": self.values}
        return {"is": self.values[0]} if len(self.values) == 1 else {"in": self.values}


def _number(text: str) -> float | int:
    try:
        return int(text) if text.isdecimal() and len(text) < 18 else float(text.replace(",", "."))
    except ValueError:
        raise ConditionError(f"“{text[:20]}” is no number.") from None


def rows_of(tree: Mapping[str, Any]) -> tuple[str, list[Row]] | None:
    """How the rows are combined (`all` or `any`), and the rows. None for a tree that is nested deeper."""
    if not tree:
        return "all", []
    combine = next((name for name in ("all", "any") if set(tree) == {name}), "")
    parts = tree[combine] if combine else [tree]
    rows = [_row(part) for part in parts] if isinstance(parts, list) else [None]
    return None if any(row is None for row in rows) else (combine or "all", [row for row in rows if row])


def _row(part: Any) -> Row | None:
    if not isinstance(part, Mapping):
        return None
    negated = set(part) == {"not"}
    test = part["not"] if negated else part
    if not isinstance(test, Mapping) or "field" not in test or len(test) != 2:
        return None
    value = next(value for name, value in test.items() if name != "field")
    values = value if isinstance(value, list) else [value]
    return Row(str(test["field"]), negated, [_text(one) for one in values])


def _text(value: Any) -> str:
    return (TRUE if value else FALSE) if isinstance(value, bool) else str(value)


def tree_of(combine: str, rows: Sequence[Row]) -> Tree:
    """The conditions of all filled rows; none of them: always true. Raises ConditionError, kept at its row."""
    trees, wrong = [], None
    for row in rows:
        try:
            trees.append(row.tree())
        except ConditionError as error:
            wrong = error
    if wrong:
        raise wrong
    if len(trees) < 2:
        return trees[0] if trees else {}
    return {combine if combine in ("all", "any") else "all": trees}


def posted(data: Any) -> list[Row]:
    """The rows of a posted form: `field-0`, `not-0`, `value-0` and so on. Blank ones are left out."""
    found = []
    for number in range(MOST_ROWS):
        name = data.get(f"field-{number}", "")
        if name:
            row = Row(str(name), data.get(f"not-{number}") == "not")
            raw = [value for value in data.getlist(f"value-{number}") if value.strip()]
            split = raw if row.control in ("choices", "flag") else [v for one in raw for v in one.split(",")]
            row.values = [value.strip() for value in split if value.strip()]
            found.append(row)
    return found


def said(tree: Mapping[str, Any]) -> str:
    """A tree in words, for a list of rules."""
    found = rows_of(tree)
    if found is None:
        return "Nested conditions"
    combine, rows = found
    parts = [row.said if at == 0 else row.said[:1].lower() + row.said[1:] for at, row in enumerate(rows)]
    return (", and " if combine == "all" else ", or ").join(parts) or "Every post"

"""The studies' tables with the published figure and yours side by side, and why a cell is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hearout.desk.audit.words import Json, Value, cell_of, plain, plural


@dataclass(frozen=True)
class Pair:
    """One cell of a study: what was published, what the audit found, and the mark of its note."""

    published: Value = field(default_factory=Value)
    yours: Value = field(default_factory=Value)
    note: str = ""

    @property
    def known(self) -> bool:
        return self.published.known or self.yours.known


@dataclass(frozen=True)
class StudyTable:
    """`rows`: a label and a pair for each column. `left_out`: rows and columns of which neither side knows anything."""

    title: str
    columns: list[str]
    rows: list[tuple[str, list[Pair]]]
    notes: list[tuple[str, str]]
    left_out: str


@dataclass(frozen=True)
class Study:
    key: str
    title: str
    source: str
    year: str
    note: str
    tables: list[StudyTable]


def studies(document: Json) -> list[Study]:
    return [
        Study(
            key=plain(study.get("id")),
            title=plain(study.get("title")),
            source=plain(study.get("source")),
            year=("about " if study.get("about") else "") + plain(study.get("year")),
            note=plain(study.get("note")),
            tables=[table for one in study.get("tables") or [] for table in [_table(one)] if table.rows],
        )
        for study in document.get("studies") or []
    ]


def _table(table: Json) -> StudyTable:
    columns = [plain(name) for name in table.get("columns") or []]
    rows = [(plain(row.get("label")), _pairs(row, len(columns))) for row in table.get("rows") or []]
    told = [place for place in range(len(columns)) if any(pairs[place].known for _, pairs in rows)]
    shown = [
        (label, [pairs[place] for place in told]) for label, pairs in rows if any(p.known for p in pairs)
    ]
    notes: dict[str, str] = {}
    return StudyTable(
        title=plain(table.get("title")),
        columns=[columns[place] for place in told],
        rows=[(label, [_marked(pair, notes) for pair in pairs]) for label, pairs in shown],
        notes=[(mark, why) for why, mark in notes.items()],
        left_out=_left_out(len(rows) - len(shown), len(columns) - len(told)),
    )


def _left_out(rows: int, columns: int) -> str:
    """`12 rows and 1 column`, or nothing."""
    return " and ".join(plural(n, name) for n, name in ((rows, "row"), (columns, "column")) if n)


def _pairs(row: Json, columns: int) -> list[Pair]:
    published, yours = (row.get(name) or [] for name in ("published", "yours"))
    return [Pair(cell_of(_at(published, place)), cell_of(_at(yours, place))) for place in range(columns)]


def _marked(pair: Pair, notes: dict[str, str]) -> Pair:
    """Each reason why yours is empty gets one mark in its table, however many cells it empties."""
    if pair.yours.known or not pair.yours.why:
        return pair
    return Pair(pair.published, pair.yours, notes.setdefault(pair.yours.why, _mark(len(notes))))


def _mark(place: int) -> str:
    return chr(ord("a") + place) if place < 26 else str(place - 25)


def _at(cells: Sequence[Any], place: int) -> Json | None:
    return cells[place] if place < len(cells) else None

"""The studies' tables with the published figure and yours side by side, and why a cell is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearout.desk.audit.words import Json, Value, cell_of


@dataclass(frozen=True)
class Pair:
    """One cell of a study: what was published, what the audit found, and the mark of its note."""

    published: Value
    yours: Value
    note: str = ""


@dataclass(frozen=True)
class StudyTable:
    title: str
    columns: list[str]
    rows: list[tuple[str, list[Pair]]]
    notes: list[tuple[str, str]]


@dataclass(frozen=True)
class Study:
    title: str
    source: str
    year: str
    note: str
    tables: list[StudyTable]


def studies(document: Json) -> list[Study]:
    return [
        Study(
            title=str(study.get("title") or ""),
            source=str(study.get("source") or ""),
            year=str(study.get("year") or ""),
            note=str(study.get("note") or ""),
            tables=[_table(table) for table in study.get("tables") or []],
        )
        for study in document.get("studies") or []
    ]


def _table(table: Json) -> StudyTable:
    columns = [str(name) for name in table.get("columns") or []]
    notes: dict[str, str] = {}
    rows = []
    for row in table.get("rows") or []:
        published, yours = (row.get(name) or [] for name in ("published", "yours"))
        pairs = [_pair(_at(published, place), _at(yours, place), notes) for place in range(len(columns))]
        rows.append((str(row.get("label") or ""), pairs))
    return StudyTable(
        str(table.get("title") or ""), columns, rows, [(mark, why) for why, mark in notes.items()]
    )


def _pair(published: Json | None, yours: Json | None, notes: dict[str, str]) -> Pair:
    """Each reason why yours is empty gets one mark in its table, however many cells it empties."""
    value = cell_of(yours)
    mark = notes.setdefault(value.why, _mark(len(notes))) if value.why and not value.known else ""
    return Pair(cell_of(published), value, mark)


def _mark(place: int) -> str:
    return chr(ord("a") + place) if place < 26 else str(place - 25)


def _at(cells: Sequence[Json | None], place: int) -> Json | None:
    return cells[place] if place < len(cells) else None

"""The audit document as files: JSON as it is; CSV and Parquet with one row for each brand and part."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow

from hearout.insight.sheets import neutral

Json = dict[str, Any]

ALL = "all"
KEYS = {"brand": "string", "dimension": "string", "part": "string"}
"""Of whom a row is: a brand's name, or "all" with an empty `brand`; by what it is split, and which part."""

COUNTS = ("openings", "answered")
NUMBERS = (
    "typical_wait_seconds", "expectation_score", "first_contact_resolution", "loop_closed", "kudos_rate",
    "moved_to_private", "leak_rate",
)  # fmt: skip
TIMES = ("median", "p90", "mean")


def as_json(document: Json) -> str:
    """The document as text, a brand a line. Lone surrogates, which no file can hold, are escaped as JSON allows."""
    text = _lines(document, json.JSONEncoder(ensure_ascii=False, allow_nan=False))
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _lines(document, json.JSONEncoder(allow_nan=False))
    return text


def _lines(document: Json, encoder: json.JSONEncoder) -> str:
    """Whole values at once: with `indent`, Python's encoder would go through every single one, ten times as long."""
    parts = []
    for name, value in document.items():
        many = isinstance(value, list) and value
        told = "[\n  " + ",\n  ".join(map(encoder.encode, value)) + "\n ]" if many else encoder.encode(value)
        parts.append(f" {encoder.encode(name)}: {told}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def as_csv(document: Json) -> str:
    """A header and the rows of `flat`; no cell is a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), lineterminator="\r\n")
    writer.writeheader()
    for row in flat(document):
        writer.writerow(
            {name: neutral(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
        )
    return out.getvalue()


def write_parquet(document: Json, path: Path) -> None:
    """The rows of `flat`. Raises OSError."""
    from pyarrow.parquet import write_table

    kinds = {"string": pyarrow.string(), "int": pyarrow.int64(), "float": pyarrow.float64()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    rows = [{name: _storable(cell) for name, cell in row.items()} for row in flat(document)]
    write_table(pyarrow.Table.from_pylist(rows, schema=schema), path)


def flat(document: Json) -> Iterator[Json]:
    """One row for all, one for each brand, and below each one for each part of each dimension."""
    yield from _rows(document["all"], "", ALL)
    for brand in document["brands"]:
        yield from _rows(brand, brand["brand"], "brand")


def _rows(figures: Json, brand: str, of: str) -> Iterator[Json]:
    yield {"brand": brand, "dimension": of, "part": "", **_cells(figures)}
    for dimension, parts in figures["by"].items():
        for part, inner in parts.items():
            yield {"brand": brand, "dimension": dimension, "part": part, **_cells(inner)}


def _cells(figures: Json) -> Json:
    around: Mapping[str, Json] = figures["intervals"]
    cells: Json = {name: figures[name] for name in COUNTS}
    cells |= _share("response_rate", figures["response_rate"])
    for limit, one in figures["answered_within"].items():
        cells |= _share(f"answered_within_{limit}", one)
    for name in TIMES:
        cells |= _value(f"first_response_{name}", figures["first_response_seconds"][name], around[name])
    for name in NUMBERS:
        cells |= _value(name, figures[name], around[name])
    return {**cells, "grade": figures["grade"]}


def _share(name: str, one: Json) -> Json:
    return {name: one["value"], f"{name}_low": one["low"], f"{name}_high": one["high"]}


def _value(name: str, value: float | None, around: Json) -> Json:
    return {name: value, f"{name}_low": around["low"], f"{name}_high": around["high"]}


def _columns() -> dict[str, str]:
    shares = ["response_rate", *(f"answered_within_{limit}" for limit in (1800, 3600, 86_400))]
    named = [*shares, *(f"first_response_{name}" for name in TIMES), *NUMBERS]
    floats = [column for name in named for column in (name, f"{name}_low", f"{name}_high")]
    return {**KEYS, **dict.fromkeys(COUNTS, "int"), **dict.fromkeys(floats, "float"), "grade": "string"}


COLUMNS = _columns()
"""Every column and its kind: string, int or float. Shares are from 0 to 1, times in seconds."""


def _storable(cell: Any) -> Any:
    return cell.encode(errors="replace").decode() if isinstance(cell, str) else cell

"""The document as files: JSON as it is, sheets without formulas, Parquet with numbers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet
import pytest

from hearout.insight.audit.exporting import COLUMNS, as_csv, as_json, flat, write_parquet
from hearout.insight.audit.test_studies import Json, brand, counted, figures

HOSTILE = "=cmd|' /C calc'!A0\ud800"


@pytest.fixture
def document() -> Json:
    tone = {"tone": {"complaint": counted([600], 1)}}
    brands = [brand(HOSTILE, counted([600, 7200], 1), {}, tone), brand("empty", counted([]), {})]
    return {"all": figures(counted([600, 7200], 1), tone), "brands": brands}


def test_there_is_a_row_for_all_each_brand_and_each_part(document: Json) -> None:
    rows = list(flat(document))
    assert [(row["brand"], row["dimension"], row["part"]) for row in rows] == [
        ("", "all", ""), ("", "tone", "complaint"), (HOSTILE, "brand", ""), (HOSTILE, "tone", "complaint"),
        ("empty", "brand", ""),
    ]  # fmt: skip
    assert all(list(row) == list(COLUMNS) for row in rows)
    assert (rows[0]["openings"], rows[0]["first_response_median"], rows[0]["answered_within_1800"]) == (
        3,
        3900,
        1 / 3,
    )
    assert (rows[4]["openings"], rows[4]["response_rate"], rows[4]["grade"]) == (0, None, None)


def test_no_cell_of_the_sheet_is_a_formula(document: Json) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(document))))
    assert rows[2]["brand"] == "'" + HOSTILE
    assert (rows[0]["openings"], rows[4]["response_rate"]) == ("3", "")


def test_json_holds_any_name_and_no_infinity(document: Json) -> None:
    text = as_json(document)
    assert text.encode()
    assert json.loads(text) == document
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"all": float("inf")})


def test_parquet_has_numbers_where_there_are_any(document: Json, tmp_path: Path) -> None:
    write_parquet(document, tmp_path / "a.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    assert table.column_names == list(COLUMNS)
    assert str(table.schema.field("openings").type) == "int64"
    assert table.column("first_response_median").to_pylist() == [3900.0, 600.0, 3900.0, 600.0, None]
    assert table.column("brand").to_pylist()[2].startswith("=cmd")

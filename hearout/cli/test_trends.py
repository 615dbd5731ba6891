from __future__ import annotations

import csv
import io

import pytest
from typer.testing import CliRunner

from hearout.cli import app


def lines(n=400):
    return ["timestamp,value\n", *(f"2026-03-{2 + at // 288:02} {at % 288 // 12:02}:{at % 12 * 5:02}:00,{at % 3}\n"
                                   for at in range(n))]  # fmt: skip


@pytest.fixture
def run(tmp_path):
    def run(text, *options):
        file = tmp_path / "series.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return CliRunner().invoke(app, ["trends", "detect", str(file), *options])

    return run


def test_each_line_comes_back_with_what_was_expected_and_whether_it_alarms(run):
    text = lines()
    text[350] = text[350].rsplit(",", 1)[0] + ",250\n"
    answer = run("".join(text))
    rows = list(csv.DictReader(io.StringIO(answer.stdout)))
    assert answer.exit_code == 0
    assert list(rows[0]) == ["timestamp", "value", "expected", "score", "alarm"]
    assert [(row["timestamp"], row["value"]) for row in rows] == [
        tuple(line.strip().split(",")) for line in text[1:]
    ]
    assert [at for at, row in enumerate(rows, 1) if row["alarm"] == "1"] == [350]
    assert float(rows[349]["score"]) > 0.9 > 0.5 > float(rows[300]["score"])
    assert 0.5 < float(rows[349]["expected"]) < 2


def test_fewer_false_alarms_accepted_are_fewer_alarms(run):
    text = lines()
    text[350] = text[350].rsplit(",", 1)[0] + ",12\n"
    assert ",1\n" in run("".join(text), "--false-alarms", "500").stdout
    assert ",1\n" not in run("".join(text), "--false-alarms", "0.001").stdout


def test_odd_files_end_in_a_sentence(run):
    for text in ("timestamp,value\nx,1\n", b"timestamp,value\n\xff\xfe,1\n", b"\x00\x00", 'a"b\n' * 5):
        answer = run(text)
        assert answer.exit_code
        assert "Traceback" not in answer.output


def test_columns_in_another_order_and_a_byte_order_mark_are_read(run):
    answer = run("\ufeffvalue,more,Timestamp\n3,x,2026-03-02 10:00\n\n4,y,2026-03-02 10:05\n".encode())
    assert answer.stdout.splitlines()[1].startswith("2026-03-02 10:00,3,")


def test_labelled_series_are_scored_and_a_folder_without_is_named(tmp_path, shared_data):
    empty = CliRunner().invoke(app, ["trends", "score", str(tmp_path)])
    assert empty.exit_code
    if (shared_data / "nab").is_dir():
        told = CliRunner().invoke(app, ["trends", "score", str(shared_data / "nab")], env={"COLUMNS": "200"})
        assert "14 of 14 windows" in told.stdout
        assert "with each series left out" in told.stdout

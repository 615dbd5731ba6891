"""`hearout audit` as a person or a program calls it, on good files and on bad ones."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hearout.cli import app, audit
from hearout.cli.ground import TroubleError

HEADER = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id"
MINUTE = "Mon Mar 02 10:{:02}:00 +0000 2026"
Call = Callable[..., Result]


def rows(count: int = 3) -> list[list[str]]:
    """So many questions to Tidewing, each answered after ten minutes but the last, which nobody answers."""
    found: list[list[str]] = []
    for n in range(1, count + 1):
        found.append([str(n), str(70 + n), "True", MINUTE.format(n), "@Tidewing where is my bag?", "", ""])
        if n < count:
            found.append([str(100 + n), "Tidewing", "False", MINUTE.format(n + 10), "here", "", str(n)])
    return found


def text(found: list[list[str]], delimiter: str = ",") -> str:
    lines = [HEADER.split(","), *found]
    return "\n".join(delimiter.join(cell for cell in line) for line in lines) + "\n"


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs `hearout audit ...` in a folder of its own; what a person can mend is raised as TroubleError."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Result:
        return CliRunner().invoke(app, ["audit", *words], catch_exceptions=False, env={"COLUMNS": "200"})

    return call


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text(text(rows()), "utf-8")
    return path


def document(call: Call, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call(*words, "--no-tone", "--json", "-").stdout)
    return found


def test_a_person_gets_a_summary_with_grade_brands_and_what_was_left_out(call: Call, good: Path) -> None:
    result = call("good.csv", "--no-tone", "--name", "[red]March")
    for words in (
        "[red]March", "5 posts from 2026-03-02 to 2026-03-02", "Grade D (0.67): 66.7 % of 3 openings were answered",
        "half of those within 10 min", "Tidewing", "Left out or ignored: nothing", "Texts were not read",
    ):  # fmt: skip
        assert words in result.stdout


def test_all_files_are_written_and_named(call: Call, good: Path, tmp_path: Path) -> None:
    names = {"--json": "a.json", "--csv": "a.csv", "--parquet": "a.parquet", "--html": "a.html"}
    options = [word for pair in names.items() for word in pair]
    result = call("good.csv", "--no-tone", *options)
    assert all(f"Written: {name}" in result.stdout for name in names.values())
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["all"]["openings"] == 3
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["openings"] == "3"
    assert (tmp_path / "a.parquet").read_bytes().startswith(b"PAR1")
    assert "<html" in (tmp_path / "a.html").read_text("utf-8")


def test_json_for_a_program_is_all_that_standard_output_has(call: Call, good: Path) -> None:
    result = call("good.csv", "--no-tone", "--json", "-")
    assert json.loads(result.stdout)["made"]["name"] == "good"
    assert "Grade" in result.stderr


def test_an_empty_file_and_one_of_another_kind_are_told_from_each_other(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "words.txt").write_text("just some words\nand more\n")
    with pytest.raises(TroubleError, match=r"empty\.csv is empty"):
        call("empty.csv")
    with pytest.raises(TroubleError, match=r"words\.txt is no archive"):
        call("words.txt")
    with pytest.raises(TroubleError, match="None of the files can be read"):
        call("empty.csv", "words.txt")


def test_files_that_can_be_read_are_audited_although_others_cannot(
    call: Call, good: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    found = document(call, "good.csv", "empty.csv")
    assert found["all"]["openings"] == 3
    assert [text for text in found["warnings"] if text.startswith("empty.csv was left out")]
    assert found["made"]["inputs"] == ["good.csv"]


def test_another_encoding_is_read_or_its_rows_are_said_to_be_in_one(call: Call, tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_bytes(text(rows()).encode("utf-16"))
    assert document(call, "wide.csv")["all"]["openings"] == 3
    told = text(rows()).replace("bag?", "café?", 1).encode("latin-1")
    (tmp_path / "latin.csv").write_bytes(told)
    found = document(call, "latin.csv")
    assert (found["archive"]["rejected"], found["all"]["openings"]) == (1, 2)
    assert any("UTF-8" in reason for reason in found["rejections"])


def test_of_a_truncated_gzip_what_is_there_is_reported(call: Call, tmp_path: Path) -> None:
    whole = gzip.compress(text(rows(40)).encode(), mtime=0)
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) * 2 // 3])
    found = document(call, "cut.csv.gz")
    assert 0 < found["all"]["openings"] < 40
    assert any("cannot be read any further" in reason for reason in found["rejections"])


def test_what_a_spreadsheet_made_of_a_file_is_read_where_it_can_be(call: Call, tmp_path: Path) -> None:
    found = rows()
    for row in found:
        row[2] = row[2].upper()
    found[4][0] = "9.3E+17"
    (tmp_path / "sheet.csv").write_bytes("\ufeff".encode() + text(found, ";").encode())
    told = document(call, "sheet.csv", "--rejects", "rejects.jsonl")
    assert (told["all"]["openings"], told["archive"]["rejected"]) == (2, 1)
    [reason] = told["rejections"]
    assert "spreadsheet" in reason
    assert "--rejects FILE" in call("sheet.csv", "--no-tone").stdout
    rejected = json.loads((tmp_path / "rejects.jsonl").read_text("utf-8"))
    assert (rejected["line"], rejected["file"]) == (6, "sheet.csv")


def test_spoilt_texts_are_counted_as_a_warning(call: Call, tmp_path: Path) -> None:
    found = rows()
    found[0][4] = "@Tidewing where is my cafÃ© and itâ€™s bag?"
    (tmp_path / "spoilt.csv").write_text(text(found), "utf-8")
    warnings = document(call, "spoilt.csv")["warnings"]
    assert [count for words, count in warnings.items() if "decoded wrongly" in words] == [1]


def test_times_without_a_zone_are_utc_with_a_warning_or_of_the_zone_named(call: Call, tmp_path: Path) -> None:
    lines = ["id,parent,author,text,time,by_brand", "1,,77,@tidewing hello?,2026-03-01 10:00:00,false",
             "2,1,tidewing,hi,2026-03-01 10:10:00,true"]  # fmt: skip
    (tmp_path / "plain.csv").write_text("\n".join(lines))
    found = document(call, "plain.csv")
    assert found["archive"]["first"] == "2026-03-01T10:00:00+00:00"
    assert [count for words, count in found["warnings"].items() if "without a zone" in words] == [2]
    found = document(call, "plain.csv", "--zone", "Europe/Berlin")
    assert (found["archive"]["first"], found["warnings"]) == ("2026-03-01T09:00:00+00:00", {})


def test_a_brand_with_no_openings_is_in_the_summary(call: Call, good: Path, tmp_path: Path) -> None:
    listed = "[[brand]]\nname='Tidewing'\n[[brand.handle]]\nhandle='tidewing'\n[[brand]]\nname='Nobody Air'\n"
    (tmp_path / "brands.toml").write_text(listed)
    lines = call("good.csv", "--no-tone", "--brands", "brands.toml").stdout.splitlines()
    assert [line.split()[2:4] for line in lines if line.startswith("Nobody Air")] == [["0", "unknown"]]


def test_what_cannot_work_is_said_before_the_work(call: Call, good: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[[brand]]\nnaem='Tidewing'\n")
    for words, says in (
        ((), "Give a file"),
        (("good.csv", "--live"), "not both"),
        (("good.csv", "--of", "x"), "needs --live"),
        (("nothere.csv",), "There is no file nothere.csv"),
        (("good.csv", "--brands", "none.toml"), "There is no file none.toml"),
        (("good.csv", "--brands", "bad.toml"), r"bad.toml, line 2: 'naem' means nothing in a \[\\\[brand"),
        (("good.csv", "--since", "yesterday"), "--since is 'yesterday'"),
        (("good.csv", "--engine", "polars"), "no engine 'polars'"),
        (("good.csv", "--format", "nonsense"), "no archive format 'nonsense'"),
        (("good.csv", "--json", "no/where.json"), "There is no folder"),
        (("good.csv", "--html", "."), "is a folder"),
        (("good.csv", "--csv", "-"), "Only --json"),
    ):
        with pytest.raises(TroubleError, match=says):
            call(*words)


def test_the_live_database_is_audited_too(cast, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    from hearout.listening.models import Post

    @contextmanager
    def ground():
        yield ""

    monkeypatch.setattr(audit, "ground", ground)
    post = Post.objects.create(
        network="simulator", external_id="a1", author=cast.tom, text="@tidewing?", posted_at=cast.monday
    )
    Post.objects.update(root=post)
    found = json.loads(call("--live", "--json", "-").stdout)
    assert (found["all"]["openings"], found["brands"][0]["brand"]) == (1, cast.brand.name)
    with pytest.raises(TroubleError, match="no archive 'nowhere'"):
        call("--live", "--of", "nowhere")


def test_the_manual_has_every_option_and_an_example_that_works() -> None:
    import re

    import typer

    from hearout.insight.audit.brands import parse_brands

    manual = (Path(__file__).parents[2] / "docs" / "audit.md").read_text("utf-8")
    command = typer.main.get_command(app).commands["audit"]  # type: ignore[attr-defined]
    options = [name for option in command.params for name in option.opts if name.startswith("--")]
    assert [name for name in options if f"`{name}" not in manual and name != "--help"] == []
    [example] = re.findall(r"```toml\n(.*?)```", manual, re.S)
    assert [brand.name for brand in parse_brands(example)] == ["Tidewing"]

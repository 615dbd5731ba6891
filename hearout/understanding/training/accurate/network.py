"""The encoder and its heads, as they are trained."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from hearout.understanding.training.accurate.start import Start
from hearout.understanding.training.accurate.tasks import CLASSES

DROPPED = 0.1  # of what each head sees


class Layer(nn.Module):
    """Attention and a feed-forward part, each added to its input and normalised (BERT's order)."""

    def __init__(self, size: int, inner: int, heads: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.inner, self.outer = nn.Linear(size, inner), nn.Linear(inner, size)
        self.first, self.second = nn.LayerNorm(size, epsilon), nn.LayerNorm(size, epsilon)

    def forward(self, seen: Tensor, mask: Tensor) -> Tensor:
        posts, places, size = seen.shape
        each = self.qkv(seen).view(posts, places, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        with torch.autocast("cpu", enabled=False):
            query, key, value = each.float().unbind(
                0
            )  # small products are faster so, twice as fast as fused ones
            scores = query @ key.transpose(-1, -2) / math.sqrt(size // self.heads) + mask
            mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(posts, places, size)
        seen = self.first(seen + self.out(mixed))
        result: Tensor = self.second(seen + self.outer(functional.gelu(self.inner(seen))))
        return result


class Network(nn.Module):
    """Numbers of pieces [posts, places] and a mask of the same shape to logits [posts, all classes].

    Every head looks at the places with an attention of its own and adds up what each place says: so
    what a word adds to a class can be told exactly. Word and position rows are not learnt: they stay
    what they were in 4 bits.
    """

    def __init__(self, start: Start, depth: int) -> None:
        super().__init__()
        size = start.words.shape[1]
        inner = start.layers[0]["fi.w"].shape[0]
        self.register_buffer("words", torch.tensor(start.words))
        self.register_buffer("places", torch.tensor(start.positions))
        self.norm = nn.LayerNorm(size, start.epsilon)
        self.layers = nn.ModuleList(Layer(size, inner, start.heads, start.epsilon) for _ in range(depth))
        counts = [len(names) for names in CLASSES.values()]
        self.looks = nn.Parameter(torch.zeros(size, len(counts)))
        self.says = nn.Linear(size, sum(counts))
        nn.init.normal_(self.says.weight, std=0.02)
        nn.init.zeros_(self.says.bias)
        self.head_of: Tensor
        self.register_buffer("head_of", torch.tensor(np.repeat(np.arange(len(counts)), counts)))
        _set(self.norm, start.norm[0], start.norm[1])
        for layer, told in zip(self.layers, start.layers, strict=False):
            _fill(layer, told)

    def forward(self, numbers: Tensor, mask: Tensor) -> Tensor:
        seen = self.norm(functional.embedding(numbers, self.words) + self.places[: numbers.shape[1]])
        hidden = (1.0 - mask.float())[:, None, None, :] * -1e4
        for layer in self.layers:
            seen = layer(seen, hidden)
        seen = functional.dropout(seen.float(), DROPPED, self.training)
        with torch.autocast("cpu", enabled=False):
            shares = (seen @ self.looks + (1.0 - mask.float())[:, :, None] * -1e4).softmax(1)
            said = seen @ self.says.weight.T
            logits: Tensor = (shares[:, :, self.head_of] * said).sum(1) + self.says.bias
        return logits


def _fill(layer: Layer, told: dict[str, np.ndarray]) -> None:
    qkv = [np.concatenate([told[f"{name}.{part}"] for name in "qkv"]) for part in "wb"]
    _set(layer.qkv, *qkv)
    for linear, name in (
        (layer.out, "ao"),
        (layer.inner, "fi"),
        (layer.outer, "fo"),
        (layer.first, "aln"),
        (layer.second, "oln"),
    ):
        _set(linear, told[f"{name}.w"], told[f"{name}.b"])


def _set(part: nn.Linear | nn.LayerNorm, weight: np.ndarray, bias: np.ndarray) -> None:
    with torch.no_grad():
        part.weight.copy_(torch.tensor(weight))
        part.bias.copy_(torch.tensor(bias))

"""Fine-tunes the encoder: two processes of one core each, which average their weights now and then.

It needs the folder that `prepare` filled and nothing else. The same folder, seed, number of processes and library
versions give the same weights. Sums of 16-bit products on other processors may differ in the last digit.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, distributed, multiprocessing
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from hearout.understanding.accurate.texts import PADDING
from hearout.understanding.training.accurate import start, tasks
from hearout.understanding.training.accurate.network import Network
from hearout.understanding.training.accurate.prepare import START, Prepared
from hearout.understanding.training.accurate.tasks import CLASSES, NO_LABEL

DEPTH = 10  # of the 12 layers: the upper ones are the likeliest to be spared, and the file stays small
KEPT = 2  # of them, the lowest, are not learnt: words and their order look the same everywhere
PROCESSES = 2
POSTS = 64  # a step and process
TOGETHER = 20  # steps after which the processes' weights are averaged
RATE, HEAD_RATE, LOWER = 2e-4, 1e-3, 0.92  # of learning; each layer below learns so much less
WARM_UP = 0.06  # of the steps: the rate rises so long, then falls in a straight line
HIDDEN = 0.04  # of a text's pieces are hidden, so that no single one decides
ROUNDED = 8  # places: lengths are padded to its multiples, for every shape costs memory
WEIGHTS = "weights.pt"


@dataclass(frozen=True, slots=True)
class Batch:
    """What is learnt in one step."""

    numbers: Tensor
    mask: Tensor
    labels: Tensor


def finetune(work: Path, seed: int, share: float = 1.0) -> None:
    """Write `weights.pt` (a state dictionary, read with `weights_only`) into `work`. `share`: of the steps, to try
    things."""
    with tempfile.TemporaryDirectory() as meeting:
        multiprocessing.spawn(_process, (work, seed, share, f"file://{meeting}/met"), PROCESSES)


def network(work: Path, seed: int) -> Network:
    """The network before training."""
    torch.manual_seed(seed)
    return Network(start.saved(work / START), DEPTH)


def _process(rank: int, work: Path, seed: int, share: float, meeting: str) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=PROCESSES)
    model, prepared = network(work, seed), Prepared.load(work)
    for part in (model.norm, *model.layers[:KEPT]):
        part.requires_grad_(False)
    steps = max(1, int(share * prepared.passes.sum() / POSTS / PROCESSES))
    torch.manual_seed(seed + 1 + rank)
    _learn(model, prepared, steps, np.random.default_rng((seed, rank)), rank)
    if rank == 0:
        torch.save(model.state_dict(), work / WEIGHTS)
    distributed.destroy_process_group()


def _learn(model: Network, prepared: Prepared, steps: int, dice: np.random.Generator, rank: int) -> None:
    optimiser = torch.optim.AdamW(_groups(model), fused=True)
    warm = max(1, int(WARM_UP * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, (steps - step) / max(1, steps - warm))
    )
    weights = [
        torch.tensor(tasks.class_weights(prepared.labels[:, place], len(names)))
        for place, names in enumerate(CLASSES.values())
    ]
    model.train()
    begun, losses = time.monotonic(), list[float]()
    for step, batch in enumerate(_batches(prepared, dice, steps), 1):
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(batch.numbers, batch.mask)
        loss = _loss(logits, batch.labels, weights)
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        losses.append(loss.item())
        if step % TOGETHER == 0 or step == steps:
            _average(model)
        if rank == 0 and (step % 50 == 0 or step == steps):
            spent = time.monotonic() - begun
            print(f"  step {step} of {steps}, {spent:.0f} s, loss {np.mean(losses):.4f}", flush=True)
            losses.clear()


def _groups(model: Network) -> list[dict[str, object]]:
    """Parameters by how fast they learn; norms and intercepts are not pulled to zero."""
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        depth = int(name.split(".")[1]) if name.startswith("layers.") else -1
        head = name.startswith(("looks", "says"))
        rate = HEAD_RATE if head else RATE * LOWER ** (DEPTH - 1 - depth)
        decay = 0.01 if parameter.dim() > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": found, "lr": rate, "weight_decay": decay} for (rate, decay), found in groups.items()]


def _average(model: Network) -> None:
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    flat = torch.cat([parameter.detach().reshape(-1) for parameter in learnt])
    distributed.all_reduce(flat)
    at = 0
    with torch.no_grad():
        for parameter in learnt:
            parameter.copy_(flat[at : at + parameter.numel()].view_as(parameter)).div_(PROCESSES)
            at += parameter.numel()


def _loss(logits: Tensor, labels: Tensor, weights: list[Tensor]) -> Tensor:
    """The mean over posts of the losses of all labels a post has."""
    total, at = logits.new_zeros(()), 0
    for place, (name, classes) in enumerate(CLASSES.items()):
        part = logits[:, at : at + len(classes)].float()
        at += len(classes)
        if (labels[:, place] == NO_LABEL).all():
            continue
        each = functional.cross_entropy(
            part, labels[:, place], weights[place], ignore_index=NO_LABEL, reduction="sum"
        )
        total = total + tasks.WEIGHTS.get(name, 1.0) * each
    return total / len(labels)


def _batches(prepared: Prepared, dice: np.random.Generator, steps: int) -> Iterator[Batch]:
    """Texts drawn as often as they are to be seen, those of like length together."""
    lengths = np.array([len(one) for one in prepared.numbers])
    drawn = prepared.passes / prepared.passes.sum()
    made, window = 0, 40
    while made < steps:
        rows = dice.choice(len(lengths), POSTS * window, replace=False, p=drawn)
        rows = rows[np.argsort(lengths[rows] + dice.random(len(rows)), kind="stable")].reshape(window, POSTS)
        for batch in rows[dice.permutation(window)][: steps - made]:
            yield _batch([prepared.numbers[i] for i in batch], prepared.labels[batch], dice)
            made += 1


def _batch(numbers: list[np.ndarray], labels: np.ndarray, dice: np.random.Generator) -> Batch:
    longest = -(-max(map(len, numbers)) // ROUNDED) * ROUNDED
    table = np.full((len(numbers), longest), PADDING, np.int64)
    for row, one in enumerate(numbers):
        table[row, : len(one)] = one
    mask = table != PADDING
    table[(dice.random(table.shape) < HIDDEN) & (table > start.UNKNOWN)] = start.UNKNOWN
    return Batch(torch.tensor(table), torch.tensor(mask), torch.tensor(labels))

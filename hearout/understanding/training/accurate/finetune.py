"""Fine-tunes the encoder: two processes of one core each, which average their weights now and then.

The same data, seed, number of processes and library versions give the same weights. Sums of 16-bit
products on other processors may differ in the last digit.
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

from hearout.understanding.accurate.texts import PADDING, Pieces, plain
from hearout.understanding.training.accurate import start, tasks, vocabulary
from hearout.understanding.training.accurate.network import Network
from hearout.understanding.training.accurate.tasks import CLASSES, NO_LABEL, Examples

DEPTH = 10  # of the 12 layers: the upper ones are the likeliest to be spared, and the file stays small
PLACES = 128
PIECES = 34_000
PROCESSES = 2
POSTS = 64  # a step and process
TOGETHER = 20  # steps after which the processes' weights are averaged
ROUNDED = 8  # places: lengths are padded to its multiples, for every shape costs memory
RATE, HEAD_RATE, LOWER = 2e-4, 1e-3, 0.92  # of learning; each layer below learns so much less
FORGOTTEN = 0.04  # of a text's pieces are hidden, so that no single one decides


@dataclass(frozen=True, slots=True)
class Stage:
    """`run` steps of a rate that rises for `warm_up` steps to `rate` times the full one and then falls, in a
    straight line that reaches zero after `planned` steps. The lowest `kept` layers are not learnt: words and
    their order look the same everywhere. A stage begins with a fresh optimiser."""

    planned: int
    run: int
    warm_up: int
    rate: float
    kept: int


STAGES = (Stage(1492, 746, 90, 1.0, 2), Stage(220, 220, 12, 0.55, 5), Stage(420, 420, 25, 0.8, 2))
"""As the shipped weights were made: the second stage ended what the first began, the third went on from there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run needs to be told. `share`: of each stage's steps, to try things; `stage`: where to begin."""

    data: Path
    work: Path
    seed: int
    share: float = 1.0
    stage: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    numbers: Tensor
    mask: Tensor
    labels: Tensor


def prepare(plan: Plan) -> None:
    """Write which pieces are kept, once, for all processes and for the export."""
    plan.work.mkdir(parents=True, exist_ok=True)
    path = plan.work / "pieces.npy"
    if not path.exists():
        _, examples = tasks.load(plan.data)
        np.save(path, vocabulary.chosen(start.load(start.find()), examples.texts, PIECES))


def finetune(plan: Plan) -> None:
    """Write `weights.pt` (a state dictionary, read with `weights_only`) into the work folder."""
    prepare(plan)
    for stage in range(plan.stage, len(STAGES)):
        with tempfile.TemporaryDirectory() as meeting:
            multiprocessing.spawn(_process, (plan, stage, f"file://{meeting}/met"), PROCESSES)


def network(plan: Plan) -> tuple[Network, list[tuple[str, float]]]:
    """The network before training, and its pieces."""
    pieces = np.load(plan.work / "pieces.npy").tolist()
    begun = start.load(start.find())
    torch.manual_seed(plan.seed)
    built = Network(begun, pieces, DEPTH, PLACES)
    return built, [(begun.pieces[i], float(begun.scores[i])) for i in pieces]


def _process(rank: int, plan: Plan, stage: int, meeting: str) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=PROCESSES)
    model, pieces = network(plan)
    if stage:
        model.load_state_dict(torch.load(plan.work / "weights.pt", weights_only=True))
    _, examples = tasks.load(plan.data)
    one = STAGES[stage]
    model.places.requires_grad_(False)
    for part in (model.norm, *model.layers[: one.kept]):
        part.requires_grad_(False)
    steps = max(1, int(one.run * plan.share))
    batches = _batches(examples, Pieces(pieces), np.random.default_rng((plan.seed, rank, stage)), steps)
    weights = [
        torch.tensor(tasks.class_weights(np.array(examples.labels)[:, place], len(names)))
        for place, names in enumerate(CLASSES.values())
    ]
    torch.manual_seed(plan.seed + 1 + rank + PROCESSES * stage)
    _learn(model, batches, weights, _Run(rank, one, steps, plan.work))
    distributed.destroy_process_group()


@dataclass(frozen=True, slots=True)
class _Run:
    """One process of one stage."""

    rank: int
    stage: Stage
    steps: int
    work: Path


def _learn(model: Network, batches: Iterator[Batch], weights: list[Tensor], run: _Run) -> None:
    optimiser = torch.optim.AdamW(_groups(model, run.stage.rate), fused=True)
    warm, planned = run.stage.warm_up, run.stage.planned
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, (planned - step) / (planned - warm))
    )
    model.train()
    begun, losses = time.monotonic(), list[float]()
    for step, batch in enumerate(batches, 1):
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(batch.numbers, batch.mask)
        loss = _loss(logits, batch.labels, weights)
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        losses.append(loss.item())
        if step % TOGETHER == 0 or step == run.steps:
            _average(model)
        if run.rank == 0 and (step % 50 == 0 or step == run.steps):
            spent = time.monotonic() - begun
            print(f"  step {step} of {run.steps}, {spent:.0f} s, loss {np.mean(losses):.4f}", flush=True)
            losses.clear()
        if run.rank == 0 and (step % 100 == 0 or step == run.steps):
            torch.save(model.state_dict(), run.work / "weights.pt")


def _groups(model: Network, share: float) -> list[dict[str, object]]:
    """Parameters by how fast they learn; norms and intercepts are not pulled to zero."""
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        depth = int(name.split(".")[1]) if name.startswith("layers.") else -1
        head = name.startswith(("looks", "says"))
        rate = share * (HEAD_RATE if head else RATE * LOWER ** (DEPTH - 1 - depth))
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


def _batches(examples: Examples, pieces: Pieces, dice: np.random.Generator, steps: int) -> Iterator[Batch]:
    """Texts drawn as often as they are to be seen, those of like length together."""
    numbers = [pieces.numbered(plain(text)).pieces for text in examples.texts]
    labels = np.array(examples.labels)
    lengths = np.array([len(one) for one in numbers])
    drawn = np.array(examples.passes) / sum(examples.passes)
    made, window = 0, 40
    while made < steps:
        rows = dice.choice(len(numbers), POSTS * window, replace=False, p=drawn)
        rows = rows[np.argsort(lengths[rows] + dice.random(len(rows)), kind="stable")].reshape(window, POSTS)
        for batch in rows[dice.permutation(window)][: steps - made]:
            yield _batch([numbers[i] for i in batch], labels[batch], dice)
            made += 1


def _batch(numbers: list[list[int]], labels: np.ndarray, dice: np.random.Generator) -> Batch:
    longest = -(-max(map(len, numbers)) // ROUNDED) * ROUNDED
    table = np.full((len(numbers), longest), PADDING)
    for row, one in enumerate(numbers):
        table[row, : len(one)] = one
    mask = table != PADDING
    hidden = (dice.random(table.shape) < FORGOTTEN) & (table > start.UNKNOWN)
    table[hidden] = start.UNKNOWN
    return Batch(torch.tensor(table), torch.tensor(mask), torch.tensor(labels))

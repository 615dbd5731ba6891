"""Which reader an option `--tier` means."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from zipfile import BadZipFile

from hearout.cli.ground import TroubleError
from hearout.understanding import readers
from hearout.understanding.reading import Reader, Reading


class Tier(StrEnum):
    """How much a reading may cost."""

    FAST = "fast"
    ACCURATE = "accurate"
    AUTO = "auto"
    RULES = "rules"


SHARE = 0.1
"""Of the posts, how many the accurate tier may read again when nobody says otherwise."""

MODELS = "hearout.understanding.accurate"


def tier_reader(tier: Tier | None, share: float | None = None, budget: float | None = None) -> Reader:
    """The reader of a tier; None is `auto` where the accurate tier can run, else `fast`. Raises TroubleError.

    `share` and `budget` are those of `AutoReader`; with neither the share is `SHARE`.
    """
    if tier is None:
        tier = Tier.AUTO if accurate_can_run() else Tier.FAST
    if tier in (Tier.FAST, Tier.RULES):
        return readers.reader(_newest(tier))
    if lacking := _lacking():
        raise TroubleError(f"--tier {tier}: {lacking}, or take --tier fast.")
    if tier is Tier.ACCURATE:
        return _accurate()
    from hearout.understanding.tiers import AutoReader

    if budget is None and share is None:
        share = SHARE
    late = Late(_newest("accurate"), _accurate)
    return AutoReader(readers.reader(_newest("fast")), late, share, budget=budget)


def trained_reader(tier: Tier, folder: Path) -> Reader:
    """A reader with the arrays that `hearout train` wrote into a folder. Raises TroubleError."""
    if tier not in (Tier.FAST, Tier.ACCURATE):
        raise TroubleError("--model is one of the trained tiers: give --tier fast or --tier accurate.")
    found = sorted(folder.glob("fast-*.npz" if tier is Tier.FAST else "accurate-*.onnx"))
    if not found:
        raise TroubleError(
            f"{folder} holds no model of the {tier} tier. Make one: hearout train --tier {tier}."
        )
    try:
        if tier is Tier.FAST:
            from hearout.understanding.fast.model import FastModel
            from hearout.understanding.fast.reader import FastReader

            return FastReader(FastModel.load(found[-1]))
        from hearout.understanding.accurate.model import AccurateModel
        from hearout.understanding.accurate.reader import AccurateReader

        return AccurateReader(AccurateModel.load(found[-1]))
    except (ImportError, OSError, ValueError, KeyError, BadZipFile) as error:
        raise TroubleError(f"{found[-1]} cannot be loaded: {error}") from error


class Late:
    """A reader that is loaded when it first reads: a pipe's first answers need not wait for it."""

    def __init__(self, name: str, make: Callable[[], Reader]) -> None:
        self.name = name
        self._made = cache(make)

    def read(self, texts: Sequence[str], languages: Sequence[str | None] = ()) -> list[Reading]:
        return read_in(self._made(), texts, languages)


def accurate_can_run() -> bool:
    """Whether the accurate tier and the engine that runs it are here. Loads neither."""
    return not _lacking()


def _lacking() -> str:
    """What the accurate tier lacks here and what to do about it; "" where it lacks nothing."""
    if find_spec("onnxruntime") is None:
        return "ONNX Runtime is not installed here. Install it (pip install onnxruntime)"
    name = _newest("accurate")
    for file in (f"{name}.onnx", f"{name}.json"):
        if not (files(MODELS) / file).is_file():
            return f"the model's file {file} is not in this installation. Install Hearout again"
    return ""


def _accurate() -> Reader:
    """The accurate reader. Raises TroubleError where what is there cannot be loaded."""
    name = _newest("accurate")
    try:
        return readers.reader(name)
    except (ImportError, OSError, ValueError, KeyError) as error:
        raise TroubleError(
            f"{name} cannot be loaded: {error}. Install Hearout again, or take --tier fast."
        ) from error


def read_in(reader: Reader, texts: Sequence[str], languages: Sequence[str | None]) -> list[Reading]:
    """One reading a text by a reader that is told the languages known, if it listens to that."""
    if not any(languages) or "languages" not in inspect.signature(reader.read).parameters:
        return reader.read(texts)
    told: list[Reading] = reader.read(texts, languages=languages)  # type: ignore[call-arg]
    return told


def _newest(tier: str) -> str:
    return next(name for name in reversed(readers.NAMES) if name.startswith(tier))

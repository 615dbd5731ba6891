"""Which reader an option `--tier` means."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from enum import StrEnum
from importlib.util import find_spec

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


def tier_reader(tier: Tier | None, share: float = SHARE) -> Reader:
    """The reader of a tier; None is `auto` where the accurate tier can run, else `fast`. Raises TroubleError."""
    if tier is None:
        tier = Tier.AUTO if accurate_can_run() else Tier.FAST
    if tier in (Tier.ACCURATE, Tier.AUTO) and not accurate_can_run():
        raise TroubleError(f"--tier {tier}: the accurate tier is not installed here. Take --tier fast.")
    if tier is Tier.AUTO:
        from hearout.understanding.tiers import AutoReader

        return AutoReader(_named("fast"), _named("accurate"), share)
    return _named(tier)


def accurate_can_run() -> bool:
    """Whether its model and the engine that runs it are here. Loads neither."""
    known = any(name.startswith("accurate") for name in readers.NAMES)
    return known and all(find_spec(name) for name in ("hearout.understanding.tiers", "onnxruntime"))


def read_in(reader: Reader, texts: Sequence[str], languages: Sequence[str | None]) -> list[Reading]:
    """One reading a text by a reader that is told the languages known, if it listens to that."""
    if any(languages) and "languages" in inspect.signature(reader.read).parameters:
        told: list[Reading] = reader.read(texts, languages=languages)  # type: ignore[call-arg]
        return told
    return reader.read(texts)


def _named(tier: str) -> Reader:
    """The newest reader of a tier."""
    return readers.reader(next(name for name in reversed(readers.NAMES) if name.startswith(tier)))

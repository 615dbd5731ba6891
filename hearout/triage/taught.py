"""What each brand's reader has learnt and reads with now. Loaded once a version, which never changes."""

from __future__ import annotations

import logging

from hearout.triage.learnt import ReaderVersion
from hearout.understanding.adaptation import Adaptation, AdaptedReader, named
from hearout.understanding.reading import Reader

log = logging.getLogger(__name__)

_kept: dict[int, Adaptation | None] = {}


def learnt_by() -> dict[int, Adaptation]:
    """By brand id what is in use. One that cannot be loaded is left out and logged: posts are read without it."""
    found, in_use = {}, {}
    taken_up = ReaderVersion.objects.filter(taken_up_at__isnull=False, retired_at=None)
    for pk, brand_id in taken_up.values_list("pk", "brand_id"):
        in_use[pk] = _kept[pk] if pk in _kept else _loaded(pk)
        if adaptation := in_use[pk]:
            found[brand_id] = adaptation
    _kept.clear()
    _kept.update(in_use)
    return found


def with_learnt(base: Reader, learnt: Adaptation | None) -> Reader:
    """The reader with what a brand has learnt on top. Readings of another reader than it was learnt on stay."""
    return AdaptedReader(base, learnt) if learnt else base


def adaptation_of(version: ReaderVersion) -> Adaptation:
    """Raises ValueError when the arrays are none."""
    name = named(version.base, version.brand.slug, version.number)
    return Adaptation.from_bytes(bytes(version.arrays), version.base, name)


def _loaded(pk: int) -> Adaptation | None:
    version = ReaderVersion.objects.select_related("brand").get(pk=pk)
    try:
        return adaptation_of(version)
    except ValueError:
        log.exception("version %s of what %s has learnt cannot be loaded", version.number, version.brand)
        return None

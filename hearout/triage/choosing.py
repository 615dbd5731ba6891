"""Which reader reads a brand's posts: the one of the tier it has chosen, with what it has learnt."""

from __future__ import annotations

import logging
from functools import cache

from hearout.triage.models import Tier
from hearout.triage.rulebook import Page, Rulebook
from hearout.triage.taught import with_learnt
from hearout.understanding.adaptation import Adaptation
from hearout.understanding.readers import NAMES, reader
from hearout.understanding.reading import Reader
from hearout.understanding.tiers import AutoReader

log = logging.getLogger(__name__)

RULES = "rules-1"
FAST = max(name for name in NAMES if name.startswith("fast-"))
ACCURATE = max((name for name in NAMES if name.startswith("accurate-")), default="")

FIRST = ["Where is my bag?"]

_autos: dict[int, tuple[Adaptation | None, float, float, AutoReader]] = {}


def reader_of(brand_id: int, page: Page) -> Reader:
    """The same object for all brands that have settled the same and learnt nothing of their own."""
    if page.tier == Tier.RULES:
        return with_learnt(_loaded(RULES), page.learnt)
    if page.reads_again and (accurate := _accurate()):
        return _auto(brand_id, page, accurate)
    return with_learnt(_loaded(FAST), page.learnt)


def _auto(brand_id: int, page: Page, accurate: Reader) -> Reader:
    """One a brand, kept: it keeps account of the posts and the time that it may read again."""
    kept = _autos.get(brand_id)
    if kept is None or kept[0] is not page.learnt or kept[1:3] != (page.share, page.budget):
        fast = with_learnt(_loaded(FAST), page.learnt)
        auto = AutoReader(fast, accurate, page.share, budget=page.budget)
        kept = _autos[brand_id] = (page.learnt, page.share, page.budget, auto)
    return kept[3]


@cache
def _loaded(name: str) -> Reader:
    """The reader of this name, or the rules where it cannot be loaded: posts are read whatever happens."""
    try:
        return reader(name)
    except Exception:
        log.exception("the reader %s cannot be loaded; %s reads in its place", name, RULES)
        return reader(RULES)


@cache
def _accurate() -> Reader | None:
    """None where it is not installed or cannot be loaded: then the fast reader reads alone."""
    try:
        return reader(ACCURATE)
    except Exception as error:
        log.warning("the accurate reader cannot be loaded, so the fast one reads alone: %s", error)
        return None


def warm(book: Rulebook) -> None:
    """Load every reader that some brand uses, before the first post waits for it."""
    for brand_id, page in (*book.pages.items(), (0, book.page(0))):
        reader_of(brand_id, page).read(FIRST)
        if page.reads_again and (accurate := _accurate()):
            accurate.read(FIRST)

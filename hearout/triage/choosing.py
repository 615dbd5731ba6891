"""Which reader reads a brand's posts: the one of the tier it has chosen."""

from __future__ import annotations

import logging
from functools import cache

from hearout.triage.models import Tier
from hearout.triage.rulebook import Page, Rulebook
from hearout.triage.taught import with_learnt
from hearout.understanding.readers import NAMES, reader
from hearout.understanding.reading import Reader

log = logging.getLogger(__name__)

RULES = "rules-1"
FAST = max(name for name in NAMES if name.startswith("fast-"))


def reader_of(brand_id: int, page: Page) -> Reader:
    """The same object for all brands that have settled the same and learnt nothing of their own."""
    return with_learnt(_loaded(RULES if page.tier == Tier.RULES else FAST), page.learnt)


@cache
def _loaded(name: str) -> Reader:
    """The reader of this name, or the rules where it cannot be loaded: posts are read whatever happens."""
    try:
        return reader(name)
    except Exception:
        log.exception("the reader %s cannot be loaded; %s reads in its place", name, RULES)
        return reader(RULES)


def warm(book: Rulebook) -> None:
    """Load every reader that some brand uses, before the first post waits for it."""
    for brand_id, page in (*book.pages.items(), (0, book.page(0))):
        reader_of(brand_id, page).read(["Where is my bag?"])

"""The rules and reading settings of all brands and what they have learnt, compiled, and kept until one changes."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hearout.lib.claiming import Cursor
from hearout.triage.conditions import ConditionError
from hearout.triage.models import ReadingSettings, Rule, Tier
from hearout.triage.ruling import CompiledRule, compiled
from hearout.triage.taught import learnt_by
from hearout.triage.topics import finders
from hearout.triage.wanting import THRESHOLD
from hearout.understanding.adaptation import Adaptation
from hearout.understanding.topics import Finder

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Page:
    """What one brand has settled. `share`: of its posts, how many the accurate reader may read again, 0..1;
    `budget`: of one core's time, how much it may take for that, 0..1.

    `learnt`: what people taught the reader here. `topics`: what finds them, where the brand has its own.
    """

    rules: Sequence[CompiledRule] = ()
    threshold: float = THRESHOLD
    tier: str = Tier.FAST
    share: float = 0.0
    budget: float = 0.0
    learnt: Adaptation | None = None
    topics: Finder | None = None

    @classmethod
    def of(cls, settings: ReadingSettings, rules: Sequence[CompiledRule] = ()) -> Page:
        again = settings.tier == Tier.AUTO
        share, budget = (settings.accurate_share, settings.accurate_budget) if again else (0.0, 0.0)
        return cls(rules, settings.threshold, settings.tier, share, budget)

    @property
    def reads_again(self) -> bool:
        return self.tier == Tier.AUTO and self.share > 0 and self.budget > 0


@dataclass(slots=True)
class Rulebook:
    pages: Mapping[int, Page] = field(default_factory=dict)

    def page(self, brand_id: int) -> Page:
        """That of the brand; of one that has settled nothing, what `ReadingSettings` starts with."""
        return self.pages.get(brand_id, UNSETTLED)


UNSETTLED = Page()

# A few dozen short rows: reading them all is cheaper than missing a change that forgot to say so.
_EDITION = """
SELECT md5(coalesce((SELECT string_agg(r::text, ',' ORDER BY id) FROM triage_rule r), '')),
       md5(coalesce((SELECT string_agg(s::text, ',' ORDER BY id) FROM triage_readingsettings s), '')),
       md5(coalesce((SELECT string_agg(t::text, ',' ORDER BY id) FROM triage_topic t), '')),
       (SELECT string_agg(id::text, ',' ORDER BY id) FROM triage_readerversion
        WHERE taken_up_at IS NOT NULL AND retired_at IS NULL)
"""

_kept: tuple[object, Rulebook] = ((), Rulebook())


def rulebook(cursor: Cursor) -> Rulebook:
    """The book as it is now. One small query tells whether it has changed."""
    global _kept
    cursor.execute(_EDITION)
    edition = cursor.fetchall()[0]
    if _kept[0] != edition:
        _kept = (edition, _written())
    return _kept[1]


def _written() -> Rulebook:
    pages = {one.brand_id: Page.of(one) for one in ReadingSettings.objects.all()}
    for rule in Rule.objects.filter(active=True).order_by("brand_id", "position", "id"):
        page = pages.setdefault(rule.brand_id, Page())
        page.rules = [*page.rules, *usable([rule])]
    for brand_id, learnt in learnt_by().items():
        pages.setdefault(brand_id, Page()).learnt = learnt
    for brand_id, finder in finders().items():
        pages.setdefault(brand_id, Page()).topics = finder
    return Rulebook(pages)


def compiled_in_order(rules: Iterable[Rule]) -> list[CompiledRule]:
    """The active ones among these rules, saved or not, in their order. Raises ConditionError."""
    ordered = sorted(rules, key=lambda rule: (rule.position, rule.pk or 2**62))
    return [compiled(rule) for rule in ordered if rule.active]


def usable(rules: Iterable[Rule]) -> Sequence[CompiledRule]:
    """The rules whose conditions are right; one that is not is left out and logged, and stops nothing."""
    found = []
    for rule in rules:
        try:
            found.append(compiled(rule))
        except ConditionError as error:
            log.error("rule %s (%s) is left out: %s", rule.pk, rule.name, error)
    return found
